"""Rendered stacks: determinism, truth, exposure and noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from focusstack.errors import RecipeError
from focusstack.synthetic import SCENES, noise_sigma, render, srgb_decode, srgb_encode
from focusstack.synthetic.sensor import exposure_gains

SIZE = (240, 160)
STILL = {"breathing": 0.0, "drift_px": 0.0, "roll_deg": 0.0}
EVEN = {"flicker": 0.0, "white_balance": 0.0, "iso": 0.0}


def test_same_arguments_same_pixels_in_any_order() -> None:
    first, second = render(size=SIZE, frames=3), render(size=SIZE, frames=3)
    forward = list(first.frames())
    backward = [second.frame(i) for i in (2, 1, 0)][::-1]
    for a, b in zip(forward, backward, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(first.truth.fused, second.truth.fused)


@pytest.mark.parametrize("scene", SCENES)
def test_another_seed_gives_another_stack(scene: str) -> None:
    first = render(scene, size=SIZE, frames=2, seed=1)
    second = render(scene, size=SIZE, frames=2, seed=2)
    assert np.any(first.frame(0) != second.frame(0))
    assert not np.allclose(first.truth.transforms[0], second.truth.transforms[0])


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (64, 48), (33, 190)])
def test_every_size_renders(scene: str, size: tuple[int, int]) -> None:
    stack = render(scene, size=size, frames=2)
    assert stack.frame(1).shape == (size[1], size[0], 3)
    assert stack.truth.fused.shape == (size[1], size[0], 3)
    assert stack.truth.depth.shape == (size[1], size[0])


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_bits_and_channels(bits: int, channels: int) -> None:
    stack = render("plane", size=(64, 48), frames=3, bits=bits, channels=channels, iso=0)
    frame = stack.frame(1)
    assert frame.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert frame.shape == (48, 64, channels)
    assert stack.truth.fused.shape == (48, 64, channels)
    assert frame.max() > (100 if bits == 8 else 25700)


def test_sixteen_bits_are_the_eight_bits_and_more() -> None:
    coarse = render("plane", size=SIZE, frames=3, bits=8, iso=0).frame(0)
    fine = render("plane", size=SIZE, frames=3, bits=16, iso=0).frame(0)
    assert np.abs(fine / 257.0 - coarse).max() <= 0.51
    assert len(np.unique(fine)) > 1000


@pytest.mark.parametrize("scene", SCENES)
def test_sharp_pixels_equal_the_truth(scene: str) -> None:
    stack = render(scene, size=SIZE, frames=6, bits=16, **STILL, **EVEN)
    for index in (1, 4):
        frame = stack.frame(index) / 65535.0
        sharp = _away_from_steps(stack.truth.depth) & (abs(stack.truth.depth - index) < 0.08)
        if sharp.sum() < 20:
            continue
        error = np.abs(frame - stack.truth.fused)[sharp]
        assert np.percentile(error, 95) < 0.01


@pytest.mark.parametrize("far_first", [False, True])
def test_blur_grows_away_from_focus(far_first: bool) -> None:
    stack = render("plane", size=SIZE, frames=9, bits=16, far_first=far_first, **STILL, **EVEN)
    depth = stack.truth.depth
    frame = stack.frame(4) / 65535.0
    away = np.abs(depth - 4)
    errors = [
        np.abs(frame - stack.truth.fused)[(away >= low) & (away < low + 0.7)].mean()
        for low in (0.0, 1.0, 2.0, 3.0)
    ]
    assert errors == sorted(errors)
    assert errors[-1] > 3 * errors[0]
    assert (depth[0].mean() < depth[-1].mean()) == far_first


def test_the_stack_as_a_whole_holds_the_truth() -> None:
    """The best frame at each pixel of the plane is the one that the depth names."""
    stack = render("plane", size=SIZE, frames=7, bits=16, **STILL, **EVEN)
    errors = np.stack([_smooth_error(f / 65535.0, stack.truth.fused) for f in stack.frames()])
    found = errors.argmin(axis=0)[8:-8, 8:-8]
    named = stack.truth.depth[8:-8, 8:-8]
    assert np.mean(np.abs(found - named) < 0.8) > 0.97


def test_focus_depth_stays_within_the_stack() -> None:
    for scene in SCENES:
        depth = render(scene, size=SIZE, frames=5).truth.depth
        assert 0 <= depth.min() < depth.max() <= 4


def test_gains_are_what_frames_were_multiplied_by() -> None:
    plain = render("plane", size=SIZE, frames=5, bits=16, **STILL, **EVEN)
    moody = render("plane", size=SIZE, frames=5, bits=16, **STILL, flicker=0.1, iso=0)
    for index in range(5):
        light = srgb_decode(moody.frame(index) / np.float32(65535))
        before = srgb_decode(plain.frame(index) / np.float32(65535))
        usable = (before < 0.8).all(axis=2) & (before > 0.02).all(axis=2)
        ratio = np.median((light / before)[usable], axis=0)
        np.testing.assert_allclose(ratio, moody.truth.gains[index], atol=2e-3)
    np.testing.assert_array_equal(moody.truth.gains[2], 1.0)


def test_gains_keep_to_their_limits() -> None:
    gains = exposure_gains(50, 0.05, 0.02, 3)
    assert np.abs(gains - 1).max() < 0.05 + 0.02 + 0.002
    assert np.ptp(gains.mean(axis=1)) > 0.05
    np.testing.assert_array_equal(exposure_gains(4, 0, 0, 3), 1.0)


@pytest.mark.parametrize("iso", [100, 3200])
def test_noise_has_the_stated_level(iso: float) -> None:
    quiet = render("flat", size=SIZE, frames=3, bits=16, iso=0, **STILL)
    noisy = render("flat", size=SIZE, frames=3, bits=16, iso=iso, **STILL)
    clean = srgb_decode(quiet.frame(0) / np.float32(65535))
    noise = srgb_decode(noisy.frame(0) / np.float32(65535)) - clean
    usable = clean > 0.1
    expected = np.sqrt(np.mean(noise_sigma(clean, iso)[usable] ** 2))
    assert np.std(noise[usable]) == pytest.approx(expected, rel=0.03)
    assert abs(np.mean(noise[usable])) < 0.1 * expected


def test_noise_differs_from_frame_to_frame() -> None:
    kind = {"size": SIZE, "frames": 2, "bits": 16, "flicker": 0, "white_balance": 0, "blur_px": 0}
    quiet, noisy = render("flat", iso=0, **STILL, **kind), render("flat", iso=800, **STILL, **kind)
    np.testing.assert_allclose(quiet.frame(0), quiet.frame(1), atol=1)
    one, two = ((noisy.frame(i).astype(float) - quiet.frame(i)).ravel() for i in (0, 1))
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.02


def test_dust_and_hot_pixels_stay_on_the_sensor() -> None:
    clean = render("flat", size=SIZE, frames=3, bits=16, **EVEN)
    dirty = render("flat", size=SIZE, frames=3, bits=16, dust=3, hot_pixels=5, **EVEN)
    changes = [
        dirty.frame(i).astype(float) - clean.frame(i).astype(float) for i in range(len(clean))
    ]
    bright = [set(zip(*np.nonzero(change > 3000), strict=True)) for change in changes]
    assert len(bright[1]) >= 4
    assert bright[0] == bright[1] == bright[2]
    dark = [np.argwhere(change.sum(axis=2) < -3000).mean(axis=0) for change in changes]
    np.testing.assert_allclose(dark[0], dark[2], atol=1.0)


def test_vignette_darkens_the_corners_only() -> None:
    plain = render("plane", size=SIZE, frames=1, **EVEN).frame(0).astype(float)
    dim = render("plane", size=SIZE, frames=1, vignette=0.5, **EVEN).frame(0).astype(float)
    assert dim[:8, :8].mean() < 0.85 * plain[:8, :8].mean()
    assert dim[75:85, 115:125].mean() == pytest.approx(plain[75:85, 115:125].mean(), rel=0.01)


def test_a_defocused_hair_veils_but_the_background_does_not_bleed() -> None:
    stack = render("steps", size=(480, 320), frames=8, bits=16, blur_px=1.2, **STILL, **EVEN)
    alone = replace(stack, layers=stack.layers[:-1])
    hair = stack.layers[-1].crop(stack.view.whole)[..., 3]
    margin = stack.view.margin
    hair = hair[margin : margin + 320, margin : margin + 480]
    veil = np.abs(stack.frame(7).astype(float) - alone.frame(7)).max(axis=2) / 65535
    # Far frame: the hair is spread thin and still seen beyond its own edge.
    assert veil[hair > 0.9].max() < 0.9
    assert np.mean(veil[(hair == 0) & _near(hair > 0.5, 4)] > 0.002) > 0.5
    # Near frame: off the hair, the picture is that of the blurred scene without it.
    assert np.median(veil[~_near(hair > 0, 24)]) == 0
    sharp = np.abs(stack.frame(1).astype(float) - alone.frame(1)).max(axis=2) / 65535
    assert sharp[~_near(hair > 0, 6)].max() < 1e-3


def test_frames_reach_beyond_the_reference_without_blank_edges() -> None:
    stack = render("plane", size=SIZE, frames=4, breathing=0.2, drift_px=20, **EVEN)
    for frame in stack.frames():
        for edge in (frame[0], frame[-1], frame[:, 0], frame[:, -1]):
            assert edge.min() > 10
            assert len(np.unique(edge)) > 10


def test_srgb_round_trip() -> None:
    values = np.linspace(0, 1, 4001, dtype=np.float32)
    np.testing.assert_allclose(srgb_decode(srgb_encode(values)), values, atol=2e-6)


@pytest.mark.parametrize(
    "arguments",
    [
        {"scene": "moon"},
        {"frames": 0},
        {"size": (0, 10)},
        {"bits": 12},
        {"channels": 4},
        {"blur_px": -1.0},
    ],
)
def test_nonsense_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        render(**arguments)  # type: ignore[arg-type]


def test_no_such_frame() -> None:
    stack = render("flat", size=(16, 12), frames=2)
    for index in (-1, 2):
        with pytest.raises(IndexError):
            stack.frame(index)


def _near(mask: np.ndarray, reach: int) -> np.ndarray:
    import cv2

    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0


def _away_from_steps(depth: np.ndarray) -> np.ndarray:
    down, right = np.gradient(depth)
    return ~_near(np.hypot(down, right) > 0.2, 14)


def _smooth_error(frame: np.ndarray, truth: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.GaussianBlur(((frame - truth) ** 2).mean(axis=2), (0, 0), 5)
