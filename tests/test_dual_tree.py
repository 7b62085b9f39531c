"""The dual-tree transform: nothing is lost, and little depends on where the grid lies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focusstack.steps.fuse import dual_tree
from focusstack.steps.fuse.wavelet_filters import filter_pair, high_pass

PAIRS = [(1, 0), (2, 0), (4, 0), (2, 1), (3, 2), (4, 3)]


@pytest.mark.parametrize(("zeros", "delay"), PAIRS)
def test_filters_are_orthonormal_and_flat(zeros, delay):
    for low in filter_pair(zeros, delay):
        high = high_pass(low)
        assert low.size == 2 * (zeros + delay)
        assert low.sum() == pytest.approx(np.sqrt(2))
        wanted = np.zeros(low.size)
        wanted[0] = 1
        for a, b, expected in ((low, low, wanted), (high, high, wanted), (low, high, 0 * wanted)):
            lags = np.correlate(a, b, "full")[low.size - 1 :: 2]
            np.testing.assert_allclose(lags, expected[: lags.size], atol=1e-10)
        moments = [(high * np.arange(high.size) ** m).sum() for m in range(zeros)]
        np.testing.assert_allclose(moments, 0, atol=1e-7)


def response(taps, frequency):
    return np.exp(-1j * np.outer(frequency, np.arange(taps.size))) @ taps


@pytest.mark.parametrize(("zeros", "delay"), [p for p in PAIRS if p[1] > 1])
def test_the_second_filter_is_half_a_sample_later(zeros, delay):
    frequency = np.linspace(0.05, np.pi / 2, 30)
    first, second = (response(f, frequency) for f in filter_pair(zeros, delay))
    late = -np.angle(second / first) / frequency
    np.testing.assert_allclose(late, 0.5, atol=0.03)
    np.testing.assert_allclose(np.abs(first), np.abs(second))


def test_the_simplest_filter_is_haars():
    np.testing.assert_allclose(np.abs(filter_pair(1, 0)[0]), np.sqrt([0.5, 0.5]))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 6))
def test_what_is_taken_apart_comes_together_again(height, width, levels):
    plane = np.random.default_rng(height).random((height, width)).astype(np.float32)
    whole = dual_tree.padded(plane, levels)
    np.testing.assert_array_equal(whole[:height, :width], plane)
    parts = list(dual_tree.analyse(whole, levels))
    back = dual_tree.synthesise([p.details for p in parts], parts[-1].lows)
    np.testing.assert_allclose(back, whole, atol=2e-6)


def test_energy_is_kept():
    whole = dual_tree.padded(np.random.default_rng(1).random((50, 60)).astype(np.float32), 3)
    parts = list(dual_tree.analyse(whole, 3))
    total = sum((p.details**2).sum() for p in parts) + (parts[-1].lows ** 2).sum()
    assert total / len(dual_tree.TREES) == pytest.approx((whole**2).sum(), rel=1e-5)


def test_white_noise_has_the_same_variance_everywhere():
    noise = np.random.default_rng(2).standard_normal((512, 512)).astype(np.float32)
    for part in dual_tree.analyse(noise, 3):
        np.testing.assert_allclose(part.details.var(axis=(2, 3)), 1, atol=0.1)


def test_a_constant_has_no_detail():
    whole = dual_tree.padded(np.full((33, 47), 0.7, np.float32), 4)
    for part in dual_tree.analyse(whole, 4):
        np.testing.assert_allclose(part.details, 0, atol=1e-5)


def test_a_slope_has_none_at_the_seam_either():
    """Opposite borders differ, which a plain repetition would turn into an edge."""
    slope = np.tile(np.linspace(0, 1, 200, dtype=np.float32), (64, 1))
    finest = next(dual_tree.analyse(dual_tree.padded(slope, 3), 3))
    assert np.abs(finest.details).max() < 0.1


def edge_at(place):
    """A soft vertical edge, at any fraction of a pixel."""
    return np.tile(1 / (1 + np.exp(-(np.arange(128, dtype=np.float32) - place))), (64, 1))


def energies(place, trees):
    parts = dual_tree.analyse(dual_tree.padded(edge_at(place), 4), 4)
    return [float((p.details[:trees, :, :, 2:-4] ** 2).sum()) for p in parts]


def test_energy_hardly_depends_on_where_the_grid_lies():
    places = np.arange(56, 72, 0.5)
    one, all_four = (
        np.array([energies(x, trees) for x in places]).T[1:] for trees in (1, len(dual_tree.TREES))
    )
    for single, dual in zip(one, all_four, strict=True):
        assert np.ptp(dual) / dual.mean() < 0.35 * np.ptp(single) / single.mean()
