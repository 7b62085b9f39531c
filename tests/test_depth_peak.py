"""The peak of made-up focus curves, and maps brought to full size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focusstack.steps.depth import enlarge, expand, guide, peak


def fed(scores, rivalry=1.0):
    state = peak.start(scores[0].shape, rivalry)
    for score in scores:
        peak.feed(state, np.asarray(score, np.float32))
    return state


def followed(scores, rivalry=1.0):
    return peak.depth_of(fed(scores, rivalry))


def curve(at, count, width=1.3, shape=(6, 9), floor=0.0):
    """Scores of frames whose focus curve is a Gaussian around ``at``."""
    return [np.full(shape, np.exp(-(((k - at) / width) ** 2)) + floor) for k in range(count)]


@settings(max_examples=40, deadline=None)
@given(st.floats(0.55, 7.45), st.floats(0.8, 3), st.floats(1e-6, 1e6))
def test_a_gaussian_curve_gives_its_peak(at, width, strength):
    found = followed([strength * s for s in curve(at, 9, width)])
    np.testing.assert_allclose(found, at, atol=0.01)


@pytest.mark.parametrize(("at", "end"), [(-0.7, 0), (6.9, 6)])
def test_what_is_sharpest_beyond_the_stack_is_at_its_end(at, end):
    np.testing.assert_allclose(followed(curve(at, 7)), end, atol=0.5)


def test_ties_go_to_the_first_frame():
    found = followed([np.full((4, 4), s) for s in (0.01, 1.0, 0.01, 1.0, 0.01)])
    assert np.all(np.abs(found - 1) <= 0.5)


@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.parametrize("level", [1e-6, 3.0])
def test_what_never_changes_does_not_stand_out(level, count):
    assert np.all(peak.prominence(fed([np.full((6, 9), level)] * count)) < 1e-3)


@pytest.mark.parametrize("count", [2, 3, 30])
def test_what_one_frame_alone_shows_stands_out_most(count):
    scores = [np.full((2, 3), 1e-6)] * (count - 1) + [np.ones((2, 3))]
    np.testing.assert_allclose(peak.prominence(fed(scores)), 1, atol=1e-4)


def test_a_wider_curve_stands_out_less():
    narrow, wide = (peak.prominence(fed(curve(6, 13, width))).mean() for width in (1, 4))
    assert 0.5 < wide < narrow - 0.1


@pytest.mark.parametrize(
    ("second", "rivalry", "expected"),
    [
        (2.0, 1.0, 9),
        (2.0, 2.5, 2),  # not high enough for a preference of what comes first
        (3.0, 2.5, 9),
        (0.5, 1.0, 2),
        (0.5, 0.4, 9),  # high enough for a preference of what comes last
        (0.3, 0.4, 2),
    ],
)
def test_of_two_peaks_the_preferred_one_is_taken(second, rivalry, expected):
    pairs = zip(curve(2, 12, floor=1e-3), curve(9, 12), strict=True)
    found = followed([a + second * b for a, b in pairs], rivalry)
    np.testing.assert_allclose(found, expected, atol=0.3)


@pytest.mark.parametrize("rivalry", [0.4, 1.0, 2.5])
def test_a_preference_does_not_move_a_single_peak(rivalry):
    np.testing.assert_allclose(followed(curve(5.3, 12), rivalry), 5.3, atol=0.01)


# ---------------------------------------------------------------- at full size


@pytest.mark.parametrize("scale", [2, 4])
def test_two_sides_stay_apart(scale):
    small = np.repeat(np.array([[2.0] * 7 + [9.0] * 6], np.float32), 5, axis=0)
    found = expand(small, scale, (13 * scale, 5 * scale))
    # nothing floats between the two sides of a step
    assert set(np.unique(found)) == {2.0, 9.0}
    assert np.all(found[:, : 7 * scale] == 2)
    assert np.all(found[:, 7 * scale :] == 9)


@pytest.mark.parametrize("size", [(17, 11), (18, 12), (18, 11), (17, 12)])
def test_the_map_has_the_canvas_size(size):
    found = expand(np.full((6, 9), 2.5, np.float32), 2, size)
    assert found.shape == size[::-1]
    assert found.dtype == np.float32
    assert np.all(found == 2.5)


@pytest.mark.parametrize("scale", [1, 2, 4, 8])
@pytest.mark.parametrize("bring", [expand, enlarge])
def test_half_a_pixel_of_shift_would_show(bring, scale):
    """Reduced pixel k is the area of ``scale`` pixels from ``k * scale`` on."""
    full = np.tile(np.arange(40 * scale, dtype=np.float32) * np.float32(0.02), (3 * scale, 1))
    small = full.reshape(3, scale, 40, scale).mean(axis=(1, 3))
    found = bring(small, scale, (40 * scale, 3 * scale))
    inner = np.s_[:, scale:-scale]
    np.testing.assert_allclose(found[inner], full[inner], atol=0.002)


def test_a_guide_narrows_with_confidence():
    depth = np.array([[1.0, 2.0, 3.0]], np.float32)
    found = guide(depth, np.array([[1.0, 0.5, 0.0]], np.float32), 9)
    np.testing.assert_array_equal(found.depth, depth)
    assert found.spread[0, 0] == 1
    assert np.all(np.diff(found.spread[0]) > 0)
    # what is not known may lie anywhere
    assert found.spread[0, 2] >= 8
