"""The pyramid's kernels against the plain NumPy of ``reference``."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from focusstack import kernels
from kernel_samples import (
    CHANNELS,
    LUMA,
    QUICK,
    SHAPES,
    accumulated,
    empty_state,
    noise_table,
    picture,
)

BIG = [(37, 53), (131, 300), (257, 41), (64, 259)]


# ---------------------------------------------------------------- pyramid_down and collapse


@QUICK
@given(SHAPES, CHANNELS, st.integers(0, 5))
def test_down_is_the_reference(shape, channels, seed):
    fine = picture(shape, channels, seed)
    np.testing.assert_allclose(kernels.pyramid_down(fine), reference.down(fine), atol=1e-6)


@pytest.mark.parametrize("shape", BIG)
def test_down_is_the_reference_on_big_pictures(rows, shape):
    fine = picture(shape, 3)
    np.testing.assert_allclose(kernels.pyramid_down(fine), reference.down(fine), atol=1e-6)


@QUICK
@given(SHAPES, CHANNELS, st.integers(0, 5))
def test_collapse_is_the_reference(shape, channels, seed):
    check_collapse(shape, channels, seed)


@pytest.mark.parametrize("shape", BIG)
def test_collapse_is_the_reference_on_big_pictures(rows, shape):
    check_collapse(shape, 3, 1)


def check_collapse(shape, channels, seed):
    sums, low = picture(shape, channels, seed), picture(halves(shape), channels, seed + 1)
    weight = picture(shape, 1, seed + 2)[0] + np.float32(0.5)
    expected = sums / weight + reference.expand(low, *shape)
    out = np.empty_like(sums)
    kernels.collapse_band(sums, weight, low, out)
    np.testing.assert_allclose(out, expected, atol=2e-6)
    kernels.collapse_band(sums, weight, low, sums)
    np.testing.assert_array_equal(sums, out)


def halves(shape):
    return tuple(kernels.half(n) for n in shape)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (7, 1), (64, 259)])
def test_a_flat_picture_stays_flat(shape):
    flat = np.full((1, *shape), 0.37, np.float32)
    low = kernels.pyramid_down(flat)
    np.testing.assert_allclose(low, 0.37, atol=1e-7)
    out = np.empty_like(flat)
    kernels.collapse_band(np.zeros_like(flat), np.ones(shape, np.float32), low, out)
    np.testing.assert_allclose(out, 0.37, atol=1e-7)


# ---------------------------------------------------------------- accumulate_band


@QUICK
@given(SHAPES, CHANNELS, st.integers(2, 5), st.booleans(), st.booleans(), st.integers(0, 5))
def test_a_band_is_the_reference(shape, channels, squarings, guided, prior, seed):
    check_band(shape, channels, squarings, seed, guided, prior)


@pytest.mark.parametrize(("guided", "prior"), [(False, False), (True, False), (True, True)])
@pytest.mark.parametrize("shape", BIG)
def test_a_band_is_the_reference_on_big_pictures(rows, shape, guided, prior):
    check_band(shape, 3, 4, 1, guided, prior)


@pytest.mark.parametrize("squarings", [0, 1])
def test_a_band_with_soft_weights_is_the_reference(squarings):
    check_band((40, 50), 3, squarings, 2, False, False, contrast=30)


def check_band(shape, channels, squarings, seed, guided, prior, contrast=1):
    frames = [picture(shape, channels, 10 * seed + k) / np.float32(contrast**k) for k in range(4)]
    guides = [picture(shape, 1, 90 + seed + k)[0] + np.float32(0.1) for k in range(4)]
    priors = [picture(shape, 1, 70 + seed + k)[0] + np.float32(0.2) for k in range(4)]
    guides, priors = guides if guided else None, priors if prior else None
    found, scores = accumulated(
        frames, squarings, scale=0.1, factor=3.5, guides=guides, priors=priors
    )
    peak, weight, sums = found
    details = []
    for k, (frame, score) in enumerate(zip(frames, scores, strict=True)):
        guide = guides[k] if guided else None
        low, luma = reference.down(frame), LUMA[channels]
        expected, detail = reference.band_score(frame, low, luma, noise_table(), 0.1, 3.5, guide)
        # where a mean lies between two entries of the noise table, rounding may pick either
        assert_mostly_close(score, expected, 1e-5)
        details.append(detail)
    pairs = list(zip(scores, details, strict=True))
    fused, total = reference.fuse_band(pairs, 1 << squarings, priors=priors)
    weighed = np.stack(scores) * (np.stack(priors) if prior else 1)
    np.testing.assert_array_equal(peak, np.max(weighed, axis=0))
    np.testing.assert_allclose(weight, total, rtol=3e-5)
    np.testing.assert_allclose(sums / weight, fused / total, atol=2e-5)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(9, 7), (130, 259)])
@pytest.mark.parametrize("scale", [2, 4])
def test_a_prior_on_a_coarser_grid_counts_as_if_enlarged(rows, shape, channels, scale):
    small = tuple(-(-side // scale) for side in shape)
    rng = np.random.default_rng(3)
    priors = [np.where(rng.random(small) < 0.7, 1, rng.random(small) + 0.2) for _ in range(3)]
    priors = [prior.astype(np.float32) for prior in priors]
    large = [reference.enlarge(prior, scale, *shape).astype(np.float32) for prior in priors]
    frames = [picture(shape, channels, k) for k in range(3)]
    grid = 1 / scale, (1 - scale) / (2 * scale)
    (peak, weight, sums), scores = accumulated(frames, priors=priors, prior_grid=grid)
    (peaks, weights, all_sums), all_scores = accumulated(frames, priors=large)
    np.testing.assert_array_equal(scores, all_scores)
    np.testing.assert_allclose(peak, peaks, rtol=1e-5)
    np.testing.assert_allclose(weight, weights, rtol=1e-3)
    np.testing.assert_allclose(sums, all_sums, rtol=1e-3, atol=1e-5)


def assert_mostly_close(found, expected, tolerance, share=0.01):
    off = np.abs(found - expected) > tolerance * (1 + np.abs(expected))
    assert off.sum() <= max(1, share * off.size)


@QUICK
@given(SHAPES, CHANNELS, st.integers(0, 5))
def test_what_is_not_valid_is_not_there(shape, channels, seed):
    rng = np.random.default_rng([seed, *shape])
    frames = [picture(shape, channels, seed + k) for k in range(3)]
    valid = [np.asarray(rng.random(shape) < 0.6, np.uint8) * 255 for _ in frames]
    (_, weight, sums), _ = accumulated(frames, valid=valid)
    seen = np.max(valid, axis=0) > 0
    for at in zip(*np.nonzero(seen), strict=True):
        alone = [f for f, v in zip(frames, valid, strict=True) if v[at]]
        (_, some_weight, some_sums), _ = accumulated(alone)
        assert weight[at] == pytest.approx(some_weight[at], rel=1e-5)
        np.testing.assert_allclose(sums[:, *at], some_sums[:, *at], rtol=1e-4, atol=1e-6)
    assert not sums[:, ~seen].any()
    assert not weight[~seen].any()


def test_a_pixel_no_brighter_than_noise_is_averaged():
    rng = np.random.default_rng(5)
    frames = [(0.5 + 0.01 * rng.standard_normal((1, 60, 60))).astype(np.float32) for _ in range(16)]
    state = empty_state(1, (60, 60))
    noise = np.full(64, 4 * np.float32(1e-4), np.float32)
    for fine in frames:
        low = kernels.pyramid_down(fine)
        score = np.empty((60, 60), np.float32)
        kernels.accumulate_band(fine, low, state, LUMA[1], noise, 1.0, 4, score)
    np.testing.assert_allclose(state[1], 16, rtol=1e-4)


# ---------------------------------------------------------------- one frame in, the same out


@QUICK
@given(SHAPES, CHANNELS, st.integers(0, 5))
def test_one_frame_comes_back(shape, channels, seed):
    fine = picture(shape, channels, seed)
    low = kernels.pyramid_down(fine)
    (_, weight, sums), _ = accumulated([fine])
    kernels.collapse_band(sums, weight, low, sums)
    np.testing.assert_allclose(sums, fine, atol=1e-6)
