"""The kernel that takes veils off, against the plain NumPy of ``reference``."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from focusstack import kernels
from kernel_samples import CHANNELS, QUICK, SHAPES, picture

BIG = [(67, 131, 1), (130, 77, 2), (101, 203, 4)]


def job(shape, channels, scale, seed=0, untouched=0.3):
    """A frame, and random maps for it with some parts to which nothing is done."""
    rng = np.random.default_rng([seed, *shape, channels, scale])
    small = tuple(-(-side // scale) for side in shape)
    leave = rng.random(small) < untouched
    gain = np.where(leave, 1, 1 + 3 * rng.random(small)).astype(np.float32)
    replace = np.where(leave | (rng.random(small) < 0.5), 0, rng.random(small)).astype(np.float32)
    offset = np.where(leave, 0, 0.3 * rng.random((channels, *small))).astype(np.float32)
    low, high, sharp = (rng.random((channels, *small), dtype=np.float32) for _ in range(3))
    limits = np.minimum(low, high) * np.float32(0.5), np.maximum(low, high)
    return picture(shape, channels, seed), (gain, replace, offset, sharp, limits, scale)


def unveiled(planar, maps, threads=1):
    planar = planar.copy()
    kernels.unveil(planar, *maps, threads)
    return planar


def check(shape, channels, scale, seed):
    planar, maps = job(shape, channels, scale, seed)
    expected = reference.unveil(planar.astype(float), *maps)
    np.testing.assert_allclose(unveiled(planar, maps), expected, atol=5e-5)


@QUICK
@given(SHAPES, CHANNELS, st.sampled_from([1, 2, 4]), st.integers(0, 5))
def test_unveiling_is_the_reference(shape, channels, scale, seed):
    check(shape, channels, scale, seed)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width", "scale"), BIG)
def test_unveiling_is_the_reference_on_big_pictures(rows, height, width, scale, channels):
    check((height, width), channels, scale, 1)


@pytest.mark.parametrize("threads", [2, 3, 100])
@pytest.mark.parametrize("scale", [1, 2, 4])
def test_threads_change_no_bit(threads, scale):
    planar, maps = job((301, 97), 3, scale)
    np.testing.assert_array_equal(unveiled(planar, maps), unveiled(planar, maps, threads))


def test_the_instruction_set_changes_no_bit():
    if not kernels.use_fast_rows(True):
        pytest.skip("this CPU has no AVX2")
    planar, maps = job((61, 97), 3, 2)
    fast = unveiled(planar, maps)
    kernels.use_fast_rows(False)
    try:
        np.testing.assert_array_equal(fast, unveiled(planar, maps))
    finally:
        kernels.use_fast_rows(True)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_where_nothing_is_to_be_done_not_a_bit_changes(scale):
    planar, maps = job((45, 71), 3, scale, untouched=1.0)
    planar *= 1.3  # resampling overshoots the range
    planar -= 0.1
    np.testing.assert_array_equal(unveiled(planar, maps), planar)
    planar, maps = job((45, 71), 3, 1, untouched=0.6)
    still = (maps[0] == 1) & (maps[1] == 0)
    assert 0.5 < still.mean() < 0.7
    np.testing.assert_array_equal(unveiled(planar, maps)[:, still], planar[:, still])


def test_a_veil_is_taken_off():
    """What was laid over the background in linear light comes off again."""
    background = picture((40, 50), 3)
    through = 0.2 + 0.8 * picture((40, 50), 1, 1)[0]
    veil = 0.4 * picture((40, 50), 3, 2)
    mixed = reference.srgb_encode(veil + through * reference.srgb_decode(background))
    limits = np.zeros_like(background), np.ones_like(background)
    gain, nothing = 1 / through, np.zeros_like(through)
    maps = gain, nothing, (veil * gain).astype(np.float32), background, limits, 1
    np.testing.assert_allclose(unveiled(mixed.astype(np.float32), maps), background, atol=1e-3)


def test_full_replacement_shows_the_sharp_picture():
    planar, (gain, _, offset, sharp, limits, scale) = job((20, 30), 3, 1)
    maps = gain, np.ones_like(gain), offset, sharp, limits, scale
    np.testing.assert_allclose(unveiled(planar, maps), sharp, atol=1e-6)


def test_the_limits_hold_but_never_pull_a_value_away():
    planar, maps = job((30, 40), 3, 1)
    low, high = maps[4]
    still = np.zeros_like(maps[1])
    found = unveiled(planar, (maps[0], still, *maps[2:]))
    assert np.all(found <= np.maximum(planar, high))
    assert np.all(found >= np.minimum(planar, low))


@pytest.mark.parametrize("spoilt", range(6))
def test_maps_that_do_not_fit_are_refused(spoilt):
    planar, (gain, replace, offset, sharp, (low, high), scale) = job((20, 30), 3, 2)
    maps = [gain, replace, offset, sharp, low, high]
    maps[spoilt] = np.ascontiguousarray(maps[spoilt][..., :-1])
    gain, replace, offset, sharp, low, high = maps
    with pytest.raises((ValueError, TypeError)):
        kernels.unveil(planar, gain, replace, offset, sharp, (low, high), scale)


@pytest.mark.parametrize("scale", [0, -1, 3])
def test_a_scale_that_does_not_fit_is_refused(scale):
    planar, maps = job((20, 30), 1, 2)
    with pytest.raises((ValueError, TypeError)):
        kernels.unveil(planar, *maps[:-1], scale)


@pytest.mark.parametrize("unfit", [np.float64, np.float32])
def test_the_frame_itself_is_changed_or_refused(unfit):
    planar, maps = job((20, 30), 3, 1)
    planar = np.repeat(planar.astype(unfit), 2, axis=-1)[..., ::2]
    with pytest.raises((ValueError, TypeError)):
        kernels.unveil(planar, *maps)
