"""What an inspection finds in stacks whose faults are known."""

from __future__ import annotations

import json
import os
from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from focusstack import InputError, MemoryLimitError, Recipe, RecipeError, TooFewFrames
from focusstack import inspect_stack as inspect
from focusstack.events import StepFinished
from focusstack.inspection import as_document
from focusstack.synthetic import render, write_stack
from truth import EVEN, STILL, rendered

SCENE = {"size": (300, 200), "frames": 14}


def frames(scene="plane", **settings):
    return rendered(scene, **{**SCENE, **settings})


def shaken(pixels, length=9):
    """A frame during which the camera moved."""
    kernel = np.zeros((length, length), np.float32)
    np.fill_diagonal(kernel, 1 / length)
    return cv2.filter2D(pixels, -1, kernel)


@pytest.mark.parametrize("scene", ["plane", "steps", "still-life"])
@pytest.mark.parametrize("seed", [1, 7])
def test_nothing_is_wrong_with_a_good_stack(scene, seed):
    report = inspect(frames(scene, seed=seed)[0])
    assert report.usual
    assert report.gaps_judged
    assert report.midway_contrast > 0.8
    assert not any(f.problem or f.left_out for f in report.frames)


@pytest.mark.parametrize("first", [3, 6, 8])
@pytest.mark.parametrize("missing", [2, 4])
@pytest.mark.parametrize("scene", ["plane", "still-life"])
def test_a_run_of_missing_frames_is_a_gap_between_the_right_two(scene, first, missing):
    every = frames(scene)[0]
    left = every[:first] + every[first + missing :]
    report = inspect(left)
    assert [(gap.before, gap.after) for gap in report.gaps] == [(first - 1, first)]
    gap = report.gaps[0]
    assert gap.step > 2
    assert gap.contrast < report.midway_contrast
    assert not report.ends
    assert f"array {first - 1} and array {first}" in " ".join(s.text for s in report.suggestions)


def test_the_region_of_a_gap_is_what_lies_between_the_frames():
    every, truth = frames("plane", **STILL)
    report = inspect(every[:6] + every[9:])
    region = report.gaps[0].region
    depth = cv2.resize(truth.depth, region.shape[::-1], interpolation=cv2.INTER_AREA)
    lost = (depth > 5.9) & (depth < 8.1)
    far = (depth < 4.5) | (depth > 9.5)
    assert region[lost & report.detailed].mean() > 0.5
    assert region[far].mean() < 0.05
    x, y, width, height = report.gaps[0].box
    assert 0 <= x < x + width <= 300
    assert 0 <= y < y + height <= 200


@pytest.mark.parametrize(("cut", "end"), [(slice(4, None), "first"), (slice(None, -4), "last")])
def test_a_stack_that_begins_too_late_or_stops_too_early(cut, end):
    report = inspect(frames("plane")[0][cut])
    assert [found.end for found in report.ends] == [end]
    assert report.ends[0].frame == (0 if end == "first" else 9)
    assert 0.05 < report.ends[0].share < 0.6
    assert not report.gaps


def test_a_frame_that_comes_twice_is_found_and_makes_no_gap():
    every = frames()[0]
    report = inspect([*every[:6], every[5].copy(), *every[6:]])
    assert [(r.frames, r.kind) for r in report.repeats] == [((5, 6), "pixels")]
    assert not report.gaps


def test_a_copy_elsewhere_in_the_stack_is_found_too():
    every = frames("plane", **STILL)[0]
    report = inspect([*every, every[3]])
    assert [(r.frames, r.kind) for r in report.repeats] == [((3, 14), "pixels")]


def test_a_second_exposure_at_the_same_focus_is_nearly_the_same():
    every = frames()[0]
    noise = np.random.default_rng(3).normal(0, 1.0, every[5].shape)
    again = np.clip(every[5] + noise, 0, 255).astype(np.uint8)
    report = inspect([*every[:6], again, *every[6:]])
    assert [(r.frames, r.kind) for r in report.repeats] == [((5, 6), "focus")]
    assert not report.gaps


def test_copied_files_are_told_from_equal_pictures(tmp_path):
    paths = write_stack(render("plane", **SCENE), tmp_path)
    copy = tmp_path / "frame_05b.jpg"
    copy.write_bytes(paths[5].read_bytes())
    report = inspect(tmp_path)
    assert [r.kind for r in report.repeats] == ["file"]
    assert {Path(report.frames[i].name).name for i in report.repeats[0].frames} == {
        paths[5].name,
        copy.name,
    }
    assert report.formats == {"jpg": 15}
    assert report.job.file_bytes == sum(p.stat().st_size for p in tmp_path.iterdir())


def test_a_black_frame_is_left_out_as_black():
    every = frames()[0]
    every[4] = np.zeros_like(every[4])
    report = inspect(every)
    assert [f.index for f in report.frames if f.left_out] == [4]
    assert report.frames[4].left_out == "black"
    assert report.frames[4].drift_px is None
    assert report.frames[4].brightness_percent == 0
    assert not report.usual


def test_a_frame_of_another_scene_is_left_out():
    every = frames("plane")[0]
    every[6] = frames("steps", seed=9)[0][6]
    left_out = {f.index: f.left_out for f in inspect(every).frames if f.left_out}
    assert list(left_out) == [6]
    assert left_out[6] != "black"


@pytest.mark.parametrize("at", [3, 7, 10])
def test_a_shaken_frame_is_blurred(at):
    every = frames()[0]
    every[at] = shaken(every[at])
    report = inspect(every)
    assert [f.index for f in report.frames if f.problem or f.left_out] == [at]
    assert "blurred" in (report.frames[at].problem or report.frames[at].left_out)
    assert all((gap.before, gap.after) == (at - 1, at + 1) for gap in report.gaps)
    suggested = any(f"array {at}" in s.text for s in report.suggestions)
    assert suggested or report.frames[at].left_out  # a frame that stacking leaves out needs none


