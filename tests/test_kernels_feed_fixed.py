"""Frames of bytes that cover the canvas: their finest band is made in numbers of 16 bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from focusstack import kernels
from kernel_samples import CHANNELS, LUMA, QUICK, empty_state, noise_table, picture
from test_kernels_feed import INNER, LIMITS, frames_of, in_rows, whole

CODES = np.tile(np.arange(256, dtype=np.float32) / 255, (3, 1))
UNIT = np.float32(1 / (255 * 64))
MARGIN = 4
MOVED = np.array([[1.0, 0, 3.3], [0, 1, 2.6], [0, 0, 1]])
SHIFTED = np.array([[1.0, 0, 3], [0, 1, 2], [0, 0, 1]])
SHAPES = st.tuples(st.integers(1, 90), st.integers(1, 110))


def product(a, share):
    """What a number of 16 bits is times ``share``, rounded as it is in registers."""
    return (a * int(share * 32768) + 16384) >> 15


def weighed(middle, pairs, axis):
    """The middle and what is beside it, pairs of which have a share each."""
    sign = 1 if axis == 1 else -1  # halves are rounded up along columns, down along rows
    parts = [product(sign * (a - middle), share) for share, pair in pairs for a in pair]
    return middle + sign * sum(parts)


def down(a, axis):
    size = a.shape[axis]
    at = np.arange(0, size, 2)

    def beside(by):
        i = (at + by) % max(2 * (size - 1), 1)
        return np.take(a, np.where(i < size, i, 2 * (size - 1) - i), axis)

    pairs = (1 / 4, (beside(-1), beside(1))), (1 / 16, (beside(-2), beside(2)))
    return weighed(beside(0), pairs, axis)


def up(low, size, axis):
    """A level expanded along an axis to the ``size`` of the next finer one."""
    at = np.arange(size) // 2

    def beside(by):
        return np.take(low, np.clip(at + by, 0, low.shape[axis] - 1), axis)

    even = weighed(beside(0), [(1 / 8, (beside(-1), beside(1)))], axis)
    odd = weighed(beside(0), [(1 / 2, (beside(1),))], axis)
    shape = [1, 1, 1]
    shape[axis] = size
    return np.where((np.arange(size) % 2 == 1).reshape(shape), odd, even)


def one_fed(shape, channels, matrix, seed):
    """What a frame of its own leaves, and the whole frame in numbers of 16 bits."""
    frame = picture((shape[0] + 2 * MARGIN, shape[1] + 2 * MARGIN), channels, seed, np.uint8)
    resampling = kernels.Resampling(frame, CODES[:channels], matrix, shape[::-1])
    state = empty_state(channels, shape)
    low = np.empty((channels, *map(kernels.half, shape)), np.float32)
    guide = np.empty(low.shape[1:], np.float32)
    kernels.feed_finest(resampling, state, low, guide, LUMA[channels], noise_table(), 1.0, 3)
    return state, low, np.rint(resampling.planar() / UNIT).astype(np.int64)


@QUICK
@given(SHAPES, CHANNELS, st.sampled_from([MOVED, SHIFTED]), st.integers(0, 9))
def test_one_frame_leaves_what_the_reference_makes(shape, channels, matrix, seed):
    (_, weight, sums), low, fine = one_fed(shape, channels, matrix, seed)
    reduced = down(down(fine, 1), 2)
    np.testing.assert_array_equal(np.rint(low / UNIT), reduced)
    detail = fine - up(up(reduced, shape[0], 1), shape[1], 2)
    np.testing.assert_array_equal(np.rint(sums / UNIT), detail)
    np.testing.assert_allclose(weight, 1, rtol=1e-6)


@pytest.mark.parametrize("channels", [1, 3])
def test_it_hardly_differs_from_floats(rows, channels):
    shape = 301, 277
    frames = frames_of(shape, channels, INNER, True, np.uint8, None)
    expected, found = whole(frames, shape, channels), in_rows(frames, shape, channels)
    for k, (one, other) in enumerate(zip(found, expected, strict=True)):
        off = np.abs(one - other)
        if k >= 3 and k % 2 == 1:  # a level that is handed on
            assert off.max() < 0.1 / 255
        else:
            assert off.max() < 0.03 * np.abs(other).max()
            assert np.sqrt((off**2).mean()) < 1e-3 * np.sqrt((other**2).mean())


def test_what_is_taken_apart_comes_together_again():
    shape = 211, 320
    state, low, fine = one_fed(shape, 3, MOVED, 1)
    made = np.empty_like(state[2])
    kernels.collapse_band(state[2], state[1], low, made)
    off = made - fine * UNIT
    assert np.abs(off).max() < 3 * UNIT
    assert abs(off.mean()) < 0.1 * UNIT


@pytest.mark.parametrize("threads", [2, 3, 100])
@pytest.mark.parametrize("height", [127, 128, 700])
def test_threads_and_instruction_sets_change_no_bit(threads, height):
    shape = height, 277
    frames = frames_of(shape, 3, INNER, True, np.uint8, None)
    expected, made = in_rows(frames, shape, 3), [in_rows(frames, shape, 3, threads)]
    kernels.use_fast_rows(False)
    try:
        made.append(in_rows(frames, shape, 3, threads))
    finally:
        kernels.use_fast_rows(True)
    for found in made:
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("matrix", [INNER, MOVED], ids=["inner", "moved"])
def test_clipped_values_are_those_of_the_whole_frame(matrix):
    shape = 150, 170
    frame = picture((shape[0] + 20, shape[1] + 20), 3, 2, np.uint8)
    marks = [np.zeros(shape, np.uint8) for _ in range(2)]
    whole_frame, fed = (
        kernels.Resampling(frame, CODES, matrix, shape[::-1], seen, LIMITS) for seen in marks
    )
    whole_frame.planar()
    low = np.empty((3, *map(kernels.half, shape)), np.float32)
    guide = np.empty(low.shape[1:], np.float32)
    kernels.feed_finest(fed, empty_state(3, shape), low, guide, LUMA[3], noise_table(), 1.0, 3)
    np.testing.assert_array_equal(*marks)
    assert len(np.unique(marks[0])) > 20
