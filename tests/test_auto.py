"""The default method as a whole: what it is better at, and what it must get through."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tifffile

from focusstack import FocusstackError, OutputExists, Recipe, TooFewFrames, stack
from focusstack.colour import srgb_decode, srgb_encode
from focusstack.synthetic.blur import disk_blur
from truth import as_float, assert_same, rendered, small_frames

STILL = {"align": "none", "clean": False, "match_exposure": False}
SIZE = 208, 320
FRAMES = 13
GROWTH = 0.6


def texture(seed, shape=SIZE):
    """Detail of all sizes around 0.5."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(shape).astype(np.float32)
    fine = sum(s * cv2.GaussianBlur(noise, (0, 0), s) for s in (0.6, 1.5, 4))
    return np.clip(0.5 + 0.16 * fine / fine.std(), 0.02, 0.98).astype(np.float32)


def bars():
    """Coverage of near bars, float32 (H, W)."""
    covered = np.zeros(SIZE, np.float32)
    for x in range(36, SIZE[1], 80):
        covered[:, x : x + 20] = 1
    return covered


def before_a_wall(covered, front, back):
    """uint8 frames of a near thing before a far wall, the sharp scene, and its true depth."""
    layer = np.concatenate([front * covered[..., None], covered[..., None]], axis=2)
    last = FRAMES - 1
    frames = []
    for k in range(FRAMES):
        near = disk_blur(layer, GROWTH * k)
        seen = near[..., :3] + (1 - near[..., 3:]) * disk_blur(back, GROWTH * (last - k))
        frames.append(coded(seen))
    sharp = layer[..., :3] + (1 - layer[..., 3:]) * back
    return frames, srgb_encode(sharp), np.where(covered > 0.5, 0, last)


def coded(linear):
    return np.rint(255 * np.clip(srgb_encode(linear), 0, 1)).astype(np.uint8)


def scene(seed=1):
    tint = np.array([1.0, 0.7, 0.35], np.float32)
    front = np.float32(0.9) * srgb_decode(texture(seed))[..., None] * tint + np.float32(0.05)
    back = np.float32(0.5) * srgb_decode(texture(seed + 100))[..., None] * tint[::-1]
    return before_a_wall(bars(), front.astype(np.float32), back.astype(np.float32))


def beside(covered, near, reach=12):
    """The near or the far side of edges, from 2 to ``reach`` px away from them."""
    own = np.asarray(covered > 0.5 if near else covered <= 0.5, np.uint8)
    away = cv2.distanceTransform(own, cv2.DIST_L2, 5)
    return (away > 2) & (away <= reach)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_beside_edges_it_is_better_than_the_pyramid(seed, reverse):
    frames, sharp, _ = scene(seed)
    frames = frames[::-1] if reverse else frames
    off = {}
    for method in ("auto", "pyramid"):
        result = stack(frames, Recipe(method=method, depth=False, **STILL))
        off[method] = np.abs(as_float(result.image) - sharp).mean(axis=2)
    far, near = beside(bars(), near=False), beside(bars(), near=True)
    assert off["auto"][far].mean() <= 0.75 * off["pyramid"][far].mean()
    # nothing that shows is lost in return: a fifth of a code value
    assert off["auto"][near].mean() <= off["pyramid"][near].mean() + 0.2 / 255


