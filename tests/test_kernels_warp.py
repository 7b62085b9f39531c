"""The warp against the plain NumPy of ``reference``, and transforms that make no sense."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from focusstack import kernels
from kernel_samples import (
    CHANNELS,
    QUICK,
    SHAPES,
    linear_values,
    picture,
)

DTYPES = st.sampled_from([np.uint8, np.uint16, np.float32])


@QUICK
@given(
    SHAPES,
    SHAPES,
    CHANNELS,
    DTYPES,
    st.lists(st.integers(-300, 300), min_size=6, max_size=6),
)
def test_warp_is_the_reference(shape, size, channels, dtype, numbers):
    a, b, c, d, e, f = (n / 100 for n in numbers)
    matrix = np.array([[1 + a / 6, b / 6, 2 * c], [d / 6, 1 + e / 6, 2 * f], [0, 0, 1]])
    check_warp(shape, size, channels, dtype, matrix)


@QUICK
@given(
    SHAPES,
    CHANNELS,
    st.tuples(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02), st.floats(0.5, 2)),
    st.floats(-3, 3),
)
def test_warp_by_a_homography_is_the_reference(shape, channels, bottom, shift):
    matrix = np.array([[1, 0.1, shift], [-0.05, 1.1, -shift], bottom])
    check_warp(shape, shape[::-1], channels, np.uint8, matrix)


@QUICK
@given(
    SHAPES,
    SHAPES,
    CHANNELS,
    DTYPES,
    st.lists(st.integers(-45, 45), min_size=4, max_size=4),
    st.lists(st.floats(-4, 4), min_size=2, max_size=2),
)
def test_warp_of_an_upright_frame_is_the_reference(shape, size, channels, dtype, numbers, shift):
    a, b, c, d = (n / 1000 for n in numbers)
    matrix = np.array([[1 + a, b, shift[0]], [c, 1 + d, shift[1]], [0, 0, 1]])
    check_warp(shape, size, channels, dtype, matrix)


TURNED = [[1.03, 0.02, -4.4], [-0.02, 1.03, 3.7], [1e-5, -2e-5, 1]]
UPRIGHT = [
    [[1.03, 0.02, -4.4], [-0.02, 1.03, 3.7], [0, 0, 1]],
    [[0.97, 0, 5.3], [0, 0.98, -2.6], [0, 0, 1]],
    [[1, 0.001, 90.25], [-0.001, 1, -70.5], [0, 0, 1]],
    [[2.1, 0.1, 1.5], [-0.1, 1.9, 0.5], [0, 0, 2]],
]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(37, 53), (131, 211), (150, 600)])
@pytest.mark.parametrize("matrix", [TURNED, *UPRIGHT])
def test_warp_is_the_reference_on_big_pictures(rows, shape, channels, matrix):
    check_warp(shape, (shape[1] + 9, shape[0] - 5), channels, np.uint8, np.array(matrix))


def check_warp(shape, size, channels, dtype, matrix):
    pixels = picture(shape, channels, 3, dtype)
    if dtype is np.float32:
        pixels = np.ascontiguousarray(pixels.transpose(1, 2, 0))
    values = linear_values(dtype, channels)
    seen = pixels if dtype is np.float32 else values[np.arange(channels), pixels]
    found = kernels.warp(pixels, values, matrix, size)
    assert found.shape == (channels, size[1], size[0])
    assert found.dtype == np.float32
    # positions are rounded to 1/1024 px, and the kernel's slope is at most 2 per px and axis
    np.testing.assert_allclose(found, reference.warp(seen, matrix, size), atol=4 / 1024)


@QUICK
@given(SHAPES, SHAPES, CHANNELS, st.integers(-400, 400), st.integers(-12, 12), st.booleans())
def test_a_shift_by_whole_pixels_copies_exactly(shape, size, channels, x, y, swap):
    x, y = (y, x) if swap else (x, y)
    pixels = picture(shape, channels, 1, np.uint16)
    values = linear_values(np.uint16, channels)
    matrix = np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])
    rows_ = np.clip(np.arange(size[1]) + y, 0, shape[0] - 1)
    columns = np.clip(np.arange(size[0]) + x, 0, shape[1] - 1)
    expected = values[np.arange(channels), pixels].transpose(2, 0, 1)[:, rows_][:, :, columns]
    np.testing.assert_array_equal(kernels.warp(pixels, values, matrix, size), expected)


def test_a_turned_grid_of_whole_pixels_is_exact_too():
    pixels = picture((9, 7), 3, 2, np.uint8)
    values = linear_values(np.uint8, 3)
    quarter = np.array([[0, 1, 0], [-1, 0, 8], [0, 0, 1.0]])
    found = kernels.warp(pixels, values, quarter, (9, 7))
    expected = values[np.arange(3), np.rot90(pixels, -1)].transpose(2, 0, 1)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("shift", [(1e5, 0.5), (-1e5, 0.5), (0.5, 1e7), (-3e9, -3e9), (1e12, 2.5)])
def test_far_out_of_the_frame_there_is_its_edge(shift):
    pixels = picture((12, 15), 3, 2, np.uint8)
    values = linear_values(np.uint8, 3)
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]])
    found = kernels.warp(pixels, values, matrix, (15, 12))
    np.testing.assert_allclose(
        found, reference.warp(values[np.arange(3), pixels], matrix, (15, 12)), atol=4 / 1024
    )


@pytest.mark.parametrize("matrix", [np.eye(3), *map(np.array, [TURNED, UPRIGHT[0]])])
def test_what_is_clipped_is_marked_on_top_of_what_was(rows, matrix):
    pixels, size = picture((67, 131), 3, 4, np.uint8), (120, 70)
    values, limits = linear_values(np.uint8, 3), (0.2, 0.7)
    marks = np.random.default_rng(1).integers(0, 64, (70, 120)).astype(np.uint8)
    before = marks.copy()
    found = kernels.warp(pixels, values, matrix, size, 2, None, marks, limits)
    dark, bright = found < np.float32(0.2), found > np.float32(0.7)
    for c in range(3):
        before |= (dark[c] << 2 * c | bright[c] << 2 * c + 1).astype(np.uint8)
    np.testing.assert_array_equal(marks, before)


@pytest.mark.parametrize("far", [2**31 - 1, -(2**31), 2**40, -1e12])
def test_whole_shifts_too_large_for_an_int_show_the_edge(far):
    pixels = picture((6, 5), 1, 2, np.uint8)
    matrix = np.array([[1, 0, far], [0, 1, 0], [0, 0, 1.0]])
    values = linear_values(np.uint8, 1)
    found = kernels.warp(pixels, values, matrix, (5, 6))
    edge = values[0, pixels[:, -1 if far > 0 else 0]]
    np.testing.assert_array_equal(found[0], np.repeat(edge, 5, axis=1))


HOSTILE = """
import numpy as np
from focusstack import kernels
nan, inf = np.nan, np.inf
matrices = [
    np.full((3, 3), nan), np.full((3, 3), inf), np.zeros((3, 3)),
    [[1, 0, nan], [0, 1, nan], [0, 0, 1]], [[1, 0, 0], [0, 1, nan], [0, 0, 1]],
    [[1, 0, inf], [0, 1, -inf], [0, 0, 1]], [[1, 0, 0.5], [0, inf, 0], [0, 0, 1]],
    [[1, 0, 0], [0, 1, 0], [0, 0, 0]], [[1, 0, 0], [0, 1, 0], [0, 0, nan]],
    [[1, 0, 0], [0, 1, 0], [0.01, 0, -0.5]], [[1, 0, 0], [0, 1, 0], [-0.1, 0.1, 0.2]],
    [[1, 0, 0], [0, 1, 0], [0, 0.02, -1]], [[1, 0, 0], [0, 1, 0], [0.01, -0.02, 1e-9]],
    [[1, 0, 1e300], [0, 1, 0], [0, 0, 1]], [[0, 0, 0.5], [0, 0, 0.5], [0, 0, 1]],
]
for channels in (1, 3):
    values = np.tile(np.linspace(0, 1, 256, dtype=np.float32), (channels, 1))
    for side in (1, 5, 9, 20, 300):
        pixels = np.full((side, side, channels), 200, np.uint8)
        for matrix in matrices:
            for threads in (1, 3):
                try:
                    transform = np.array(matrix, float)
                    found = kernels.warp(pixels, values, transform, (side, side), threads)
                except ValueError:
                    continue
                assert np.abs(found - values[0, 200]).max() < 1e-3, (side, matrix)
print("survived")
"""


def test_transforms_that_make_no_sense_neither_crash_nor_read_beyond_the_frame():
    """In a process of its own, because what it looks for would end this one.

    Every pixel of the frame has one value, so whatever else comes out was read somewhere else.
    """
    run = subprocess.run(
        [sys.executable, "-c", HOSTILE], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr[-2000:] or f"ended by signal {-run.returncode}"
    assert run.stdout.strip() == "survived"
