"""Which steps in depth the frames bear out, and which end of the stack is near."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.veil.edges import STEP_FRAMES
from focusstack.steps.veil.model import BlurModel
from focusstack.steps.veil.render import veiling_radius, veils

BESIDE_PX = 9
"""Window in which a step has a near and a far side."""
SIGMA, WINDOW_SIGMA = 2.5, 5.0
"""Spread, px, of the windows in which light is averaged on either side, and of one verdict."""
DARK = 0.02
LIKENESS, SHARE = 0.45, (0.25, 3.0)
"""A step is seen to be real where the change goes with what its veil would make, and is about as
large."""
POSSIBLE = 0.1
"""Likeness below which a step does not count even where most are real."""
LEAST_SEEN, LEAST_EXPLAINED, LEAST_RATIO = 0.12, 0.1, 1.8
"""Share of all steps that must be seen to be real, less twice the share with near and far
exchanged; share of all change that they must explain, and how many times more than when exchanged.
Else nothing is taken off."""

Frame = Callable[[int], FloatImage]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class StepEvidence:
    """``near_first`` tells whether low positions are near, None when that does not show; where
    ``real``, bool (H, W), a step in depth is borne out by the frames."""

    near_first: bool | None
    real: Flags


@dataclass(frozen=True)
class _Sides:
    """Positions of the near and the far side around every pixel, and how they look when sharp."""

    depth: FloatImage
    beside: Flags
    low: FloatImage
    high: FloatImage
    low_light: FloatImage
    high_light: FloatImage


@dataclass(frozen=True)
class _Verdict:
    explained: float
    seen: float
    possible: Flags


def judge_steps(
    depth: FloatImage, frame: Frame, frames: int, blur: BlurModel, threads: int = 1
) -> StepEvidence:
    """Compare what every step in depth does to the frames with what it should do.

    Parameters
    ----------
    depth : float32 (H, W), no NaN
    frame : from a position to that frame in linear light, float32 (H, W, C), on the same grid
    frames : int
    blur : BlurModel, in px of this grid

    Notes
    -----
    Beside a step the frame that shows the far side sharp differs from the one that shows the near
    side sharp: light of the near thing spreads outwards, and what is behind it shines in. That
    change is worked out from the depth and the growth of defocus, and correlated with the change
    seen. Right steps correlate; with near and far mistaken for each other they anticorrelate; where
    depth jumps without anything being there, nothing goes with anything.
    """
    sides = _look(depth, frame, frames)
    with ThreadPoolExecutor(min(threads, 2)) as pool:
        verdicts = pool.map(lambda first: _judge(sides, first, frames, blur), (False, True))
        both = tuple(verdicts)
    best = both[True].explained >= both[False].explained
    found, other = both[best], both[not best]
    if (
        found.seen - 2 * other.seen < LEAST_SEEN
        or found.explained < LEAST_EXPLAINED
        or found.explained < LEAST_RATIO * other.explained
    ):
        return StepEvidence(None, np.zeros(depth.shape, np.bool_))
    return StepEvidence(best, found.possible)


def _look(depth: FloatImage, frame: Frame, frames: int) -> _Sides:
    """Gather both sides of every step from the frames that show them sharp."""
    import cv2

    window = np.ones((BESIDE_PX, BESIDE_PX), np.uint8)
    low, high = cv2.erode(depth, window), cv2.dilate(depth, window)
    beside = high - low > STEP_FRAMES
    first, last = (np.clip(np.rint(side), 0, frames - 1) for side in (low, high))
    looks: list[FloatImage] = []
    for k in range(frames):
        light = frame(k)
        looks = looks or [light.copy(), light.copy()]
        for look, position in zip(looks, (first, last), strict=True):
            _copy(light, beside & (position == k), look)
    return _Sides(depth, beside, np.asarray(first), np.asarray(last), looks[0], looks[1])


def _judge(sides: _Sides, near_first: bool, frames: int, blur: BlurModel) -> _Verdict:
    """What the steps explain if low positions are near, or far."""
    near, far = (sides.low, sides.high) if near_first else (sides.high, sides.low)
    light, other = sides.low_light, sides.high_light
    if not near_first:
        light, other = other, light
    ahead = sides.beside & (np.abs(sides.depth - near) < np.abs(sides.depth - far))
    behind = sides.beside & ~ahead
    back, lit = _mean(light, behind), _even(light, ahead)
    _copy(back, behind, lit)
    expected = _expected(sides, lit, back, far, near_first, frames, blur)
    seen, expected = (_even(change, ahead, behind) for change in (other - light, expected))
    scale = np.float32(1) / (light.mean(axis=2) + np.float32(DARK)) ** 2
    both, own, all_of = (
        _smooth((a * b).sum(axis=2) * scale, WINDOW_SIGMA)
        for a, b in ((seen, expected), (expected, expected), (seen, seen))
    )
    share = both / np.maximum(own, np.float32(1e-12))
    likeness = both / np.sqrt(np.maximum(own * all_of, np.float32(1e-20)))
    real = sides.beside & (likeness > LIKENESS) & (share > SHARE[0]) & (share < SHARE[1])
    part = np.clip(share, 0, 1)
    explained = float((part * (2 * both - part * own))[real].sum())
    total = max(float(all_of[sides.beside].sum()), 1e-12)
    seen_real = int(real.sum()) / max(int(sides.beside.sum()), 1)
    return _Verdict(explained / total, seen_real, sides.beside & (likeness > POSSIBLE))


def _expected(
    sides: _Sides,
    light: FloatImage,
    back: FloatImage,
    far: FloatImage,
    near_first: bool,
    frames: int,
    blur: BlurModel,
) -> FloatImage:
    """The change of light from near to far focus that the steps should make, (H, W, C)."""
    change = np.zeros_like(light)
    for k in range(frames):
        wanted = sides.beside & (far == k)
        if not wanted.any():
            continue
        radius = veiling_radius(sides.depth, k, blur, near_first)
        found = veils(light, radius, wanted)
        at = wanted & found.reached()
        change[at] = found.light[:, at].T + found.through[at, np.newaxis] * back[at] - light[at]
    return change


def _copy(light: FloatImage, where: Flags, out: FloatImage) -> None:
    """Copy pixels of (H, W, C) in place."""
    import cv2

    made = cv2.copyTo(light, where.astype(np.uint8), out)
    if made is not out:  # pixels that do not lie side by side are copied into an array of its own
        out[...] = made.reshape(out.shape)


def _even(light: FloatImage, *sides: Flags) -> FloatImage:
    """Light (H, W, C) averaged on each side by itself: texture, which blurs anyway, goes."""
    found = np.zeros_like(light)
    for side in sides:
        _copy(_mean(light, side), side, found)
    return found


def _mean(light: FloatImage, where: Flags) -> FloatImage:
    """Mean of (H, W, C) over ``where`` in a window around every pixel."""
    inside = where.astype(np.float32)
    share = np.maximum(_smooth(inside, SIGMA), np.float32(1e-3))
    total = _smooth(light * inside[..., np.newaxis], SIGMA)
    return np.asarray(total / share[..., np.newaxis], np.float32)


def _smooth(plane: FloatImage, sigma: float) -> FloatImage:
    import cv2

    smooth = cv2.GaussianBlur(plane, (0, 0), sigma)
    return np.asarray(smooth, np.float32).reshape(plane.shape)  # OpenCV drops a single channel