def test_what_was_lost_is_known():
    frames, _, true = scene()
    result = stack(frames, Recipe(**STILL))
    assert np.nanmean(np.abs(result.depth - true)) < 0.5
    far, near = beside(bars(), near=False), beside(bars(), near=True)
    kept_back = disk_blur(np.repeat(bars()[..., None], 4, axis=2), GROWTH * (FRAMES - 1))[..., 0]
    away = cv2.distanceTransform((bars() < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    for px in range(3, 12):  # nearer than that the depth may still be that of the bar
        ring = np.abs(away - px) <= 0.5
        assert result.lost[ring].mean() == pytest.approx(kept_back[ring].mean(), abs=0.08)
    assert result.lost[(away > 2.5) & (away < 4.5)].mean() > 0.15
    assert result.lost[near].mean() < 0.02
    assert result.lost.min() >= 0
    assert result.lost.max() <= 1
    assert result.confidence[near | far].mean() > 0.8


@pytest.mark.parametrize("reverse", [False, True])
def test_near_things_are_no_wider_in_depth_than_in_the_picture(reverse):
    frames, _, true = scene()
    if reverse:
        frames, true = frames[::-1], FRAMES - 1 - true
    wrong = []
    for select_only in (False, True):  # what selects is told the depth that it selects by
        found = stack(frames, Recipe(select_only=select_only, **STILL)).depth
        wrong.append(float((np.abs(found - true) > 1).mean()))
    assert wrong[0] < 0.7 * wrong[1]


def test_a_preference_shows_the_one_or_the_other():
    """Thin wires before a wall: both are sharp within a few pixels of each other."""
    wires = np.zeros(SIZE, np.float32)
    wires[:, 6::12] = 1
    tint = np.ones(3, np.float32)
    front = np.full((*SIZE, 3), 0.6, np.float32) * tint
    back = np.float32(0.6) * srgb_decode(texture(7))[..., None] * tint
    frames, _, _ = before_a_wall(wires, front, back.astype(np.float32))
    near, usual, far = (
        stack(frames, Recipe(prefer=prefer, method="pyramid", **STILL)).depth
        for prefer in ("near", None, "far")
    )
    nearest = [float(np.mean(depth < FRAMES / 2)) for depth in (far, usual, near)]
    assert nearest == sorted(nearest)
    assert nearest[2] > nearest[0] + 0.05


# ---------------------------------------------------------------- copying


@pytest.mark.parametrize("crop", [True, False])
@pytest.mark.parametrize("method", ["auto", "depthmap"])
def test_selecting_copies_the_frame_that_is_named(method, crop):
    frames, _ = rendered("steps")
    result = stack(frames, Recipe(method=method, select_only=True, crop=crop, **STILL))
    assert len(np.unique(result.sources)) > 3
    rows, columns = np.indices(result.sources.shape)
    named = np.stack(frames)[result.sources, rows, columns]
    np.testing.assert_array_equal(result.image, named)


def test_sources_count_in_the_order_given():
    frames = rendered("plane")[0]
    frames = [frames[0], np.zeros_like(frames[0]), *frames[1:]]
    result = stack(frames, Recipe(method="average", match_exposure=False, clean=False))
    assert [r.index for r in result.alignment.rejected] == [1]
    assert 1 not in np.unique(result.sources)
    # positions after the gap are not those among the kept frames
    known = np.isfinite(result.depth)
    assert np.abs(result.sources - result.depth)[known].max() <= 1
    assert result.sources.max() > 5


# ---------------------------------------------------------------- clipping


def test_nothing_is_clipped_that_no_frame_clips():
    frames = [np.clip(frame, 1, 254) for frame in rendered("steps")[0]]
    for contrast in (1, 3):  # hard edges overshoot
        hard = [
            np.clip(128 + contrast * (f.astype(int) - 128), 1, 254).astype(np.uint8) for f in frames
        ]
        result = stack(hard, Recipe(method="pyramid", depth=False, **STILL))
        assert result.image.min() >= 1
        assert result.image.max() <= 254


def test_what_is_clipped_in_every_frame_stays_so():
    frames = [frame.copy() for frame in rendered("steps")[0]]
    for frame in frames:
        frame[40:80, 40:80], frame[40:80, 120:160] = 0, 255
    result = stack(frames, Recipe(method="pyramid", depth=False, **STILL))
    assert result.image[50:70, 50:70].max() <= 1
    assert np.median(result.image[50:70, 50:70]) == 0
    assert np.median(result.image[50:70, 130:150]) == 255


# ---------------------------------------------------------------- maps


def test_maps_are_written(tmp_path):
    result = stack(small_frames())
    for name, dtype in (("confidence", "float32"), ("sources", "uint16"), ("lost", "float32")):
        result.save_map(name, tmp_path / f"{name}.tif")
        read = tifffile.imread(tmp_path / f"{name}.tif")
        assert read.dtype == dtype
        np.testing.assert_array_equal(read, getattr(result, name))
        assert read.shape == result.image.shape[:2]
        with pytest.raises(OutputExists):
            result.save_map(name, tmp_path / f"{name}.tif")
    with pytest.raises(FocusstackError, match="png"):
        result.save_map("lost", tmp_path / "lost.png")
    with pytest.raises(FocusstackError, match="no map of image"):
        result.save_map("image", tmp_path / "image.tif")


def test_there_are_no_maps_without_a_depth(tmp_path):
    result = stack(small_frames(), Recipe(depth=False))
    assert result.confidence is result.sources is result.lost is None
    with pytest.raises(FocusstackError, match="depth=True"):
        result.save_map("confidence", tmp_path / "c.tif")


# ---------------------------------------------------------------- whatever comes


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_no_bit(threads):
    frames, _, _ = scene()
    one, more = (stack(frames, Recipe(**STILL), threads=n) for n in (1, threads))
    assert_same(one, more)
    for name in ("confidence", "sources", "lost"):
        np.testing.assert_array_equal(getattr(one, name), getattr(more, name))


@pytest.mark.parametrize(
    "convert",
    [
        lambda f: f[..., :1],
        lambda f: f[..., 0],
        lambda f: f.astype(np.uint16) * 257,
        lambda f: f.astype(np.float32) / 255,
    ],
    ids=["grey", "plane", "16 bits", "float32"],
)
def test_all_kinds_of_frames_look_alike(convert):
    frames = [np.repeat(f[..., 1:2], 3, axis=2) for f in scene()[0]]
    usual = stack(frames, Recipe(**STILL))
    other = stack([convert(f) for f in frames], Recipe(**STILL))
    off = np.abs(as_float(usual.image)[..., :1] - as_float(other.image)[..., :1])
    assert off.mean() < 0.004
    assert np.nanmean(np.abs(usual.depth - other.depth)) < 0.1


@pytest.mark.parametrize("count", [2, 5])
@pytest.mark.parametrize("shape", [(8, 8), (9, 64), (64, 9), (33, 31)])
@pytest.mark.parametrize("select", [False, True])
def test_tiny_frames(shape, count, select):
    rng = np.random.default_rng(1)
    frames = [rng.integers(0, 256, (*shape, 3), np.uint8) for _ in range(count)]
    result = stack(frames, Recipe(select_only=select, **STILL))
    assert result.image.shape == (*shape, 3)
    for plane in (result.depth, result.confidence, result.sources, result.lost):
        assert plane is None or plane.shape == shape
    assert result.sources.max() < count


@pytest.mark.parametrize("level", [0, 90, 255])
@pytest.mark.parametrize("prefer", [None, "near", "far"])
@pytest.mark.filterwarnings("error")
def test_frames_with_nothing_in_them_stay_what_they_are(level, prefer):
    frames = [np.full((40, 60, 3), level, np.uint8)] * 4
    result = stack(frames, Recipe(prefer=prefer, **STILL))
    np.testing.assert_array_equal(result.image, frames[0])
    assert np.isnan(result.depth).all()


def test_one_frame_is_no_stack():
    with pytest.raises(TooFewFrames):
        stack([np.zeros((40, 60, 3), np.uint8)])
