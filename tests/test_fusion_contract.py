"""What every fusion method promises, and a little of what each one promises alone."""

from __future__ import annotations

from itertools import permutations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focusstack import recipe
from focusstack.model import DepthGuide, NoiseModel
from focusstack.recipe import Recipe
from focusstack.steps.focus import band_noise_gains
from focusstack.steps.fuse import METHODS, Aligned, Canvas, FusionContext, make_method, to_pixels

SIGMA = 0.01
ANY = pytest.mark.parametrize("method", METHODS)
CHOOSING = pytest.mark.parametrize("method", [m for m in METHODS if m != "average"])
PIXELWISE = ("laplacian", "depthmap", "average")
COLOURS = pytest.mark.parametrize("channels", [1, 3])


def quiet(sigma=SIGMA):
    """The noise model of frames with white noise of this standard deviation."""
    gains = band_noise_gains()
    return NoiseModel(np.full(64, sigma**2 * gains[0], np.float32), gains)


def fusion(method, like=None, sigma=SIGMA, threads=1, **settings):
    """The method, made for frames ``like`` those; told that the depth rises from left to right."""
    like = [np.zeros((1, 72, 90))] * 4 if like is None else like
    guide = None
    if METHODS[method].needs_depth:
        ramp = np.linspace(0, len(like) - 1, like[0].shape[2], dtype=np.float32)
        depth = np.tile(ramp, (like[0].shape[1], 1))
        guide = DepthGuide(depth, np.ones_like(depth))
    context = FusionContext(quiet(sigma), len(like), threads, guide)
    return make_method(Recipe(method=method, **settings), context)


def canvas_of(planar):
    return Canvas(planar.shape[2], planar.shape[1], planar.shape[0])


def fed(way, frames, valid=None, first=0):
    """The state after ``frames``, the first of which is number ``first`` of the stack."""
    state = way.start(canvas_of(frames[0]))
    for k, frame in enumerate(frames):
        way.feed(state, Aligned(first + k, frame, None if valid is None else valid[k]))
    return state


def fused(way, frames, valid=None):
    return way.finish(fed(way, frames, valid)).copy()


def scene(channels=3, shape=(72, 90), seed=0):
    """Texture at all scales, float32 (C, H, W), 0.1..0.9."""
    rng = np.random.default_rng([seed, channels])
    total = np.zeros((*shape, channels), np.float32)
    for sigma in (0.7, 2, 6):
        part = cv2.GaussianBlur(rng.standard_normal((*shape, channels)), (0, 0), sigma)
        total += np.reshape(part / part.std(), total.shape).astype(np.float32)
    scaled = 0.1 + 0.8 * (total - total.min()) / np.ptp(total)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def stack_of(count, channels=3, shape=(72, 90)):
    """Frames of one scene, each sharp in another vertical stripe, and the sharp scene."""
    sharp = scene(channels, shape)
    frames = []
    for k in range(count):
        distance = np.abs(np.linspace(0, count - 1, shape[1]) - k)
        frames.append(blurred_by(sharp, 2.5 * np.clip(distance - 0.4, 0, None)))
    return frames, sharp


def blurred_by(sharp, sigmas):
    """Every column blurred by its own sigma."""
    rungs = np.linspace(0, max(0.1, sigmas.max()), 8)
    pictures = [sharp] + [
        np.stack([cv2.GaussianBlur(plane, (0, 0), s) for plane in sharp]) for s in rungs[1:]
    ]
    at = np.rint(np.interp(sigmas, rungs, range(8))).astype(int)
    return np.ascontiguousarray(
        np.stack([pictures[k][:, :, x] for x, k in enumerate(at)], axis=2), np.float32
    )


def psnr(a, b, border=8):
    inner = np.s_[..., border:-border, border:-border]
    return -10 * np.log10(np.mean((a[inner] - b[inner]) ** 2))


def test_the_recipe_offers_what_there_is():
    assert tuple(METHODS) == recipe.METHODS


@ANY
@COLOURS
@pytest.mark.parametrize("shape", [(8, 8), (9, 64), (72, 90), (61, 33)])
def test_one_frame_comes_back(method, channels, shape):
    frame = scene(channels, shape)
    np.testing.assert_allclose(fused(fusion(method, [frame]), [frame]), frame, atol=1e-6)


