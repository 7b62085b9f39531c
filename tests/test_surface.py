"""The depth as a surface: heights, sections, views from beside the camera, animations."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from PIL import Image

from focusstack.errors import OutputExists, UnknownFormat
from focusstack.steps.write import write_animation
from focusstack.surface import (
    Heights,
    Scene,
    anaglyph,
    heights,
    pair,
    rocking,
    section,
    seen_from,
)


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def scene_of(pixels, depth, near_last=True):
    sure = np.ones_like(depth)
    return Scene(lambda top, bottom: pixels[top:bottom], depth, heights(depth, sure), near_last)


def reference_view(pixels, near, reach):
    """As simple as possible, without tears: of all pieces over a column, the nearest."""
    seen = np.full(pixels.shape, np.nan)
    for row in range(near.shape[0]):
        place = np.arange(near.shape[1]) - reach * (near[row] - 0.5)
        for x in range(near.shape[1]):
            best = -np.inf
            for u in range(near.shape[1] - 1):
                if not place[u] <= x < place[u + 1]:
                    continue  # beside the column, or seen from behind
                share = (x - place[u]) / (place[u + 1] - place[u])
                close = near[row, u] + share * (near[row, u + 1] - near[row, u])
                if close > best:
                    best = close
                    piece = pixels[row, u : u + 2].astype(float)
                    seen[row, x] = piece[0] + share * (piece[1] - piece[0])
    return seen


@pytest.mark.parametrize("reach", [0.0, 3.0, 11.5])
def test_a_view_shows_the_nearest_of_what_lies_in_a_line(reach):
    pixels, x = noise(6, 90), np.arange(90)
    phases = np.arange(6)[:, None]
    near = (0.5 + 0.5 * np.sin(x / 9 + phases)).astype(np.float32)
    expected = reference_view(pixels, near, reach)
    got = seen_from(pixels, near, reach).astype(float)
    inside = np.isfinite(expected)
    assert inside.mean() > 0.8
    assert np.abs(got - expected)[inside].max() <= 0.51 + 1e-3


def test_the_other_eye_sees_the_mirror_image():
    pixels, near = noise(4, 70), np.random.default_rng(1).random((4, 70), np.float32)
    left = seen_from(pixels, near, -7)
    right = seen_from(pixels[:, ::-1], near[:, ::-1], 7)[:, ::-1]
    np.testing.assert_array_equal(left, right)


def test_what_comes_out_from_behind_is_ground_and_not_thing():
    ground = np.repeat(np.linspace(60, 200, 100).astype(np.uint8)[None, :, None], 3, axis=2)
    pixels, near = np.repeat(ground, 20, axis=0), np.zeros((20, 100), np.float32)
    pixels[:, 40:60], near[:, 40:60] = (255, 0, 0), 1
    seen = seen_from(pixels, near, 12).astype(int)
    red = (seen[..., 0] > 220) & (seen[..., 1] < 30)
    assert (np.nonzero(red[10])[0] == np.arange(34, 54)).all()  # 6 px to the left
    freed = seen[:, 55:65]
    assert np.ptp(freed, axis=2).max() < 3  # grey, as the ground is
    assert abs(freed.mean() - pixels[:, 60:70].mean()) < 15


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (3, 1), (2, 5), (65, 7)])
def test_views_of_any_size(size):
    pixels, depth = noise(*size), np.random.default_rng(2).random(size, np.float32)
    for eye in (-1, 0, 1):
        seen = scene_of(pixels, depth).view(eye, 0.04)
        assert seen.shape == pixels.shape
    np.testing.assert_array_equal(scene_of(pixels, depth).view(0, 0.04), pixels)


def test_bands_do_not_show():
    y, x = np.mgrid[:150, :80].astype(np.float32)
    depth = np.hypot(y - 70, x - 40)
    pixels = noise(150, 80)
    whole = scene_of(pixels, depth)
    upper = Scene(lambda a, b: pixels[10:][a:b], depth[10:], whole.ground, True)
    np.testing.assert_array_equal(whole.view(1, 0.1)[20:], upper.view(1, 0.1)[10:])


def test_which_frame_is_nearest_turns_the_depth_over():
    pixels, depth = noise(30, 200), np.zeros((30, 200), np.float32)
    depth[:, 100:] = 9
    first, last = (scene_of(pixels, depth, near_last).view(1, 0.1) for near_last in (False, True))
    part = pixels[:, 130:160]
    np.testing.assert_array_equal(last[:, 125:155], part)  # near: to the left
    np.testing.assert_array_equal(first[:, 135:165], part)


def test_unknown_depth_is_taken_from_around():
    depth = np.full((60, 90), 4, np.float32)
    depth[20:40, 30:60] = np.nan
    sure = np.where(np.isfinite(depth), 0.9, 0).astype(np.float32)
    made = heights(depth, sure, most=30)
    assert made.depth.shape == (20, 30)
    assert made.step == 3
    np.testing.assert_allclose(made.depth, 4, atol=1e-5)
    assert made.confidence[10, 15] == 0
    np.testing.assert_allclose(made.confidence[0], 0.9, atol=1e-6)
    nothing = heights(np.full((5, 7), np.nan, np.float32), np.zeros((5, 7), np.float32))
    assert (nothing.depth == 0).all()
    assert not nothing.confidence.any()


def test_heights_are_means_of_what_is_sure():
    rng = np.random.default_rng(3)
    depth, sure = rng.random((2, 31, 47), np.float32)
    made = heights(depth, sure, most=12)
    assert made.step == 4
    for row, column in np.ndindex(made.depth.shape):
        part = np.s_[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
        expected = np.average(depth[part], weights=np.maximum(sure[part], 1e-3))
        assert made.depth[row, column] == pytest.approx(expected, abs=1e-5)
        assert made.confidence[row, column] == pytest.approx(sure[part].mean(), abs=1e-5)


def test_a_section_has_heights_and_gaps():
    depth = np.tile(np.arange(100, dtype=np.float32), (50, 1))
    sure = np.full_like(depth, 0.9)
    sure[:, 40:50] = 0.2
    depth[:, 70:75] = np.nan
    found = section(depth, sure, (0, 25), (99, 25))
    np.testing.assert_allclose(found.distance, np.arange(100), atol=1e-4)
    gap = np.isnan(found.depth)
    assert (np.nonzero(gap)[0] == [*range(40, 50), *range(70, 75)]).all()
    np.testing.assert_array_equal(found.depth[~gap], np.arange(100)[~gap])
    outside = section(depth, sure, (-50, -50), (500, 25), most=20)
    assert len(outside.distance) == 20
    assert outside.distance[-1] == pytest.approx(np.hypot(99, 25), abs=1e-3)
    point = section(depth, sure, (3, 3), (3, 3))
    assert (point.depth == 3).all()


def test_both_eyes_beside_one_another_and_crossed():
    pixels, depth = noise(40, 120), np.random.default_rng(4).random((40, 120), np.float32)
    scene = scene_of(pixels, depth)
    left, right = scene.view(-1, 0.05), scene.view(1, 0.05)
    np.testing.assert_array_equal(pair(scene, 0.05), np.hstack([left, right]))
    np.testing.assert_array_equal(pair(scene, 0.05, crossed=True), np.hstack([right, left]))


def test_an_anaglyph_of_what_is_flat_and_grey_is_the_picture():
    grey = np.repeat(noise(30, 50)[..., :1], 3, axis=2)
    made = anaglyph(scene_of(grey, np.full((30, 50), 2, np.float32)), 0)
    assert np.abs(made.astype(int) - grey).max() <= 2
    depth = np.zeros((30, 50), np.float32)
    depth[:, 25:] = 1
    lit = np.zeros((30, 50, 3), np.uint8)
    lit[:, 30:40] = 255
    red, green, _ = np.moveaxis(anaglyph(scene_of(lit, depth), 0.16).astype(int), 2, 0)
    at = np.arange(50)
    moved = np.average(at, weights=red[15]) - np.average(at, weights=green[15])
    assert moved == pytest.approx(4, abs=0.5)  # half of 8 px: the far end moves the other half


def test_rocking_is_a_period_and_its_way_back_is_its_way_out():
    pixels, depth = noise(30, 60), np.random.default_rng(5).random((30, 60), np.float32)
    made = list(rocking(scene_of(pixels, depth), 0.05, 12))
    assert len(made) == 12
    np.testing.assert_array_equal(made[0], pixels)
    assert made[1] is made[5]
    assert made[7] is made[11]
    assert np.abs(made[3].astype(int) - made[9]).mean() > 1


def test_memory_is_that_of_the_finished_picture():
    pixels = np.zeros((1500, 2000, 3), np.uint8)
    depth = np.tile(np.linspace(0, 9, 2000, dtype=np.float32), (1500, 1))
    ground = Heights(np.full((15, 20), 4, np.float32), np.ones((15, 20), np.float32), 100)
    scene = Scene(lambda top, bottom: pixels[top:bottom], depth, ground, True)
    tracemalloc.start()
    try:
        made = pair(scene, 0.02)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < made.nbytes + 64 * 2000 * 130


@pytest.mark.parametrize("extension", ["webp", "gif"])
def test_an_animation_for_ever(tmp_path, extension):
    path = tmp_path / f"a.{extension}"
    pictures = [np.full((40, 60, 3), 20 * k, np.uint8) for k in range(8)]
    write_animation(path, iter(pictures), 0.1)
    with Image.open(path) as opened:
        assert opened.n_frames == 8
        assert opened.size == (60, 40)
        assert opened.info["loop"] == 0
        for k in range(8):
            opened.seek(k)
            shown = np.asarray(opened.convert("RGB")).astype(int)
            assert opened.info["duration"] == 100
            assert np.abs(shown - 20 * k).max() <= 3
    with pytest.raises(OutputExists):
        write_animation(path, iter(pictures), 0.1)
    with pytest.raises(UnknownFormat):
        write_animation(tmp_path / "a.mp4", iter(pictures), 0.1)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
