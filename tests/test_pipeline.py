"""Whole runs: what goes in, what comes out, and what is said meanwhile."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from focusstack import (
    FocusstackError,
    MemoryLimitError,
    Recipe,
    RecipeError,
    StackResult,
    TooFewFrames,
    stack,
)
from focusstack.plan import make_plan
from focusstack.recipe import METHODS
from focusstack.synthetic import render, write_stack
from truth import (
    EVEN,
    SMALL,
    STILL,
    Headers,
    as_float,
    assert_same,
    placed_to,
    psnr,
    rendered,
    small_frames,
    true_on_canvas,
)

ANY = pytest.mark.parametrize("method", METHODS)
CHOOSING = pytest.mark.parametrize("method", [m for m in METHODS if m != "average"])
CLASSIC = Recipe(method="laplacian")
MODEST = {"size": (150, 100)}
"""Frames that have all to do that larger ones have, where no quality is measured."""


# ---------------------------------------------------------------- what goes in and comes out


@ANY
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [0, 1, 3, 4])
def test_dtype_and_size_are_those_of_the_frames(method, dtype, channels):
    frames = [shaped(f, dtype, channels) for f in small_frames(bits=16)]
    result = stack(frames, Recipe(method=method, crop=False))
    assert isinstance(result, StackResult)
    assert result.image.dtype == dtype
    assert result.image.shape == (72, 96, 3 if channels >= 3 else 1)
    assert result.image.flags.c_contiguous
    assert result.depth.shape == (72, 96)
    assert result.depth.dtype == np.float32
    assert any("alpha" in w for w in result.warnings) == (channels == 4)
    spread = as_float(result.image)
    assert 0 <= spread.min() < 0.4 < 0.6 < spread.max() <= 1


def shaped(frame, dtype, channels):
    """A 16-bit RGB frame in another dtype and with other channels; 0 is grey without an axis."""
    values = as_float(frame)
    if channels <= 1:
        values = values.mean(axis=2, keepdims=channels == 1)
    if channels == 4:
        values = np.concatenate([values, np.ones_like(values[..., :1])], axis=2)
    if dtype is np.float32:
        return values.astype(np.float32)
    return np.rint(values * np.iinfo(dtype).max).astype(dtype)


def test_one_array_with_four_axes_is_a_stack():
    frames = small_frames()
    a, b = stack(frames), stack(np.stack(frames))
    np.testing.assert_array_equal(a.image, b.image)


def test_alpha_plays_no_part():
    frames = small_frames()
    rng = np.random.default_rng(0)
    alpha = [rng.integers(0, 256, (72, 96, 1)).astype(np.uint8) for _ in frames]
    with_alpha = [np.concatenate(pair, axis=2) for pair in zip(frames, alpha, strict=True)]
    np.testing.assert_array_equal(stack(with_alpha).image, stack(frames).image)


@pytest.mark.parametrize(("bits", "suffix"), [(8, "png"), (16, "tif")])
@pytest.mark.parametrize("how", ["folder", "string", "paths", "mixed"])
def test_files_are_like_arrays(tmp_path, bits, suffix, how):
    made = render("plane", **{**SMALL, "bits": bits})
    paths = write_stack(made, tmp_path / "frames", suffix)
    sources = {
        "folder": tmp_path / "frames",
        "string": str(tmp_path / "frames"),
        "paths": paths,
        "mixed": [str(paths[0]), *paths[1:]],
    }
    by_file, by_array = stack(sources[how]), stack(list(made.frames()))
    np.testing.assert_array_equal(by_file.image, by_array.image)
    np.testing.assert_array_equal(by_file.depth, by_array.depth)
    assert by_file.inputs == tuple(paths)
    assert [Path(name).name for name in by_file.names] == [p.name for p in paths]
    assert by_array.inputs == ()


def test_inputs_are_not_changed():
    frames = [f.copy() for f in small_frames()]
    before = [f.copy() for f in frames]
    stack(frames)
    stack(frames, CLASSIC)
    np.testing.assert_array_equal(frames, before)


def test_the_result_does_not_share_memory_with_the_frames():
    frames = [f.copy() for f in small_frames(**STILL)]
    result = stack(frames, Recipe(align="none", method="laplacian"))
    assert not any(np.shares_memory(result.image, f) for f in frames)


@ANY
def test_no_depth_unless_asked_for(method):
    frames = small_frames()
    with_depth, without = (stack(frames, Recipe(method=method, depth=d)) for d in (True, False))
    assert without.depth is None
    np.testing.assert_array_equal(with_depth.image, without.image)


@ANY
def test_the_depth_is_the_same_whatever_fuses(method):
    frames = small_frames()
    recipe = Recipe(align="none", crop=False, reference=0)
    usual = stack(frames, recipe)
    np.testing.assert_array_equal(stack(frames, replace(recipe, method=method)).depth, usual.depth)


def test_a_saved_picture_is_the_picture(tmp_path):
    import tifffile

    result = stack(small_frames(bits=16))
    assert result.save(tmp_path / "new" / "out.tif") == []
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "new" / "out.tif"), result.image)


# ---------------------------------------------------------------- how good it is


BARS = [
    # method, scene, settings, dB against the truth
    ("pyramid", "plane", {}, 43),
    ("pyramid", "plane", {"iso": 800, "frames": 9}, 40),
    ("pyramid", "steps", {}, 35),
    ("pyramid", "flat", {}, 50),
    ("laplacian", "plane", {}, 39),
    ("laplacian", "steps", {}, 33),
    ("wavelet", "plane", {}, 42),
    ("wavelet", "steps", {}, 34),
    ("depthmap", "plane", {}, 42),
    ("depthmap", "steps", {}, 34),
]


@pytest.mark.parametrize(("method", "scene", "settings", "bar"), BARS, ids=str)
def test_the_fused_image_is_near_the_truth(method, scene, settings, bar):
    frames, truth = rendered(scene, **settings)
    result = stack(frames, Recipe(method=method, align="auto", depth=False, clean=False))
    found = psnr(result.image, true_on_canvas(truth.fused, truth, result.alignment))
    assert found >= bar
    assert found >= best_single(frames, truth) + 4


def best_single(frames, truth):
    """PSNR of the frame that is nearest to what it would be with everything in focus."""
    height, width = frames[0].shape[:2]
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    found = []
    for frame, transform in zip(frames, truth.transforms, strict=True):
        border = cv2.BORDER_REPLICATE
        true = cv2.warpAffine(
            truth.fused, transform[:2], (width, height), flags=flags, borderMode=border
        )
        found.append(psnr(frame, true.reshape(frame.shape), border=10))
    return max(found)


def test_the_classic_method_works_with_its_own_alignment():
    frames, truth = rendered("steps", size=(420, 300), frames=5)
    result = stack(frames, CLASSIC)
    assert result.alignment.model == "homography"
    assert result.alignment.reference_index == 0
    assert result.image.shape == frames[0].shape
    true = true_on_canvas(truth.fused, truth, result.alignment)
    # the original keeps the whole frame, so a border that few frames cover is left out here
    assert psnr(result.image, true, border=20) >= best_single(frames, truth) + 3


def test_sixteen_bits_are_really_used():
    coarse, truth = rendered("plane", iso=0)
    fine, _ = rendered("plane", iso=0, bits=16)
    result = stack(fine)
    assert len(np.unique(result.image)) > 10_000
    assert len(np.unique(result.image & 0xFF)) == 256
    true = true_on_canvas(truth.fused, truth, result.alignment)
    assert psnr(result.image, true) > psnr(stack(coarse).image, true)


def test_float_frames_are_not_rounded():
    frames = [as_float(f).astype(np.float32) for f in rendered("plane", iso=0, bits=16)[0]]
    result = stack(frames)
    assert len(np.unique(result.image)) > 70_000


def test_noise_goes_down():
    frames, truth = rendered("flat", iso=1600, frames=9)
    result = stack(frames)
    true = true_on_canvas(truth.fused, truth, result.alignment)
    assert psnr(result.image, true) > best_single(frames, truth) + 5


@CHOOSING
def test_matching_exposure_helps_a_flickering_stack(method):
    uneven = {"flicker": 0.25, "white_balance": 0.08}
    frames, truth = rendered("steps", **uneven)
    # the truth has the exposure of frame 3
    placed = placed_to("steps", 3, **uneven)
    bars = []
    for match in (False, True):
        recipe = Recipe(method=method, clean=False, match_exposure=match)
        result = stack(frames, recipe, alignment=placed)
        bars.append(psnr(result.image, true_on_canvas(truth.fused, truth, result.alignment)))
    assert bars[1] > bars[0] + 2


def test_matching_exposure_leaves_even_stacks_alone():
    frames, _ = rendered("plane", **STILL, **EVEN)
    on, off = (stack(frames, Recipe(match_exposure=m)).image for m in (True, False))
    np.testing.assert_array_equal(on, off)


@ANY
def test_the_crop_is_the_middle_of_the_whole(method):
    frames, _ = rendered("steps")
    placed = placed_to("steps", 3)
    whole, crop = (
        stack(frames, Recipe(method=method, clean=False, crop=c), alignment=placed)
        for c in (False, True)
    )
    x, y, width, height = crop.alignment.crop
    assert whole.alignment.crop == (0, 0, 300, 200)
    assert whole.image.shape == frames[0].shape
    assert crop.image.shape == (height, width, 3)
    assert crop.depth.shape == (height, width)
    assert (width, height) < (300, 200)
    part = whole.image[y : y + height, x : x + width]
    if method == "laplacian":
        inner = np.s_[12:-12, 12:-12]
        apart = np.abs(part[inner].astype(int) - crop.image[inner])
        # frames that do not cover the canvas are resampled in floats, the others in 16 bits
        assert (apart == 0).mean() > 0.97
        assert (apart <= 1).mean() > 0.995
    # the pyramid's grid starts at another pixel, which moves every coarse sample
    assert psnr(part, crop.image, border=24) > 40


def test_the_whole_canvas_is_filled():
    frames, truth = rendered("plane", drift_px=12.0)
    result = stack(frames, Recipe(crop=False))
    true = true_on_canvas(truth.fused, truth, result.alignment)
    assert np.isfinite(as_float(result.image)).all()
    # at the very border only some frames have data, perhaps none of them sharp
    assert np.abs(as_float(result.image) - true).mean() < 0.02


def test_a_small_common_part_is_warned_about():
    frames, _ = rendered("plane", size=(160, 120), drift_px=50.0, roll_deg=0.0)
    result = stack(frames, Recipe(align="similarity"))
    _, _, width, height = result.alignment.crop
    assert (width * height < 0.5 * 160 * 120) == any("keep-size" in w for w in result.warnings)


# ---------------------------------------------------------------- the same again


@ANY
def test_the_number_of_threads_changes_nothing(method):
    # threads share rows out in strips of up to 128
    frames, _ = rendered("steps", size=(100, 280), frames=5)
    recipe = Recipe(method=method, crop=False)
    one = stack(frames, recipe, threads=1)
    for threads in (2, 4):
        assert_same(one, stack(frames, recipe, threads=threads))


@ANY
def test_reading_ahead_changes_nothing(method, monkeypatch):
    frames, _ = rendered("steps", **MODEST)
    recipe = Recipe(method=method)
    usual = stack(frames, recipe)
    for read_ahead in (0, 1, 5):

        def plan(*arguments, read_ahead=read_ahead):
            return replace(make_plan(*arguments), read_ahead=read_ahead)

        monkeypatch.setattr("focusstack.pipeline.make_plan", plan)
        assert_same(stack(frames, recipe), usual)


def test_a_memory_limit_changes_nothing():
    frames, _ = rendered("steps", **MODEST)
    with pytest.raises(MemoryLimitError) as error:
        stack(frames, memory=1 << 20)
    # what the tests hold themselves may grow a little until the next run
    enough = suggested(error.value) + (50 << 20)
    assert_same(stack(frames, memory=enough), stack(frames, memory=1 << 40))


def test_running_again_changes_nothing():
    frames, _ = rendered("steps", **MODEST)
    assert_same(stack(frames), stack(frames))


@pytest.mark.parametrize("scene", ["plane", "steps"])
@pytest.mark.parametrize(
    "recipe",
    [Recipe(), CLASSIC, Recipe(reference="last", crop=False), Recipe(align="affine", sharpness=4)],
    ids=["default", "classic", "last", "affine"],
)
def test_the_recipe_in_a_result_makes_it_again(scene, recipe):
    frames, _ = rendered(scene, **MODEST)
    first = stack(frames, recipe)
    assert None not in (first.recipe.reference, first.recipe.align, first.recipe.crop)
    again = stack(frames, Recipe.from_json(first.recipe.to_json()))
    assert again.recipe == first.recipe
    assert_same(first, again)


def test_the_recipe_of_a_stack_that_does_not_move_makes_it_again():
    frames, _ = rendered("plane", **MODEST, **STILL)
    first = stack(frames)
    assert first.recipe.align == "none"
    assert_same(first, stack(frames, first.recipe))


def test_runs_side_by_side_do_not_disturb_each_other():
    stacks = [rendered(scene, **MODEST)[0] for scene in ("plane", "steps")] * 2
    alone = [stack(frames, threads=2) for frames in stacks[:2]] * 2
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda frames: stack(frames, threads=2), stacks))
    for a, b in zip(alone, together, strict=True):
        assert_same(a, b)


# ---------------------------------------------------------------- refusals


def suggested(error):
    """Bytes that a refusal says would be enough."""
    found = re.search(r"--memory (\d+)M", error.hint)
    assert found, error.hint
    return int(found[1]) << 20


@ANY
def test_a_run_that_cannot_fit_is_refused_before_any_frame_is_read(method):
    with pytest.raises(MemoryLimitError, match="8000x6000") as error:
        stack(Headers(), Recipe(method=method), memory=300 << 20)
    assert "300 MiB" in error.value.message
    enough = suggested(error.value)
    # what the tests hold themselves may change a little until the next run
    with pytest.raises(AssertionError, match="was read"):
        stack(Headers(), Recipe(method=method), memory=enough + (50 << 20))
    with pytest.raises(MemoryLimitError):
        stack(Headers(), Recipe(method=method), memory=enough - (50 << 20))


def test_a_refusal_names_cheaper_ways_that_are_cheaper():
    with pytest.raises(MemoryLimitError) as error:
        stack(Headers(), memory=300 << 20)
    amounts = [int(a.replace(",", "")) for a in re.findall(r"([\d,]+) MiB with", error.value.hint)]
    assert amounts
    assert max(amounts) << 20 < suggested(error.value)


@pytest.mark.parametrize("threads", [0, -1])
def test_no_threads_make_no_picture(threads):
    with pytest.raises(RecipeError, match="threads"):
        stack(small_frames(), threads=threads)


def test_a_reference_that_is_not_there():
    with pytest.raises(RecipeError, match="reference is frame 5, but there are 5"):
        stack(small_frames(), Recipe(reference=5))


@pytest.mark.parametrize("count", [0, 1])
def test_a_stack_has_two_frames_or_more(count):
    with pytest.raises(TooFewFrames):
        stack([np.zeros((20, 20, 3), np.uint8)] * count)


@pytest.mark.parametrize("size", [(8, 8), (9, 8), (8, 300), (17, 13)])
@ANY
def test_the_smallest_frames_stack(method, size):
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (size[1], size[0], 3)).astype(np.uint8) for _ in range(3)]
    result = stack(frames, Recipe(method=method, align="none"))
    assert result.image.shape == frames[0].shape
    for align in ("auto", "homography"):
        # too small to align; either they stay or the refusal is one for people
        with suppress(FocusstackError):
            stack([frames[0]] * 3, Recipe(method=method, align=align))


def test_room_to_keep_frames_changes_no_bit(monkeypatch, tmp_path):
    frames = rendered("plane", frames=3)[0]
    for k, frame in enumerate(frames):
        large = cv2.resize(frame, (1500, 1000), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(tmp_path / f"{k}.jpg"), large[..., ::-1])
    kept = stack(tmp_path, Recipe())
    monkeypatch.setattr("focusstack.plan.KEPT_BYTES", 0)
    monkeypatch.setattr("focusstack.plan.KEPT_SHARE", 0)
    read_anew = stack(tmp_path, Recipe())
    np.testing.assert_array_equal(kept.image, read_anew.image)
    np.testing.assert_array_equal(kept.depth, read_anew.depth)
