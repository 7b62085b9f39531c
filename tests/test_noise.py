"""How noisy the frames are: estimates against what was rendered."""

from __future__ import annotations

import numpy as np
import pytest

from focusstack import kernels
from focusstack.steps import focus
from focusstack.synthetic import noise_sigma, render, srgb_decode

LUMA = np.array([0.299, 0.587, 0.114])
AT = np.linspace(0, 1, kernels.VARIANCE_BINS)


def luma_of(frame):
    values = frame / np.float32(np.iinfo(frame.dtype).max)
    return np.asarray(values[..., 0] if frame.shape[2] == 1 else values @ LUMA, np.float32)


def sigma_at(model, level):
    """Standard deviation of luma noise in a whole frame that the model stands for."""
    return np.sqrt(np.interp(level, AT, model.variance) / model.gains[0])


def true_sigma(level, iso, channels, bits):
    """What the renderer adds, through the slope of the sRGB curve, plus rounding."""
    light = srgb_decode(np.float32(level))
    slope = 1.055 / 2.4 * light ** (1 / 2.4 - 1)
    added = noise_sigma(np.float32(light), iso) * slope
    rounding = 1 / (2**bits - 1) / np.sqrt(12)
    share = 1 if channels == 1 else np.linalg.norm(LUMA)
    return np.hypot(added, rounding) * share


@pytest.mark.parametrize("scene", ["plane", "steps"])
@pytest.mark.parametrize(
    ("iso", "channels", "bits"),
    [(100, 3, 8), (400, 3, 8), (800, 3, 16), (1600, 1, 8), (3200, 3, 8)],
)
def test_the_estimate_is_what_was_rendered(scene, iso, channels, bits):
    settings = {"size": (300, 200), "iso": iso, "channels": channels, "bits": bits}
    made = render(scene, frames=12, **settings)
    frames = [made.frame(i) for i in (0, 6, 11)]
    model = focus.noise_model([focus.quiet_variance(luma_of(f)) for f in frames], frames[0].dtype)
    # darker and brighter than this the scenes have too few pixels to know
    for level in (0.35, 0.45, 0.55, 0.65):
        expected = true_sigma(level, iso, channels, bits)
        assert sigma_at(model, level) == pytest.approx(expected, rel=0.25)


@pytest.mark.parametrize("level", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("sigma", [0.002, 0.02])
def test_pure_noise_is_measured(level, sigma):
    rng = np.random.default_rng(1)
    luma = (level + sigma * rng.standard_normal((400, 500))).astype(np.float32)
    model = focus.noise_model([focus.quiet_variance(luma)], np.dtype(np.float32))
    assert sigma_at(model, level) == pytest.approx(sigma, rel=0.1)


def test_the_quietest_frame_counts():
    rng = np.random.default_rng(1)
    frames = [
        (0.5 + s * rng.standard_normal((300, 300))).astype(np.float32) for s in (0.05, 0.01, 0.03)
    ]
    model = focus.noise_model([focus.quiet_variance(f) for f in frames], np.dtype(np.float32))
    assert sigma_at(model, 0.5) == pytest.approx(0.01, rel=0.1)


def test_texture_in_focus_is_not_taken_for_noise():
    rng = np.random.default_rng(1)
    luma = (0.5 + 0.01 * rng.standard_normal((400, 400))).astype(np.float32)
    luma[:, :250] += np.float32(0.2) * (np.indices((400, 250)).sum(axis=0) % 2)
    model = focus.noise_model([focus.quiet_variance(luma)], np.dtype(np.float32))
    assert sigma_at(model, 0.5) == pytest.approx(0.01, rel=0.25)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_there_is_always_a_little_noise(dtype):
    for level in (0.0, 0.4, 1.0):
        quiet = focus.quiet_variance(np.full((200, 200), level, np.float32))
        model = focus.noise_model([quiet], np.dtype(dtype))
        assert model.variance.shape == (kernels.VARIANCE_BINS,)
        assert model.variance.dtype == np.float32
        assert np.all(model.variance > 0)
        assert np.all(np.sqrt(model.variance) < 1 / 255)


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (16, 16), (9, 300)])
def test_small_frames_have_some_model_too(shape):
    rng = np.random.default_rng(1)
    quiet = focus.quiet_variance(rng.random(shape, dtype=np.float32))
    model = focus.noise_model([quiet], np.dtype(np.uint8))
    assert np.isfinite(model.variance).all()
    assert np.all(model.variance > 0)


def test_band_gains_are_those_of_the_pyramid():
    gains = focus.band_noise_gains()
    rng = np.random.default_rng(9)
    level = rng.standard_normal((1, 700, 700)).astype(np.float32)
    for gain in gains[:4]:
        low = kernels.pyramid_down(level)
        expanded = np.empty_like(level)
        ones = np.ones(level.shape[1:], np.float32)
        kernels.collapse_band(np.zeros_like(level), ones, low, expanded)
        assert (level - expanded).var() == pytest.approx(gain, rel=0.08)
        level = low
    ratios = np.array(gains[2:]) / np.array(gains[1:-1])
    # a blurred level has a quarter of the noise of the one before
    assert np.all((ratios > 0.15) & (ratios < 0.35))
