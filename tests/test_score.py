"""The focus score tells which frame is sharp where."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from focusstack.model import NoiseModel
from focusstack.steps.focus import band_noise_gains
from focusstack.steps.score import focus_score

GAINS = band_noise_gains()
QUIET = NoiseModel(np.full(64, 1e-6 * GAINS[0], np.float32), GAINS)


def texture(channels=3, shape=(72, 90)):
    rng = np.random.default_rng(channels)
    return rng.random((channels, *shape)).astype(np.float32)


def blurred(planar, sigma):
    return np.stack([cv2.GaussianBlur(plane, (0, 0), sigma) for plane in planar])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(8, 8), (9, 31), (72, 90)])
def test_scores_fall_with_blur(channels, shape):
    sharp = texture(channels, shape)
    pictures = [sharp, blurred(sharp, 0.8), blurred(sharp, 2)]
    scores = [focus_score(p, None, QUIET, 1) for p in pictures]
    assert all(s.shape == ((shape[0] + 1) // 2, (shape[1] + 1) // 2) for s in scores)
    assert all(s.dtype == np.float32 for s in scores)
    assert np.all(scores[0] > scores[1])
    assert np.all(scores[1] > scores[2])


def test_where_a_frame_is_sharp_alone_its_score_is_highest():
    sharp = texture()
    soft = blurred(sharp, 2)
    left, right = sharp.copy(), sharp.copy()
    left[..., 45:], right[..., :45] = soft[..., 45:], soft[..., :45]
    first, second = (focus_score(p, None, QUIET, 1) for p in (left, right))
    assert np.all(first[:, :18] > second[:, :18])
    assert np.all(first[:, -18:] < second[:, -18:])


def test_nothing_but_noise_scores_about_one():
    rng = np.random.default_rng(0)
    frame = (0.5 + 1e-3 * rng.standard_normal((1, 128, 128))).astype(np.float32)
    assert np.median(focus_score(frame, None, QUIET, 1)) == pytest.approx(1, rel=0.2)


def test_what_is_not_valid_scores_nothing():
    valid = np.full((72, 90), 255, np.uint8)
    valid[:, :20] = 0
    score = focus_score(texture(), valid, QUIET, 1)
    assert np.all(score[:, :10] == 0)
    assert np.all(score[:, 10:] > 0)


def test_threads_change_no_bit():
    sharp = texture(3, (300, 90))
    one = focus_score(sharp, None, QUIET, 1)
    np.testing.assert_array_equal(focus_score(sharp, None, QUIET, 3), one)
