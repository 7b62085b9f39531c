"""What kernels take, what they refuse, and what must not change what they give."""

from __future__ import annotations

import numpy as np
import pytest

from focusstack import kernels
from kernel_samples import (
    LUMA,
    accumulated,
    empty_state,
    linear_values,
    noise_table,
    picture,
)

REFUSED = (ValueError, TypeError)


# ---------------------------------------------------------------- threads and instruction sets


UPRIGHT = np.array([[1.01, 0.02, -3.3], [-0.02, 1.01, 2.2], [0, 0, 1]])


def all_kernels(threads):
    """Output of every kernel on pictures of odd sizes."""
    made = []
    for channels, shape in ((3, (301, 403)), (1, (159, 77)), (3, (5, 3))):
        frames = [picture(shape, channels, k) for k in range(3)]
        low = kernels.pyramid_down(frames[0], threads)
        state, scores = accumulated(frames, threads=threads)
        out = np.empty_like(frames[0])
        kernels.collapse_band(state[2], state[1], low, out, threads)
        pixels = picture(shape, channels, 9, np.uint8)
        matrix = np.array([[1.01, 0.02, -3.3], [-0.02, 1.01, 2.2], [1e-6, 0, 1]])
        size = (shape[1], shape[0])
        values = linear_values(np.uint8, channels)
        made += [low, *state, *scores, out]
        for transform in (matrix, UPRIGHT):
            made.append(kernels.warp(pixels, values, transform, size, threads))
    return made


@pytest.mark.parametrize("threads", [2, 3, 4, 100])
def test_the_number_of_threads_changes_no_bit(rows, threads):
    for one, many in zip(all_kernels(1), all_kernels(threads), strict=True):
        np.testing.assert_array_equal(one, many)


def test_the_instruction_set_changes_no_bit():
    if not kernels.use_fast_rows(True):
        pytest.skip("this CPU has no AVX2")
    fast = all_kernels(2)
    assert kernels.use_fast_rows(False) is False
    try:
        plain = all_kernels(2)
    finally:
        assert kernels.use_fast_rows(True)
    for a, b in zip(fast, plain, strict=True):
        np.testing.assert_array_equal(a, b)


# ---------------------------------------------------------------- what goes in


@pytest.mark.parametrize("view", [np.s_[:, ::2], np.s_[:, :, ::-1], np.s_[::2, 1:, 1:-1]])
def test_inputs_need_not_be_contiguous(view):
    part = picture((20, 30), 3)[view]
    np.testing.assert_array_equal(
        kernels.pyramid_down(part), kernels.pyramid_down(np.ascontiguousarray(part))
    )


def test_pixels_need_not_be_contiguous():
    part = picture((20, 30), 3, 0, np.uint16)[::-2, 1::3]
    values, matrix = linear_values(np.uint16, 3), np.diag([1.1, 0.9, 1])
    np.testing.assert_array_equal(
        kernels.warp(part, values, matrix, (10, 10)),
        kernels.warp(np.ascontiguousarray(part), values, matrix, (10, 10)),
    )


def test_inputs_are_not_changed():
    fine = picture((20, 30), 3)
    low = kernels.pyramid_down(fine)
    for array in (fine, low):
        array.flags.writeable = False
    kernels.pyramid_down(fine)
    state, score = empty_state(3, (20, 30)), np.empty((20, 30), np.float32)
    kernels.accumulate_band(fine, low, state, LUMA[3], noise_table(), 1.0, 4, score)
    kernels.collapse_band(fine, np.ones_like(score), low, np.empty_like(fine))


@pytest.mark.parametrize("spoil", ["peak", "weight", "sums", "score"])
@pytest.mark.parametrize("how", ["strided", "float64"])
def test_what_is_written_to_is_written_to_or_refused(spoil, how):
    """Results must never go into a hidden copy of an array that does not fit."""
    fine = picture((12, 10), 3)
    arrays = dict(zip(("peak", "weight", "sums"), empty_state(3, (12, 10)), strict=True))
    arrays["score"] = np.zeros((12, 10), np.float32)
    arrays[spoil] = unfit(arrays[spoil], how)
    state = arrays["peak"], arrays["weight"], arrays["sums"]
    low = kernels.pyramid_down(fine)
    try:
        kernels.accumulate_band(fine, low, state, LUMA[3], noise_table(), 1.0, 4, arrays["score"])
    except (TypeError, ValueError):
        return
    assert all(array.any() for array in arrays.values())


@pytest.mark.parametrize("how", ["strided", "float64"])
def test_out_is_written_to_or_refused(how):
    fine = picture((12, 10), 3)
    out = unfit(np.zeros_like(fine), how)
    try:
        kernels.collapse_band(fine, np.ones((12, 10), np.float32), kernels.pyramid_down(fine), out)
    except (TypeError, ValueError):
        return
    assert out.any()


