"""The growth of defocus, from what a survey keeps of the frames: near the truth, and steadily."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from focusstack.model import NoiseModel
from focusstack.stages.glimpses import Glimpses
from focusstack.stages.growth import fit_growth
from focusstack.steps.focus import band_noise_gains
from focusstack.steps.veil.disk import disk_blur

SIZE = 400, 720
FRAMES = 9
SHADES = np.array([1.0, 0.9, 0.8], np.float32)[:, None, None]


def texture():
    rng = np.random.default_rng(1)
    fine = sum(
        sigma * cv2.GaussianBlur(rng.standard_normal(SIZE).astype(np.float32), (0, 0), sigma)
        for sigma in (0.7, 1.5, 4)
    )
    return np.clip(0.4 + 0.1 * fine / fine.std(), 0.02, 1).astype(np.float32)


def surveyed(growth, change=0.0):
    """A survey of three flat strips; ``change`` is added to all luma, in codes, at random."""
    rng = np.random.default_rng(2)
    depth = np.repeat(np.array([1, 4, 7], np.float32), SIZE[1] // 3)[np.newaxis]
    depth = np.repeat(depth, SIZE[0], axis=0)
    sharp, glimpses = texture(), Glimpses()

    def changed(planar):
        step = rng.choice([-change, change], planar.shape[1:]) / 255
        return (planar + step).astype(np.float32)

    for k in range(FRAMES):
        seen = np.empty_like(sharp)
        for d in (1, 4, 7):
            np.copyto(seen, disk_blur(sharp, growth * abs(d - k)), where=depth == d)
        glimpses.keep(changed(seen * SHADES))
    noise = NoiseModel(np.full(64, (0.2 / 255) ** 2, np.float32), band_noise_gains())
    return SimpleNamespace(
        depth=depth, picture=changed(sharp * SHADES), noise=noise, glimpses=glimpses
    )


@pytest.mark.parametrize("growth", [0.6, 1.1, 1.7, 2.5])
def test_the_growth_is_found(growth):
    found = fit_growth(surveyed(growth))
    assert found.growth == pytest.approx(growth, rel=0.06)
    assert found.radius(1.0, 8) == pytest.approx(7 * growth, rel=0.08)


def test_the_last_bits_of_the_frames_do_not_move_it():
    still, moved = (fit_growth(surveyed(1.7, change)).growth for change in (0.0, 1 / 128))
    assert moved == pytest.approx(still, rel=0.01)
    assert moved != still