@ANY
@pytest.mark.parametrize("count", [2, 3, 10])
def test_the_same_frame_again_and_again_comes_back(method, count):
    frame = scene()
    np.testing.assert_allclose(fused(fusion(method), [frame] * count), frame, atol=2e-6)


@CHOOSING
@COLOURS
def test_the_sharp_parts_of_all_frames_come_together(method, channels):
    frames, sharp = stack_of(5, channels)
    # what is compared is free of noise, so 0.01 would overstate it
    result = fused(fusion(method, frames, sigma=1e-4), frames)
    best = max(psnr(f, sharp) for f in frames)
    assert psnr(result, sharp) > best + 6


@ANY
@COLOURS
@pytest.mark.parametrize("cut", [1, 2, 4])
def test_merging_states_is_like_feeding_all_frames(method, channels, cut):
    frames, _ = stack_of(5, channels)
    way = fusion(method, frames)
    merged = way.merge(fed(way, frames[:cut]), fed(way, frames[cut:], first=cut))
    np.testing.assert_allclose(way.finish(merged), fused(way, frames), atol=1e-5)


@ANY
def test_merging_is_associative(method):
    frames, _ = stack_of(6)
    way = fusion(method, frames)
    cuts = (0, 2), (2, 3), (3, 6)
    a, b, c = ([fed(way, frames[i:j], first=i) for _ in range(2)] for i, j in cuts)
    left = way.finish(way.merge(way.merge(a[0], b[0]), c[0])).copy()
    right = way.finish(way.merge(a[1], way.merge(b[1], c[1])))
    np.testing.assert_allclose(left, right, atol=1e-5)


@ANY
@pytest.mark.parametrize("side", [0, 1])
def test_merging_with_an_empty_state_changes_nothing(method, side):
    frames, _ = stack_of(3)
    way = fusion(method)
    parts = [fed(way, frames), way.start(canvas_of(frames[0]))]
    merged = way.merge(parts[side], parts[1 - side])
    np.testing.assert_allclose(way.finish(merged), fused(way, frames), atol=1e-6)


@ANY
def test_merging_respects_what_is_not_valid(method):
    frames, valid = with_holes()
    way = fusion(method)
    merged = way.merge(fed(way, frames[:2], valid[:2]), fed(way, frames[2:], valid[2:], 2))
    np.testing.assert_allclose(way.finish(merged), fused(way, frames, valid), atol=1e-5)


@ANY
@COLOURS
def test_a_state_is_as_large_as_promised_whatever_it_was_fed(method, channels):
    frames, _ = stack_of(4, channels, (61, 83))
    way = fusion(method, frames)
    canvas = canvas_of(frames[0])
    state = way.start(canvas)
    assert bytes_in(state) == way.state_bytes(canvas)
    for frame in frames:
        way.feed(state, Aligned(0, frame))
        assert bytes_in(state) == way.state_bytes(canvas)


def bytes_in(value):
    """Bytes of all distinct arrays within a state."""
    if isinstance(value, np.ndarray):
        assert value.base is None
        return value.nbytes
    if isinstance(value, list | tuple):
        return sum(bytes_in(item) for item in value)
    if hasattr(value, "__dict__"):
        return sum(bytes_in(item) for item in vars(value).values())
    return 0


@ANY
@given(
    st.lists(st.sampled_from([0.0, 1.0, 0.5, 1e-20, 1e-6, -0.1, 1.2]), min_size=1, max_size=4),
    st.integers(8, 20),
    st.integers(8, 20),
)
@settings(max_examples=25, deadline=None)
def test_even_flat_frames_make_numbers_between_their_own(method, levels, height, width):
    frames = [np.full((1, height, width), v, np.float32) for v in levels]
    result = fused(fusion(method, frames), frames)
    assert np.isfinite(result).all()
    assert result.min() >= min(levels) - 1e-6
    assert result.max() <= max(levels) + 1e-6


@ANY
def test_no_signal_and_next_to_no_noise_make_no_nan(method):
    frames = [np.zeros((3, 20, 30), np.float32)] * 3
    np.testing.assert_array_equal(fused(fusion(method, frames, sigma=1e-6), frames), frames[0])


