"""The warp of bytes in numbers of 16 bits, which frames that cover the canvas go through."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from focusstack import kernels
from focusstack.steps import tone
from kernel_samples import CHANNELS, QUICK, linear_values, picture

MARGIN = 9
CODES = np.tile(np.arange(256, dtype=np.float32) / 255, (3, 1))
EVENED = tone.code_values(np.dtype(np.uint8), np.array([0.94, 1.02, 1.3]))
TABLES = pytest.mark.parametrize(
    "values", [CODES, EVENED, linear_values(np.uint8, 3)], ids=["codes", "evened", "bent"]
)


def inside(shape, grow, turn, lean, shift=(0.0, 0.0)):
    """frame_from_canvas for a canvas in the middle of a frame, and that canvas's size."""
    size = shape[1] - 2 * MARGIN, shape[0] - 2 * MARGIN
    middle = np.array([[1, 0, (size[0] - 1) / 2], [0, 1, (size[1] - 1) / 2], [0, 0, 1]])
    there = np.array([[1, 0, (shape[1] - 1) / 2], [0, 1, (shape[0] - 1) / 2], [0, 0, 1]])
    there[:2, 2] += shift
    moved = np.array([[1 + grow, lean, 0], [turn, 1 + grow, 0], [0, 0, 1]])
    return there @ moved @ np.linalg.inv(middle), size


@QUICK
@given(
    st.tuples(st.integers(19, 90), st.integers(19, 110)),
    CHANNELS,
    st.floats(-0.059, 0.059),
    st.floats(-0.0019, 0.0019),
    st.floats(-0.014, 0.014),
    st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    st.sampled_from([CODES, EVENED, linear_values(np.uint8, 3)]),
)
def test_it_is_the_reference(shape, channels, grow, turn, lean, shift, table):
    matrix, size = inside(shape, grow, turn, lean, shift)
    pixels = picture(shape, channels, 5, np.uint8)
    values = table[:channels]
    found = kernels.warp(pixels, values, matrix, size)
    expected = reference.warp(values[np.arange(channels), pixels], matrix, size)
    np.testing.assert_allclose(found, expected, atol=4 / 1024)


@pytest.mark.parametrize("transform", [(0.011, 0, 0), (-0.02, 0.001, -0.001), (0, -0.0005, 0.0005)])
@TABLES
def test_what_is_smooth_is_right_to_a_thirtieth_of_a_code(rows, transform, values):
    pixels = cv2.GaussianBlur(picture((210, 331), 3, 6, np.uint8), (0, 0), 1.2)
    pixels = cv2.normalize(pixels, None, 0, 255, cv2.NORM_MINMAX)
    matrix, size = inside(pixels.shape[:2], *transform, (0.3, 0.6))
    found = kernels.warp(pixels, values, matrix, size)
    off = found - reference.warp(values[np.arange(3), pixels], matrix, size)
    assert np.sqrt((off**2).mean()) < 1 / 30 / 255
    assert abs(off.mean()) < 1 / 100 / 255


@pytest.mark.parametrize("code", [0, 1, 100, 254, 255])
def test_what_is_even_stays_so(code):
    pixels = np.full((120, 150, 3), code, np.uint8)
    matrix, size = inside((120, 150), 0.013, 0.001, -0.001, (0.2, 0.7))
    found = kernels.warp(pixels, CODES, matrix, size)
    np.testing.assert_allclose(found, code / 255, atol=0.2 / 255)


@TABLES
def test_both_instruction_sets_and_any_threads_give_the_same_bits(values):
    pixels = picture((330, 611), 3, 7, np.uint8)
    matrix, size = inside((330, 611), -0.017, 0.0015, -0.0012, (1.3, 0.6))
    made = [kernels.warp(pixels, values, matrix, size, threads) for threads in (1, 3)]
    kernels.use_fast_rows(False)
    try:
        made.append(kernels.warp(pixels, values, matrix, size))
    finally:
        kernels.use_fast_rows(True)
    for other in made[1:]:
        np.testing.assert_array_equal(made[0], other)


@pytest.mark.parametrize("gain", [1.7, 3.0])
def test_frames_made_brighter_than_white_do_not_overflow(gain):
    """The second is beyond what 16 bits are used for."""
    pixels = (picture((70, 90), 3, 8, np.uint8) // 128 * 255).astype(np.uint8)
    matrix, size = inside((70, 90), 0.013, 0, 0, (0.4, 0.4))
    values = CODES * np.float32(gain)
    found = kernels.warp(pixels, values, matrix, size)
    expected = reference.warp(values[np.arange(3), pixels], matrix, size)
    np.testing.assert_allclose(found, expected, atol=gain * 4 / 1024)
