"""Depth: the arithmetic on made-up focus curves, then whole runs against true depth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focusstack import Recipe, stack
from focusstack.steps import depth
from truth import rendered, true_on_canvas

MAE = 0.3
"""Mean error in frames away from depth steps; a focus step is 1.5 px of blur here."""


def followed(scores, size=None):
    state = depth.start(scores[0].shape)
    for score in scores:
        depth.feed(state, np.asarray(score, np.float32))
    height, width = scores[0].shape
    return depth.finish(state, size or (2 * width, 2 * height))


def curve(peak, count, width=1.3, shape=(6, 9), floor=0.0):
    """Scores of frames whose focus curve is a Gaussian around ``peak``."""
    return [np.full(shape, np.exp(-(((k - peak) / width) ** 2)) + floor) for k in range(count)]


@settings(max_examples=40, deadline=None)
@given(st.floats(0.55, 7.45), st.floats(0.8, 3), st.floats(1e-6, 1e6))
def test_a_gaussian_curve_gives_its_peak(peak, width, strength):
    found = followed([strength * s for s in curve(peak, 9, width)])
    np.testing.assert_allclose(found, peak, atol=0.01)


@pytest.mark.parametrize(("peak", "end"), [(-0.7, 0), (6.9, 6)])
def test_what_is_sharpest_beyond_the_stack_is_at_its_end(peak, end):
    np.testing.assert_allclose(followed(curve(peak, 7)), end, atol=0.5)


@pytest.mark.parametrize("level", [0.0, 1e-12, 3.0])
@pytest.mark.parametrize("count", [1, 2, 8])
def test_what_is_never_sharp_has_no_depth(level, count):
    assert np.isnan(followed([np.full((6, 9), level)] * count)).all()


def test_a_little_noise_is_no_depth():
    rng = np.random.default_rng(2)
    found = followed([1 + 0.02 * rng.random((20, 20)) for _ in range(9)])
    assert np.isnan(found).all()


def test_ties_go_to_the_first_frame():
    found = followed([np.full((4, 4), s) for s in (0.01, 1.0, 0.01, 1.0, 0.01)])
    assert np.all(np.abs(found - 1) <= 0.5)


def test_two_sides_stay_apart():
    left, right = curve(2, 12), curve(9, 12)
    scores = [np.hstack([a, b]) for a, b in zip(left, right, strict=True)]
    found = followed(scores)
    # nothing floats between the two sides of a step
    assert np.all((np.abs(found - 2) < 0.5) | (np.abs(found - 9) < 0.5))
    np.testing.assert_allclose(found[:, :10], 2, atol=0.1)
    np.testing.assert_allclose(found[:, -10:], 9, atol=0.1)


def test_unknown_stays_beside_known():
    scores = [np.hstack([np.ones((8, 8)), c]) for c in curve(3, 7, shape=(8, 8))]
    found = followed(scores)
    assert np.isnan(found[:, :10]).all()
    np.testing.assert_allclose(found[:, -10:], 3, atol=0.05)


def test_a_guide_knows_what_is_known_and_fills_the_rest_with_the_nearest():
    found = np.full((20, 30), np.nan, np.float32)
    found[:, :8], found[5:9, 25:] = 1.25, 4
    guide = depth.guide(found, 6)
    known = np.isfinite(found)
    np.testing.assert_array_equal(guide.depth[known], found[known])
    assert np.all(guide.depth[:, :14] == 1.25)
    assert np.all(guide.depth[5:9, 19:] == 4)
    assert set(np.unique(guide.depth)) == {1.25, 4}
    # what is not known may lie anywhere
    assert np.all(guide.spread[~known] == 6)
    assert np.all(guide.spread[known] < 2)


def test_a_guide_of_nothing_is_the_middle():
    guide = depth.guide(np.full((4, 5), np.nan, np.float32), 7)
    assert np.all(guide.depth == 3)
    assert np.all(guide.spread == 7)


@pytest.mark.parametrize("size", [(17, 11), (18, 12), (18, 11), (17, 12)])
def test_the_map_has_the_canvas_size(size):
    found = followed(curve(2, 5), size)
    assert found.shape == size[::-1]
    assert found.dtype == np.float32


def test_half_a_pixel_of_shift_would_show():
    """Score pixel k is centred on canvas pixel 2 k."""
    ramp = np.tile(np.linspace(1, 5, 41), (9, 1))
    scores = [np.exp(-(((k - ramp) / 1.3) ** 2)) for k in range(7)]
    found = followed(scores, (82, 18))
    np.testing.assert_allclose(found[4, 8:74], 1 + 0.05 * np.arange(8, 74), atol=0.03)


# ---------------------------------------------------------------- whole runs


def away_from_steps(true, reach=8):
    """Where the true depth changes by less than a frame within ``reach`` pixels, off the border."""
    kernel = np.ones((2 * reach + 1,) * 2, np.uint8)
    calm = cv2.dilate(true, kernel) - cv2.erode(true, kernel) < 1
    calm[:reach] = calm[-reach:] = calm[:, :reach] = calm[:, -reach:] = False
    return calm


def depth_error(result, truth, true_depth=None):
    true = true_on_canvas(
        truth.depth if true_depth is None else true_depth, truth, result.alignment
    )
    use = away_from_steps(true)
    assert use.mean() > 0.2
    known = use & np.isfinite(result.depth)
    assert known.sum() > 0.97 * use.sum()
    return float(np.abs(result.depth - true)[known].mean())


@pytest.mark.parametrize("scene", ["plane", "steps"])
@pytest.mark.parametrize("method", ["pyramid", "laplacian"])
@pytest.mark.parametrize(
    "settings", [{}, {"iso": 800, "frames": 9}, {"bits": 16, "channels": 1}], ids=str
)
def test_depth_is_true_where_there_is_texture(scene, method, settings):
    frames, truth = rendered(scene, **settings)
    result = stack(frames, Recipe(method=method, align="auto", crop=True))
    assert result.depth.shape == result.image.shape[:2]
    assert result.depth.dtype == np.float32
    assert depth_error(result, truth) <= MAE


def test_depth_counts_in_the_order_given():
    frames, truth = rendered("plane", far_first=True)
    result = stack(frames)
    assert depth_error(result, truth) <= MAE
    turned = stack(frames[::-1], Recipe(reference=3))
    true = true_on_canvas(truth.depth, truth, turned.alignment)
    use = away_from_steps(true)
    assert np.abs(len(frames) - 1 - turned.depth - true)[use].mean() <= MAE


def test_a_frame_that_was_left_out_still_counts():
    frames, truth = rendered("plane", frames=9)
    frames[4] = np.zeros_like(frames[4])
    result = stack(frames)
    assert [r.index for r in result.alignment.rejected] == [4]
    # between 3 and 5 a gap of two focus steps is left to interpolation
    assert depth_error(result, truth) <= MAE
    assert np.nanmax(result.depth) > 6


def test_a_frame_left_out_at_the_start_still_counts():
    frames, truth = rendered("plane", frames=9)
    frames[0] = np.zeros_like(frames[0])
    result = stack(frames)
    assert depth_error(result, truth, np.maximum(truth.depth, 1)) <= MAE
    assert np.nanmin(result.depth) >= 0.5


@pytest.mark.parametrize("method", ["pyramid", "laplacian"])
@pytest.mark.parametrize("level", [0, 120, 255])
def test_frames_with_nothing_in_them_have_no_depth(method, level):
    result = stack([np.full((60, 80, 3), level, np.uint8)] * 5, Recipe(method=method, align="none"))
    assert np.isnan(result.depth).all()


def test_noise_alone_is_mostly_no_depth():
    rng = np.random.default_rng(3)
    frames = [
        np.clip(120 + 4 * rng.standard_normal((120, 160, 3)), 0, 255).astype(np.uint8)
        for _ in range(8)
    ]
    result = stack(frames, Recipe(align="none"))
    assert np.isnan(result.depth).mean() > 0.9


def test_the_same_frame_ten_times_has_no_depth():
    frames, _ = rendered("plane")
    result = stack([frames[3]] * 10)
    assert np.isnan(result.depth).all()
