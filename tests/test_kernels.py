"""The compiled kernels against the plain NumPy of ``reference``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from focusstack import kernels

SHAPES = st.tuples(st.integers(1, 10), st.integers(1, 10))
BIG = [(37, 53), (131, 300), (257, 41), (64, 259)]
CHANNELS = st.sampled_from([1, 3])
LUMA = {1: np.ones(1, np.float32), 3: np.array([0.299, 0.587, 0.114], np.float32)}
QUICK = settings(max_examples=60, deadline=None)


def picture(shape, channels, seed=0, dtype=np.float32):
    """Random pixels, (C, H, W) for float32, else interleaved (H, W, C)."""
    rng = np.random.default_rng([seed, *shape, channels])
    if dtype is np.float32:
        return rng.random((channels, *shape), dtype=np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, (*shape, channels)).astype(dtype)


def linear_values(dtype, channels):
    """A table that maps codes to 0..1, a little differently in each channel."""
    if dtype is np.float32:
        return np.zeros((channels, 0), np.float32)
    ramp = np.arange(np.iinfo(dtype).max + 1) / np.iinfo(dtype).max
    return np.stack([ramp ** (1 + 0.2 * c) for c in range(channels)]).astype(np.float32)


def empty_state(channels, shape):
    return (
        np.zeros(shape, np.float32),
        np.zeros(shape, np.float32),
        np.zeros((channels, *shape), np.float32),
    )


def accumulated(frames, power_of_two=4, valid=None, scale=1.0, threads=1):
    """The state after some frames, and their scores."""
    channels, shape = len(frames[0]), frames[0].shape[1:]
    state, scores = empty_state(channels, shape), []
    for k, fine in enumerate(frames):
        score = np.empty(shape, np.float32)
        low = kernels.pyramid_down(fine)
        mask = None if valid is None else valid[k]
        kernels.accumulate_band(
            fine, low, state, LUMA[channels], noise_table(), scale, power_of_two, mask, score, threads
        )
        scores.append(score)
    return state, scores


def noise_table():
    return np.linspace(1e-3, 8e-3, kernels.VARIANCE_BINS).astype(np.float32)


@pytest.fixture(params=[True, False], ids=["fast", "plain"])
def rows(request) -> Iterator[bool]:
    """Both instruction sets; skipped where this CPU has only one."""
    got = kernels.use_fast_rows(request.param)
    if got != request.param:
        pytest.skip("this CPU has no AVX2")
    yield request.param
    kernels.use_fast_rows(True)


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
@given(SHAPES, CHANNELS, st.integers(2, 5), st.integers(0, 5))
def test_a_band_is_the_reference(shape, channels, squarings, seed):
    check_band(shape, channels, squarings, seed)


@pytest.mark.parametrize("shape", BIG)
def test_a_band_is_the_reference_on_big_pictures(rows, shape):
    check_band(shape, 3, 4, 1)


@pytest.mark.parametrize("squarings", [0, 1])
def test_a_band_with_soft_weights_is_the_reference(squarings):
    check_band((40, 50), 3, squarings, 2, contrast=30)


def check_band(shape, channels, squarings, seed, contrast=1):
    frames = [picture(shape, channels, 10 * seed + k) / np.float32(contrast**k) for k in range(4)]
    (peak, weight, sums), scores = accumulated(frames, squarings, scale=0.1)
    told = [
        reference.band_score(f, reference.down(f), LUMA[channels], noise_table(), 0.1)
        for f in frames
    ]
    for score, (expected, _) in zip(scores, told, strict=True):
        # where a mean lies between two entries of the noise table, rounding may pick either
        assert_mostly_close(score, expected, 1e-5)
    fused, total = reference.fuse_band(list(zip(scores, [d for _, d in told], strict=True)), 1 << squarings)
    np.testing.assert_array_equal(peak, np.max(scores, axis=0))
    np.testing.assert_allclose(weight, total, rtol=2e-5)
    np.testing.assert_allclose(sums / weight, fused / total, atol=2e-5)


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
        kernels.accumulate_band(fine, low, state, LUMA[1], noise, 1.0, 4)
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


# ---------------------------------------------------------------- warp


@QUICK
@given(
    SHAPES,
    SHAPES,
    CHANNELS,
    st.sampled_from([np.uint8, np.uint16, np.float32]),
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


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(37, 53), (131, 211)])
def test_warp_is_the_reference_on_big_pictures(rows, shape, channels):
    matrix = np.array([[1.03, 0.02, -4.4], [-0.02, 1.03, 3.7], [1e-5, -2e-5, 1]])
    check_warp(shape, (shape[1] + 9, shape[0] - 5), channels, np.uint8, matrix)


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
@given(
    SHAPES, SHAPES, CHANNELS, st.integers(-400, 400), st.integers(-12, 12), st.booleans()
)
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


@pytest.mark.parametrize("shift", [(1e5, 0.5), (-1e5, 0.5), (0.5, 1e7), (-3e9, -3e9), (1e300, 2.5)])
def test_far_out_of_the_frame_there_is_its_edge(shift):
    pixels = picture((12, 15), 3, 2, np.uint8)
    values = linear_values(np.uint8, 3)
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]])
    found = kernels.warp(pixels, values, matrix, (15, 12))
    np.testing.assert_allclose(
        found, reference.warp(values[np.arange(3), pixels], matrix, (15, 12)), atol=4 / 1024
    )


@pytest.mark.parametrize("far", [2**31 - 1, -(2**31), 2**40, -1e300])
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
                    found = kernels.warp(pixels, values, np.array(matrix, float), (side, side), threads)
                except ValueError:
                    continue
                assert np.abs(found - values[0, 200]).max() < 1e-3, (side, matrix)
print("survived")
"""


def test_transforms_that_make_no_sense_neither_crash_nor_read_beyond_the_frame():
    """In a process of its own, because what it looks for would end this one.

    Every pixel of the frame has one value, so whatever else comes out was read somewhere else.
    """
    run = subprocess.run([sys.executable, "-c", HOSTILE], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr[-2000:] or f"ended by signal {-run.returncode}"
    assert run.stdout.strip() == "survived"


# ---------------------------------------------------------------- threads and instruction sets


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
        made += [low, *state, *scores, out, kernels.warp(pixels, values, matrix, size, threads)]
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
    kernels.accumulate_band(fine, low, empty_state(3, (20, 30)), LUMA[3], noise_table(), 1.0, 4)
    kernels.collapse_band(fine, np.ones((20, 30), np.float32), low, np.empty((3, 20, 30), np.float32))


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
        kernels.accumulate_band(
            fine, low, state, LUMA[3], noise_table(), 1.0, 4, None, arrays["score"]
        )
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


REFUSED = (ValueError, TypeError)


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
        "valid": np.ones((6, 9), np.uint8),
        "score": np.ones((6, 9), np.float32),
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
        a["valid"],
        a["score"],
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
        )
