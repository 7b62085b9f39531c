"""The kernel that finds what stands out, against the plain NumPy of ``reference``."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from focusstack import kernels
from kernel_samples import CHANNELS, QUICK, SHAPES, picture

LEVELS = np.array([8, 16, 64], np.int8)


def found(pictures, cell, threads=1):
    steady, counts = None, []
    for pixels in pictures:
        steady, count = kernels.stand_out(pixels, steady, LEVELS, cell, threads)
        counts.append(count)
    return steady, np.array(counts)


def pictures_of(shape, channels, seed):
    """Three pictures that are flat but for noise, with some pixels that stand out in all."""
    rng = np.random.default_rng([seed, *shape, channels])
    lone = picture(shape, channels, seed, np.uint8) * (rng.random((*shape, 1)) < 0.1)
    base = np.where(lone > 0, lone, 100)
    noisy = [base + rng.integers(-12, 13, base.shape) for _ in range(3)]
    return [np.clip(pixels, 0, 255).astype(np.uint8) for pixels in noisy]


def check(shape, channels, seed, cell):
    pictures = pictures_of(shape, channels, seed)
    steady, counts = found(pictures, cell)
    expected, expected_counts = reference.stand_out(pictures, LEVELS, cell)
    np.testing.assert_array_equal(steady, expected)
    np.testing.assert_array_equal(counts, expected_counts)


@QUICK
@given(SHAPES, CHANNELS, st.integers(0, 5), st.sampled_from([1, 3, 64]))
def test_what_stands_out_is_the_reference(shape, channels, seed, cell):
    check(shape, channels, seed, cell)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(67, 131), (130, 77)])
def test_what_stands_out_is_the_reference_in_big_pictures(rows, shape, channels):
    check(shape, channels, 1, 16)


def test_black_and_white_are_as_far_apart_as_a_byte_tells():
    pixels = np.zeros((9, 9, 1), np.uint8)
    pixels[4, 4] = 255
    assert found([pixels], 64)[0].max() == 127
    assert found([255 - pixels], 64)[0].min() == -127


@pytest.mark.parametrize("threads", [2, 3, 100])
def test_threads_change_nothing(rows, threads):
    pictures = pictures_of((301, 97), 3, 2)
    for one, many in zip(found(pictures, 16), found(pictures, 16, threads), strict=True):
        np.testing.assert_array_equal(one, many)


def test_maps_that_do_not_fit_are_refused():
    pixels = np.zeros((9, 8, 3), np.uint8)
    with pytest.raises(ValueError, match="steady"):
        kernels.stand_out(pixels, np.zeros((9, 9, 3), np.int8), LEVELS, 4)
    with pytest.raises(ValueError, match="counts"):
        kernels.stand_out(pixels, None, LEVELS[:0], 4)