@ANY
def test_a_frame_is_not_changed_by_being_fed(method):
    frames, _ = stack_of(2)
    before = [f.copy() for f in frames]
    for frame in frames:
        frame.flags.writeable = False
    fused(fusion(method), frames)
    np.testing.assert_array_equal(frames, before)


@ANY
def test_threads_change_no_bit(method):
    frames, _ = stack_of(4, 3, (300, 90))
    one = fused(fusion(method, frames, threads=1), frames)
    for threads in (2, 3):
        np.testing.assert_array_equal(fused(fusion(method, frames, threads=threads), frames), one)


@ANY
def test_grey_is_what_colour_without_colour_is(method):
    frames, _ = stack_of(4, 1)
    grey = fused(fusion(method), frames)
    rgb = fused(fusion(method), [np.repeat(f, 3, axis=0) for f in frames])
    differ = np.abs(rgb - grey).max(axis=0) > 1e-5
    # luma made of three channels rounds differently, which may turn a tie
    assert differ.mean() < 0.002


# ---------------------------------------------------------------- what is not valid


def with_holes():
    """Four frames of which all but the first lack a side, and masks that say so."""
    frames, _ = stack_of(4)
    valid = []
    for k in range(4):
        mask = np.full(frames[0].shape[1:], 255, np.uint8)
        mask[:, : 12 * k] = 0
        valid.append(mask)
    return frames, valid


@ANY
def test_a_mask_without_holes_changes_nothing(method):
    frames, _ = stack_of(3)
    whole = [np.full(frames[0].shape[1:], 255, np.uint8)] * 3
    way = fusion(method)
    np.testing.assert_array_equal(fused(way, frames, whole), fused(way, frames))


