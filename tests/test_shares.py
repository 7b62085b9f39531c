"""How much each frame has in a pixel of the fused picture."""

from __future__ import annotations

import numpy as np
import pytest

from focusstack import Recipe, stack
from focusstack.cli.explain_shares import PixelWatcher, listed, painted_over, told
from focusstack.model import DepthGuide, NoiseModel
from focusstack.recipe import METHODS
from focusstack.retouch import Stroke
from focusstack.steps.focus import band_noise_gains
from focusstack.steps.fuse import Aligned, Canvas, FusionContext, make_method, watch
from truth import rendered

SIZES = [(1, 1), (5, 3), (16, 16), (37, 50), (90, 72)]
SCALED = ("auto", "pyramid", "wavelet")


def textured(shape, frames, seed=7):
    """Planes (1, H, W), each with most contrast in another part."""
    rng = np.random.default_rng(seed)
    return [
        np.clip(0.5 + rng.normal(0, 0.02 + 0.2 * (k == rng.integers(frames)), shape), 0, 1)[
            None
        ].astype(np.float32)
        for k in range(frames)
    ]


def method_for(name, shape, frames, **settings):
    """The method, of whose three channels only the first is looked at."""
    gains = band_noise_gains()
    luma = np.array([1, 0, 0], np.float32)
    noise = NoiseModel(np.full(64, 1e-4 * gains[0], np.float32), gains, luma)
    depth = np.tile(np.linspace(0, frames - 1, shape[1], dtype=np.float32), (shape[0], 1))
    guide = DepthGuide(depth, np.ones_like(depth))
    return make_method(Recipe(method=name, **settings), FusionContext(noise, frames, 1, guide))


def watched(method, frames, x, y, valid=None):
    """Shares of the pixel, and the fused picture."""
    channels, height, width = frames[0].shape
    state = method.start(Canvas(width, height, channels))
    watching = watch(method, state, x, y)
    for k, frame in enumerate(frames):
        method.feed(state, Aligned(k, frame, None if valid is None else valid[k]))
        watching.see(state, k)
    return watching.shares(), method.finish(state)


def spots(shape):
    height, width = shape
    return {(0, 0), (width - 1, height - 1), (width // 2, height // 3), (width - 1, height // 2)}


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("name", METHODS)
def test_shares_sum_to_one(name, shape):
    frames = [np.repeat(one, 3, 0) for one in textured(shape, 4)]
    for x, y in spots(shape):
        shares, _ = watched(method_for(name, shape, 4), frames, x, y)
        assert sum(shares.values()) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("name", SCALED)
def test_a_share_is_what_a_frames_own_pixel_gives(name, shape):
    """The second and third channel decide nothing: a lone bright pixel in them shows its share."""
    frames = textured(shape, 3)
    for x, y in spots(shape):
        for lone in range(3):
            marked = [np.concatenate([one, 0 * one, 0 * one]) for one in frames]
            marked[lone][1, y, x] = 1
            shares, fused = watched(method_for(name, shape, 3), marked, x, y)
            assert fused[1, y, x] == pytest.approx(shares.get(lone, 0), abs=2e-5)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("average", {}),
        ("depthmap", {}),
        ("laplacian", {}),
        ("auto", {"select_only": True}),
        ("depthmap", {"select_only": True}),
    ],
)
def test_where_pixels_stand_alone_shares_times_frames_are_the_pixel(name, settings):
    shape = (40, 52)
    frames = [np.repeat(one, 3, 0) for one in textured(shape, 5)]
    valid = [np.full(shape, 255, np.uint8) for _ in frames]
    valid[2][:, 20:] = 0
    for x, y in spots(shape):
        shares, fused = watched(method_for(name, shape, 5, **settings), frames, x, y, valid)
        made = sum(share * frames[k][:, y, x] for k, share in shares.items())
        np.testing.assert_allclose(made, fused[:, y, x], atol=1e-6)
        assert x < 20 or 2 not in shares


def test_no_frame_has_data_there():
    nothing = [np.zeros((8, 8), np.uint8)] * 3
    frames = [np.repeat(one, 3, 0) for one in textured((8, 8), 3)]
    for name in METHODS:
        if name in ("average", "laplacian", "depthmap"):
            assert watched(method_for(name, (8, 8), 3), frames, 4, 4, nothing)[0] == {}


class Several:
    """Observer of a run that follows several pixels."""

    def __init__(self, at):
        self.pixels = {spot: PixelWatcher(*spot) for spot in at}

    def __call__(self, event):
        for pixel in self.pixels.values():
            pixel(event)


@pytest.mark.parametrize("name", METHODS)
def test_of_a_stack_shares_times_frames_come_close_to_the_picture(name):
    """In 8-bit codes; of scaled methods what comes from around the pixel is left out."""
    still = {"breathing": 0.0, "drift_px": 0.0, "roll_deg": 0.0}
    frames, _ = rendered("steps", frames=6, size=(160, 120), **still)
    recipe = Recipe(method=name, align="none", clean=False, match_exposure=False, crop=False)
    rng = np.random.default_rng(1)
    observer = Several([(int(rng.integers(160)), int(rng.integers(120))) for _ in range(40)])
    result = stack(frames, recipe, observer=observer)
    off = []
    for (x, y), pixel in observer.pixels.items():
        shares = pixel.shares()
        assert sum(shares.values()) == pytest.approx(1, abs=1e-9)
        made = sum(share * frames[k][y, x].astype(float) for k, share in shares.items())
        off.append(np.abs(made - result.image[y, x]).max())
    assert max(off) < (15 if name in SCALED else 0.51)
    assert np.median(off) < (0.2 if name in SCALED else 0.51)


def test_strokes_of_a_retouch_take_their_part():
    stroke = Stroke(2, 20.0, 1.0, 0.25, ((10.0, 10.0, 1.0),))
    eraser = Stroke(None, 20.0, 1.0, 1.0, ((10.0, 10.0, 1.0),))
    plain = {0: 0.5, 1: 0.5}
    assert painted_over(plain, [stroke], 10, 10) == pytest.approx({0: 0.375, 1: 0.375, 2: 0.25})
    assert painted_over(plain, [stroke], 90, 90) == plain
    assert painted_over(plain, [stroke, eraser], 10, 10) == pytest.approx(plain)


def test_small_shares_are_told_together():
    shares = listed({0: 0.002, 1: 0.7, 2: 0.295, 3: 0.003}, [f"f{k}.png" for k in range(4)])
    assert [one.frame for one in shares] == [1, 2, 3, 0]
    lines = told(shares)
    assert len(lines) == 3
    assert "70.0%  f1.png (frame 1)" in lines[0]
    assert "0.5%  2 other frames" in lines[2]
