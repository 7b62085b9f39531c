"""What single fusion methods promise beyond the contract of all."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from focusstack.model import DepthGuide, NoiseModel
from focusstack.recipe import Recipe
from focusstack.steps.focus import band_noise_gains
from focusstack.steps.fuse import Aligned, Canvas, FusionContext, make_method

SHAPE = 40, 56


def method(name, frames, sigma=1e-3, depth=None):
    gains = band_noise_gains()
    noise = NoiseModel(np.full(64, sigma**2 * gains[0], np.float32), gains)
    guide = None if depth is None else DepthGuide(depth, np.ones_like(depth))
    return make_method(Recipe(method=name), FusionContext(noise, frames, 1, guide))


def fused(way, frames, valid=None):
    channels, height, width = frames[0].shape
    state = way.start(Canvas(width, height, channels))
    for k, frame in enumerate(frames):
        way.feed(state, Aligned(k, frame, None if valid is None else valid[k]))
    return way.finish(state)


def random_frames(count, channels=3, shape=SHAPE):
    rng = np.random.default_rng(count)
    return [rng.random((channels, *shape)).astype(np.float32) for _ in range(count)]


def holes(count):
    return list((np.random.default_rng(0).random((count, *SHAPE)) > 0.4).astype(np.uint8))


# ---------------------------------------------------------------- average


def test_the_average_is_the_mean():
    frames = random_frames(7)
    np.testing.assert_allclose(fused(method("average", 7), frames), np.mean(frames, 0), atol=1e-6)


def test_the_average_is_over_the_frames_that_have_a_pixel():
    frames, valid = random_frames(5), holes(5)
    valid[2][:] = 255
    masked = np.ma.masked_array(
        frames, np.broadcast_to(np.array(valid)[:, None] == 0, (5, 3, *SHAPE))
    )
    result = fused(method("average", 5), frames, valid)
    np.testing.assert_allclose(result, masked.mean(0).filled(np.nan), atol=1e-6)


# ---------------------------------------------------------------- depthmap


def test_whole_depths_copy_the_frame():
    frames = random_frames(4)
    depth = np.random.default_rng(1).integers(0, 4, SHAPE).astype(np.float32)
    expected = np.take_along_axis(np.stack(frames), depth[None, None].astype(int), axis=0)[0]
    np.testing.assert_allclose(
        fused(method("depthmap", 4, depth=depth), frames), expected, atol=1e-6
    )


def test_depths_between_frames_blend_the_two():
    frames = random_frames(4)
    depth = np.full(SHAPE, 1.25, np.float32)
    expected = 0.75 * frames[1] + 0.25 * frames[2]
    np.testing.assert_allclose(
        fused(method("depthmap", 4, depth=depth), frames), expected, atol=1e-6
    )


@pytest.mark.parametrize(("depth", "end"), [(-3.0, 0), (9.0, 2)])
def test_depths_beyond_the_stack_are_its_ends(depth, end):
    frames = random_frames(3)
    result = fused(method("depthmap", 3, depth=np.full(SHAPE, depth, np.float32)), frames)
    np.testing.assert_allclose(result, frames[end], atol=1e-6)


def test_frames_that_lack_a_pixel_leave_it_to_the_nearest_that_has_it():
    frames = random_frames(8)
    valid = [np.full(SHAPE, 255, np.uint8) for _ in frames]
    for k in range(4, 8):
        valid[k][:, :20] = 0
    result = fused(method("depthmap", 8, depth=np.full(SHAPE, 6, np.float32)), frames, valid)
    np.testing.assert_allclose(result[..., 20:], frames[6][..., 20:], atol=1e-6)
    # frame 3 is three frames off, the next ones count for a tenth at most
    assert np.abs(result - frames[3])[..., :20].mean() < 0.1


def test_a_method_that_needs_the_depth_says_so():
    with pytest.raises(ValueError, match="needs the depth"):
        method("depthmap", 3)


# ---------------------------------------------------------------- wavelet


def texture(seed, shape=(96, 128)):
    noise = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    return 0.5 + 0.1 * cv2.GaussianBlur(noise, (0, 0), 0.8)


def test_ties_go_to_the_first_frame():
    """A picture and its negative have the same energy everywhere, to the last bit."""
    first = texture(0)[np.newaxis] - 0.5
    np.testing.assert_allclose(fused(method("wavelet", 2), [first, -first]), first, atol=1e-6)


def test_all_channels_come_from_the_frame_whose_luma_has_more_detail():
    strong = np.stack([texture(k) for k in range(3)])
    weak = 0.5 + 0.2 * (np.stack([texture(k) for k in (3, 4, 5)]) - 0.5)
    # the weak frame has the only detail in blue, which luma hardly sees
    strong[2], weak[2] = 0.5, texture(6)
    for frames in ([strong, weak], [weak, strong]):
        np.testing.assert_allclose(fused(method("wavelet", 2), frames), strong, atol=1e-5)


def test_a_veil_loses_though_its_coarse_structure_is_stronger():
    sharp = texture(0)
    rng = np.random.default_rng(1).standard_normal(sharp.shape).astype(np.float32)
    veil = 0.5 + 4 * cv2.GaussianBlur(rng, (0, 0), 8)
    for frames in ([sharp, veil], [veil, sharp]):
        result = fused(method("wavelet", 2), [f[np.newaxis] for f in frames])[0]
        assert np.abs(result - sharp).mean() < 0.002


@pytest.mark.parametrize("sigma", [0.01, 0.04])
def test_noise_alone_is_not_picked_for_being_strong(sigma):
    rng = np.random.default_rng(5)
    frames = [
        (0.5 + sigma * rng.standard_normal((1, 128, 128))).astype(np.float32) for _ in range(9)
    ]
    # the largest of nine, everywhere, would have about 1.5 times the noise of one
    assert fused(method("wavelet", 9, sigma), frames).std() < 1.15 * sigma


def test_every_side_may_be_odd_and_small():
    for shape in ((8, 8), (8, 129), (31, 17)):
        frames = random_frames(3, 1, shape)
        result = fused(method("wavelet", 3), frames)
        assert result.shape == (1, *shape)
        assert np.isfinite(result).all()