def test_another_reference_is_suggested_if_the_chosen_one_is_blurred():
    every = frames(**STILL)[0]
    every[6] = shaken(every[6])
    report = inspect(every, Recipe(reference=6))
    options = [s.options for s in report.suggestions if s.options.startswith("--reference")]
    assert len(options) == 1
    assert options[0] != "--reference 6"


def test_a_shuffled_stack_is_put_in_order():
    every, _ = frames("plane")
    mixed = [int(i) for i in np.random.default_rng(4).permutation(14)]
    report = inspect([every[i] for i in mixed])
    assert report.shuffled
    found = [mixed[i] for i in report.order]
    assert found in (list(range(14)), list(range(13, -1, -1)))
    assert not report.gaps


def test_exposure_is_told_in_ev():
    every, truth = frames("plane", **STILL, flicker=0.3, white_balance=0.0)
    report = inspect(every)
    light = np.log2(truth.gains.mean(axis=1))
    true = light - light[report.reference_index]
    assert np.abs(true).max() > 0.2
    np.testing.assert_allclose([f.exposure_ev for f in report.frames], true, atol=0.03)


def test_white_balance_is_told_in_per_cent():
    even = inspect(frames("plane", **STILL, **EVEN)[0])
    warm = inspect(frames("plane", **STILL, flicker=0.0, white_balance=0.1)[0])
    assert max(f.white_balance_percent for f in even.frames) < 1
    assert max(f.white_balance_percent for f in warm.frames) > 4
    assert max(abs(f.exposure_ev) for f in warm.frames) < 0.1


def test_drift_magnification_and_roll_are_the_true_ones():
    every, truth = frames("plane", drift_px=5.0, breathing=0.04, roll_deg=0.3, blur_px=0.4)
    report = inspect(every)
    back = np.linalg.inv(truth.transforms[report.reference_index])
    centre = np.array([149.5, 99.5, 1.0])
    for frame, placed in zip(report.frames, truth.transforms, strict=True):
        frame_from_reference = np.linalg.inv(back @ placed)
        moved = (frame_from_reference @ centre)[:2] - centre[:2]
        np.testing.assert_allclose(frame.drift_px, moved, atol=0.6)
        scale = np.sqrt(np.linalg.det(frame_from_reference[:2, :2]))
        assert frame.magnification_percent == pytest.approx(100 * (scale - 1), abs=0.15)
        turn = np.degrees(np.arctan2(frame_from_reference[1, 0], frame_from_reference[0, 0]))
        assert frame.roll_deg == pytest.approx(turn, abs=0.06)


def test_what_is_sharpest_in_each_frame_follows_the_depth():
    every, truth = frames("plane", **STILL)
    report = inspect(every)
    nearest = np.clip(np.rint(truth.depth), 0, 13).astype(int)
    true = np.bincount(nearest.ravel(), minlength=14) / nearest.size
    found = [f.sharpest_share for f in report.frames]
    assert sum(found) == pytest.approx(1)
    np.testing.assert_allclose(found, true, atol=0.06)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_other_depths_are_judged_alike(dtype):
    every = frames()[0][:5] + frames()[0][8:]
    top = 65535 if dtype == np.uint16 else 1
    report = inspect([(f.astype(np.float64) / 255 * top).astype(dtype) for f in every])
    assert report.bits == 8 * np.dtype(dtype).itemsize
    assert [(gap.before, gap.after) for gap in report.gaps] == [(4, 5)]


def test_grey_frames_are_judged_too():
    every = [f.mean(axis=2).astype(np.uint8) for f in frames()[0]]
    report = inspect(every)
    assert report.channels == 1
    assert report.usual
    assert report.preview.shape[2] == 1


def test_a_stack_too_short_to_judge_says_so():
    report = inspect(frames()[0][:3])
    assert not report.gaps_judged
    assert len(report.frames) == 3


def test_nothing_to_see_is_no_error():
    flat = [np.full((60, 80, 3), 128, np.uint8) for _ in range(5)]
    report = inspect(flat)
    assert not report.gaps_judged
    assert report.midway_contrast is None
    assert not report.detailed.any()


def test_the_result_does_not_depend_on_threads():
    every = frames()[0]
    one, three = (replace(inspect(every, threads=n), job=None) for n in (1, 3))
    assert one == three
    np.testing.assert_array_equal(one.preview, three.preview)


def test_memory_is_checked_for_the_run_that_is_not_done():
    every = frames()[0][:5]
    report = inspect(every, memory=1000)
    assert not report.job.fits
    assert report.suggestions
    assert inspect(every).job.fits
    assert report.job.megapixels == pytest.approx(5 * 0.06)
    from focusstack import stack

    with pytest.raises(MemoryLimitError):
        stack(every, memory=1000)


def test_events_and_errors_are_those_of_a_run():
    seen = []
    inspect(frames()[0][:4], observer=seen.append)
    assert [e.step for e in seen if isinstance(e, StepFinished)] == ["align", "inspect"]
    with pytest.raises(TooFewFrames):
        inspect(frames()[0][:1])
    with pytest.raises(RecipeError):
        inspect(frames()[0], threads=0)
    with pytest.raises(InputError):
        inspect(os.devnull)


def test_the_document_is_json_with_all_but_the_pictures():
    every = frames()[0]
    report = inspect(every[:5] + every[8:])
    document = as_document(report)
    assert json.loads(json.dumps(document)) == document
    names = {field.name for field in fields(report)} - {"preview", "detailed"}
    assert set(document) == names | {"schema_version"}
    assert "region" not in document["gaps"][0]
