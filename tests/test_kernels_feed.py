"""A frame fed to the finest band a few rows at a time, against the same in whole pictures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from focusstack import kernels
from kernel_samples import (
    CHANNELS,
    LUMA,
    QUICK,
    SHAPES,
    empty_state,
    linear_values,
    noise_table,
    picture,
)

UPRIGHT = np.array([[1.004, 0.003, -3.3], [-0.003, 1.004, 2.2], [0, 0, 1]])
INNER = np.array([[0.97, 0.001, 3.3], [-0.001, 0.97, 4.2], [0, 0, 1]])  # covers the canvas
TURNED = np.array([[0.8, 0.3, -3.3], [-0.3, 0.8, 20.2], [1e-5, 0, 1]])
SHIFTED = np.array([[1.0, 0, 3], [0, 1, -2], [0, 0, 1]])
LIMITS = 0.1, 0.9


def veil_maps(shape, channels, rng):
    small = tuple(-(-side // 2) for side in shape)
    planes = [rng.random((channels, *small), dtype=np.float32) for _ in range(4)]
    gain = np.where(rng.random(small) < 0.5, 1, 1.4).astype(np.float32)
    replace = (rng.random(small, dtype=np.float32) > 0.8) * np.float32(0.6)
    limits = planes[2] * np.float32(0.5), planes[3] * np.float32(0.5) + np.float32(0.5)
    return kernels.VeilMaps(gain, replace, planes[0] * np.float32(0.1), planes[1], limits, 2)


def frames_of(shape, channels, matrix, veiled, dtype, marks):
    """Three frames with, where wanted, a veil each, and priors and masks for them."""
    rng = np.random.default_rng([*shape, channels])
    values, made = linear_values(dtype, channels), []
    for k in range(3):
        pixels = picture(shape, channels, k, dtype)
        if dtype is np.float32:
            pixels = pixels.transpose(1, 2, 0)
        veil = veil_maps(shape, channels, rng) if veiled else None
        size = shape[::-1]
        made.append(kernels.Resampling(pixels, values, matrix, size, marks, LIMITS, veil))
    small = tuple(kernels.half(side) for side in shape)
    priors = [rng.random(small, dtype=np.float32) for _ in made]
    valid = [(rng.random(shape) < 0.8).astype(np.uint8) for _ in made]
    return list(zip(made, priors, valid, strict=True))


def whole(frames, shape, channels):
    """What whole pictures give: the state, and each frame's next level and guide."""
    state, handed_on = empty_state(channels, shape), []
    for frame, prior, valid in frames:
        fine, score = frame.planar(), np.empty(shape, np.float32)
        low = kernels.pyramid_down(fine)
        way = LUMA[channels], noise_table(), 0.5, 4, score, 3.0, None, valid, prior, 1, (0.5, -0.25)
        kernels.accumulate_band(fine, low, state, *way)
        handed_on += [low, kernels.pyramid_down(score[np.newaxis])[0]]
    return [*state, *handed_on]


def in_rows(frames, shape, channels, threads=1, rows=None, lows=None):
    """The same by ``feed_finest``; ``rows`` are those that the state holds, ``lows`` are made."""
    first, end = rows or (0, shape[0])
    lows = lows or (0, kernels.half(shape[0]))
    state, handed_on = empty_state(channels, (end - first, shape[1])), []
    small = lows[1] - lows[0], kernels.half(shape[1])
    for frame, prior, valid in frames:
        low = np.full((channels, *small), np.nan, np.float32)
        guide = np.full(small, np.nan, np.float32)
        way = LUMA[channels], noise_table(), 0.5, 4, 3.0, valid, prior, threads, (0.5, -0.25)
        kernels.feed_finest(frame, state, low, guide, *way, first, lows[0])
        handed_on += [low, guide]
    return [*state, *handed_on]


