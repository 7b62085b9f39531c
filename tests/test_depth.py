"""Depth of whole runs against true depth."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from focusstack import Recipe, stack
from truth import rendered, true_on_canvas

QUICK = Recipe(method="average", clean=False)
"""The depth is found before frames are fused, so the cheapest method does."""

MAE = 0.3
"""Mean error in frames away from depth steps; a focus step is 1.5 px of blur here."""


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
@pytest.mark.parametrize(
    "settings", [{}, {"iso": 800, "frames": 9}, {"bits": 16, "channels": 1}], ids=str
)
def test_depth_is_true_where_there_is_texture(scene, settings):
    frames, truth = rendered(scene, **settings)
    result = stack(frames, QUICK)
    assert result.depth.shape == result.image.shape[:2]
    assert result.depth.dtype == np.float32
    assert depth_error(result, truth) <= MAE


def test_depth_counts_in_the_order_given():
    frames, truth = rendered("plane", far_first=True)
    result = stack(frames, QUICK)
    assert depth_error(result, truth) <= MAE
    turned = stack(frames[::-1], replace(QUICK, reference=3))
    true = true_on_canvas(truth.depth, truth, turned.alignment)
    use = away_from_steps(true)
    assert np.abs(len(frames) - 1 - turned.depth - true)[use].mean() <= MAE


def test_a_frame_that_was_left_out_still_counts():
    frames, truth = rendered("plane", frames=9)
    frames[4] = np.zeros_like(frames[4])
    result = stack(frames, QUICK)
    assert [r.index for r in result.alignment.rejected] == [4]
    # between 3 and 5 a gap of two focus steps is left to interpolation
    assert depth_error(result, truth) <= MAE
    assert np.nanmax(result.depth) > 6


def test_a_frame_left_out_at_the_start_still_counts():
    frames, truth = rendered("plane", frames=9)
    frames[0] = np.zeros_like(frames[0])
    result = stack(frames, QUICK)
    assert depth_error(result, truth, np.maximum(truth.depth, 1)) <= MAE
    assert np.nanmin(result.depth) >= 0.5


@pytest.mark.parametrize("method", ["auto", "pyramid", "laplacian"])
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
    result = stack(frames, replace(QUICK, align="none"))
    assert np.isnan(result.depth).mean() > 0.9


def test_the_same_frame_ten_times_has_no_depth():
    frames, _ = rendered("plane")
    result = stack([frames[3]] * 10, QUICK)
    assert np.isnan(result.depth).all()