@ANY
def test_pixels_that_are_not_valid_do_not_contribute(method):
    """What lies far inside a hole is the other frame's alone, however loud the hole is."""
    shape, edge = (64, 320), 240
    sharp, loud = scene(3, shape), scene(3, shape, seed=1)
    loud[:, :, :edge] = (np.indices(shape).sum(axis=0) % 2)[:, :edge]
    mask = np.zeros(shape, np.uint8)
    mask[:, edge:] = 255
    result = fused(fusion(method, [sharp, loud]), [sharp, loud], [None, mask])
    np.testing.assert_allclose(result[..., : edge // 2], sharp[..., : edge // 2], atol=1e-5)
    # nearer to the edge of the hole coarse levels reach across it, but never loudly
    near = np.abs(result - sharp)[..., edge // 2 : edge]
    assert near.max() < (1e-6 if method in PIXELWISE else 0.25)


@ANY
def test_what_no_other_frame_covers_is_the_first_ones(method):
    frames, valid = with_holes()
    nothing = [None, *[np.zeros_like(valid[0])] * 3]
    np.testing.assert_allclose(fused(fusion(method), frames, nothing), frames[0], atol=1e-5)


# ---------------------------------------------------------------- each method


def test_ties_go_to_the_first_frame_in_laplacian():
    rng = np.random.default_rng(3)
    first = rng.integers(0, 64, (1, 20, 20)).astype(np.float32) / 128
    way = fusion("laplacian", gaussian=1, laplacian=1)
    # whole 1/128 and a kernel of whole numbers: the responses are equal to the last bit
    others = [first + np.float32(0.25), first + np.float32(0.125)]
    np.testing.assert_array_equal(fused(way, [first, *others]), first)
    merged = way.merge(fed(way, [first]), fed(way, others))
    np.testing.assert_array_equal(way.finish(merged), first)


def test_the_order_of_frames_does_not_matter_to_the_pyramid():
    frames, _ = stack_of(4)
    way = fusion("pyramid")
    told = fused(way, frames)
    for order in list(permutations(range(4)))[1::5]:
        np.testing.assert_allclose(fused(way, [frames[i] for i in order]), told, atol=2e-5)


@pytest.mark.parametrize("level", [0.2, 0.5, 0.8])
def test_the_pyramid_averages_noise_where_nothing_is_sharp(level):
    rng = np.random.default_rng(4)
    sigma = 0.02
    frames = [
        (level + sigma * rng.standard_normal((3, 160, 160))).astype(np.float32) for _ in range(10)
    ]
    # noise in luma is weaker than in one channel
    luma_sigma = sigma * np.linalg.norm([0.299, 0.587, 0.114])
    result = fused(fusion("pyramid", sigma=luma_sigma), frames)
    # ten frames averaged without any choice would have 0.32 times one frame's noise
    assert result.std() < 0.6 * sigma


@pytest.mark.parametrize("sharpness", [1, 2, 4, 8, 16, 32])
def test_every_sharpness_merges_as_it_feeds(sharpness):
    frames, _ = stack_of(6)
    way = fusion("pyramid", sigma=1e-4, sharpness=sharpness)
    merged = way.merge(fed(way, frames[:3]), fed(way, frames[3:]))
    np.testing.assert_allclose(way.finish(merged), fused(way, frames), atol=1e-5)


def test_more_sharpness_comes_nearer_to_the_sharpest_frame():
    frames, sharp = stack_of(5)
    bars = [
        psnr(fused(fusion("pyramid", sigma=1e-4, sharpness=p), frames), sharp) for p in (1, 4, 16)
    ]
    assert bars == sorted(bars)


@pytest.mark.parametrize("gaussian", [1, 3, 5, 7])
@pytest.mark.parametrize("laplacian", [1, 3, 5, 7])
def test_laplacian_is_the_textbook_method(gaussian, laplacian):
    frames, _ = stack_of(4)
    result = fused(fusion("laplacian", gaussian=gaussian, laplacian=laplacian), frames)
    responses = []
    for frame in frames:
        luma = cv2.cvtColor(np.ascontiguousarray(frame.transpose(1, 2, 0)), cv2.COLOR_RGB2GRAY)
        blurred = cv2.GaussianBlur(luma, (gaussian, gaussian), 0)
        responses.append(np.abs(cv2.Laplacian(blurred, cv2.CV_32F, ksize=laplacian)))
    choice = np.argmax(responses, axis=0)
    expected = np.take_along_axis(np.stack(frames), choice[None, None], axis=0)[0]
    # luma summed in another order may turn a near tie
    assert (result == expected).all(axis=0).mean() > 0.998


# ---------------------------------------------------------------- to pixels


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_code_survives_the_way_through_floats(dtype):
    top = np.iinfo(dtype).max
    codes = np.arange(top + 1)
    planar = (codes / top).astype(np.float32).reshape(1, -1, 16)
    np.testing.assert_array_equal(to_pixels(planar, np.dtype(dtype)).ravel(), codes)


def test_overshoot_is_clipped_and_channels_interleave():
    planar = np.stack([np.full((70, 5), v, np.float32) for v in (-0.2, 0.5, 1.7)])
    for dtype, expected in ((np.uint8, (0, 128, 255)), (np.uint16, (0, 32768, 65535))):
        pixels = to_pixels(planar, np.dtype(dtype))
        assert pixels.shape == (70, 5, 3)
        np.testing.assert_array_equal(np.unique(pixels.reshape(-1, 3), axis=0), [expected])
    floats = to_pixels(planar, np.dtype(np.float32))
    np.testing.assert_array_equal(floats[0, 0], np.float32([0, 0.5, 1]))


@pytest.mark.parametrize("method", ["pyramid", "auto"])
@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("shape", [(72, 90), (75, 101)])
def test_a_prior_keeps_a_frame_out_however_coarse_its_grid(method, scale, shape):
    sharp = scene(3, shape)
    small = tuple(-(-side // scale) for side in shape)
    keeps_out = np.ones(small, np.float32)
    keeps_out[:, small[1] // 2 :] = np.float32(1e-4)
    way = fusion(method)
    state = way.start(canvas_of(sharp))
    dim = np.ascontiguousarray(0.5 * sharp[:, ::-1])
    way.feed(state, Aligned(0, dim, None, np.ones(small, np.float32), scale))
    way.feed(state, Aligned(1, sharp, None, keeps_out, scale))
    right = np.s_[:, :, small[1] // 2 * scale + 24 :]
    np.testing.assert_allclose(way.finish(state)[right], dim[right], atol=0.02)