def check(shape, channels, matrix, veiled, dtype, threads=1):
    marks = [np.zeros(shape, np.uint8) for _ in range(2)]
    ways = [
        way(frames_of(shape, channels, matrix, veiled, dtype, seen), shape, channels, *more)
        for way, seen, more in ((whole, marks[0], ()), (in_rows, marks[1], (threads,)))
    ]
    for expected, found in zip(*ways, strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(*marks)
    assert shape[0] * shape[1] < 100 or marks[0].any()


@QUICK
@given(SHAPES, CHANNELS, st.booleans(), st.sampled_from([np.uint8, np.uint16, np.float32]))
def test_tiny_frames_are_fed_as_whole_ones_are(shape, channels, veiled, dtype):
    check(shape, channels, UPRIGHT, veiled, dtype)


@pytest.mark.parametrize(
    ("matrix", "dtype"),
    [(UPRIGHT, np.uint8), (INNER, np.uint16), (TURNED, np.uint8), (SHIFTED, np.uint8)],
    ids=["upright", "inner", "turned", "shifted"],
)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("veiled", [False, True])
def test_large_frames_are_fed_as_whole_ones_are(rows, matrix, channels, veiled, dtype):
    check((301, 277), channels, matrix, veiled, dtype)


@pytest.mark.parametrize("threads", [2, 3, 100])
@pytest.mark.parametrize("height", [127, 128, 700])
def test_threads_change_no_bit(threads, height):
    check((height, 33), 3, UPRIGHT, True, np.uint16, threads)
    check((height, 277), 3, INNER, True, np.uint16, threads)


@pytest.mark.parametrize("rows", [(0, 1), (0, 100), (100, 207), (206, 207), (31, 32), (50, 50)])
@pytest.mark.parametrize("matrix", [UPRIGHT, INNER], ids=["upright", "inner"])
def test_a_part_of_the_state_is_that_part_of_the_whole_state(rows, matrix):
    shape = 207, 120
    frames = frames_of(shape, 3, matrix, True, np.uint8, None)
    all_rows, some = in_rows(frames, shape, 3), in_rows(frames, shape, 3, 2, rows)
    for expected, found in zip(all_rows[:3], some[:3], strict=True):
        np.testing.assert_array_equal(found, expected[..., slice(*rows), :])
    for expected, found in zip(all_rows[3:], some[3:], strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "spoil",
    ["peak", "weight", "sums", "low", "guide", "luma", "valid", "prior", "clipped", "first"],
)
def test_arrays_that_do_not_fit_are_refused(spoil):
    shape, small = (20, 30), (10, 15)
    frame = kernels.Resampling(
        picture(shape, 3, 0, np.uint8), linear_values(np.uint8, 3), np.eye(3), (30, 20)
    )
    arrays = {
        "peak": np.zeros(shape, np.float32),
        "weight": np.zeros(shape, np.float32),
        "sums": np.zeros((3, *shape), np.float32),
        "low": np.zeros((3, *small), np.float32),
        "guide": np.zeros(small, np.float32),
        "luma": LUMA[3],
        "valid": np.ones(shape, np.uint8),
        "prior": np.ones(shape, np.float32),
        "clipped": np.zeros(shape, np.uint8),
    }

    def feed(first=0):
        state = arrays["peak"], arrays["weight"], arrays["sums"]
        shown = kernels.Resampling(
            frame.pixels, frame.values, np.eye(3), (30, 20), arrays["clipped"]
        )
        kernels.feed_finest(
            shown,
            state,
            arrays["low"],
            arrays["guide"],
            arrays["luma"],
            noise_table(),
            1.0,
            4,
            valid=arrays["valid"],
            prior=arrays["prior"],
            first_row=first,
        )

    feed()
    if spoil == "first":
        with pytest.raises(ValueError, match="on the canvas"):
            feed(1)
        return
    arrays[spoil] = arrays[spoil][..., :-1].copy()
    with pytest.raises((ValueError, TypeError)):
        feed()


@pytest.mark.parametrize(
    "matrix", [UPRIGHT, INNER, TURNED, SHIFTED], ids=["upright", "inner", "turned", "shifted"]
)
@pytest.mark.parametrize("lows", [(0, 104), (0, 50), (31, 90), (64, 104), (103, 104), (7, 7)])
def test_some_rows_of_the_next_level_are_those_of_all(matrix, lows):
    shape = 207, 90
    frames = frames_of(shape, 3, matrix, True, np.uint8, None)
    held = 2 * lows[0], min(207, 2 * lows[1])
    expected, found = in_rows(frames, shape, 3), in_rows(frames, shape, 3, 2, held, lows)
    for all_rows, some in zip(expected[:3], found[:3], strict=True):
        np.testing.assert_array_equal(some, all_rows[..., slice(*held), :])
    for all_rows, some in zip(expected[3:], found[3:], strict=True):
        np.testing.assert_array_equal(some, all_rows[..., slice(*lows), :])