@pytest.mark.parametrize("how", ["strided", "float64"])
def test_a_coarser_level_is_written_to_or_refused(how):
    out = unfit(np.zeros((3, 6, 5), np.float32), how)
    try:
        kernels.pyramid_down(picture((12, 10), 3), 1, out)
    except (TypeError, ValueError):
        return
    assert out.any()


@pytest.mark.parametrize("how", ["strided", "float64"])
def test_the_warp_is_written_to_or_refused(how):
    pixels = picture((12, 10), 3, 1, np.uint8)
    out = unfit(np.zeros((3, 12, 10), np.float32), how)
    try:
        kernels.warp(pixels, linear_values(np.uint8, 3), np.eye(3), (10, 12), 1, out)
    except (TypeError, ValueError):
        return
    assert out.any()


def unfit(array, how):
    if how == "float64":
        return array.astype(np.float64)
    return np.repeat(array, 2, axis=-1)[..., ::2]


@pytest.mark.parametrize(
    "shape", [(0, 5, 3), (5, 0, 3), (5, 5, 2), (5, 5, 4), (5, 5), (5, 5, 0), (2, 5, 5, 3)]
)
def test_warp_refuses_pixels_of_no_known_shape(shape):
    pixels, values = np.zeros(shape, np.uint8), np.zeros((shape[-1], 256), np.float32)
    with pytest.raises(REFUSED):
        kernels.warp(pixels, values, np.eye(3), (5, 5))


@pytest.mark.parametrize("dtype", [np.int32, np.int8, np.float64, bool, np.complex64])
def test_warp_refuses_pixels_of_another_dtype(dtype):
    with pytest.raises(REFUSED):
        kernels.warp(np.zeros((5, 5, 3), dtype), np.zeros((3, 256), np.float32), np.eye(3), (5, 5))


@pytest.mark.parametrize("table", [(3, 255), (1, 256), (3, 65536), (3, 0)])
def test_warp_refuses_a_table_that_does_not_fit_the_codes(table):
    with pytest.raises(ValueError, match="values"):
        kernels.warp(np.zeros((5, 5, 3), np.uint8), np.zeros(table, np.float32), np.eye(3), (5, 5))


@pytest.mark.parametrize("out", [(1, 5, 5), (3, 5, 6), (3, 4, 5)])
def test_warp_refuses_an_out_of_another_shape(out):
    pixels, values = np.zeros((5, 5, 3), np.uint8), np.zeros((3, 256), np.float32)
    with pytest.raises(ValueError, match="out"):
        kernels.warp(pixels, values, np.eye(3), (5, 5), 1, np.zeros(out, np.float32))


def test_warp_refuses_a_transform_that_is_not_3x3():
    pixels, values = np.zeros((5, 5, 3), np.uint8), np.zeros((3, 256), np.float32)
    with pytest.raises(REFUSED):
        kernels.warp(pixels, values, np.eye(3)[:2], (5, 5))


@pytest.mark.parametrize("shape", [(0, 4, 4), (3, 0, 4), (3, 4, 0), (4, 4)])
def test_down_refuses_what_is_no_picture(shape):
    if shape[0] == 0:
        assert kernels.pyramid_down(np.zeros(shape, np.float32)).size == 0
        return
    with pytest.raises(REFUSED):
        kernels.pyramid_down(np.zeros(shape, np.float32))


def test_shapes_that_do_not_fit_are_refused():
    fine = np.zeros((3, 6, 9), np.float32)
    good = {
        "low": np.zeros((3, 3, 5), np.float32),
        "peak": np.zeros((6, 9), np.float32),
        "weight": np.zeros((6, 9), np.float32),
        "sums": np.zeros((3, 6, 9), np.float32),
        "luma": np.ones(3, np.float32),
        "variance": np.ones(64, np.float32),
        "score": np.ones((6, 9), np.float32),
        "guide": np.ones((6, 9), np.float32),
        "valid": np.ones((6, 9), np.uint8),
        "prior": np.ones((6, 9), np.float32),
    }
    feed(fine, good)
    for name, array in good.items():
        wrong = np.zeros(tuple(n + 1 for n in array.shape), array.dtype)
        with pytest.raises(ValueError):  # noqa: PT011 - which array is in the message, not the wording
            feed(fine, good | {name: wrong})


def feed(fine, a):
    kernels.accumulate_band(
        fine,
        a["low"],
        (a["peak"], a["weight"], a["sums"]),
        a["luma"],
        a["variance"],
        1.0,
        4,
        a["score"],
        1.0,
        a["guide"],
        a["valid"],
        a["prior"],
    )


@pytest.mark.parametrize("squarings", [-1, 6])
def test_powers_out_of_range_are_refused(squarings):
    fine = np.zeros((1, 4, 4), np.float32)
    with pytest.raises(ValueError, match="squarings"):
        kernels.accumulate_band(
            fine,
            kernels.pyramid_down(fine),
            empty_state(1, (4, 4)),
            LUMA[1],
            noise_table(),
            1.0,
            squarings,
            np.zeros((4, 4), np.float32),
        )
