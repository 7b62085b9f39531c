"""Whose edge is it? What has no detail of its own must not take the depth of a thing before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.depth.along import smooth_along
from focusstack.steps.depth.guided import Colour
from focusstack.steps.depth.reduced import reduced

MARK_ENERGY = 10.0
"""Energy, in units of the noise, from which a pixel shows a mark or an edge."""
TEXTURE_ENERGY, MOST_ENERGY, SOLID_PX = 4.0, 20.0, 21
"""Mean energy over 5 x 5 px, none counted for more than the second, of what is textured; and the
side of the least square that must be so throughout."""
BORDER_CONTRAST, BORDER_PX = 0.03, 8
"""Change of colour over 12 px, once marks are gone, that parts two regions, and how far, px, that
edge may be felt."""
MOST_BORDER = 0.5
"""Share of the picture beside borders from which it is taken to be textured throughout."""
REDUCTION = 2
REACH_PX, NEARBY_PX, CONTRAST = 320, 15, 0.06
TEXTURED_NEARBY = 1e-3
SAME_FRAMES, OPPOSITE_PX = 1.0, 17
LEAST_VOTES, LEAST_RATIO = 100, 2
"""Pixels that must tell which way is far, and how many times more than tell the other way."""
TOLD, UNTOLD = 0.95, 0.46
"""Confidence where marks tell the depth, and at the most beside an edge where they contradict one
another or, as which way is far does not show, the edge: about four in ten are right there, and a
little more is needed for the depth to be given at all."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Told:
    """What a place's own marks say, near or far: depth and how much they differ, frames, (H, W)."""

    depth: FloatImage
    spread: FloatImage

    @property
    def alike(self) -> Flags:
        return np.asarray(self.spread < SAME_FRAMES)


def settle(
    depth: FloatImage, confidence: FloatImage, energy: FloatImage, picture: Colour
) -> tuple[FloatImage, FloatImage]:
    """Depth and confidence where things without texture meet, by the marks that they have.

    An edge between two colours belongs to the nearer thing, but is felt on both sides of it. A side
    with texture knows better; one without takes over the depth of marks of its own, however far
    away they lie, if that is farther than the edge's. Which way is far shows where one side's marks
    agree with the edge and the other side's do not.

    Parameters
    ----------
    depth, confidence : float32 (H, W)
        Not changed.
    energy : float32 (H, W)
        The largest of all frames, in units of the noise.
    picture : float32 (H, W, 3), 0..1, all in focus

    Notes
    -----
    Nothing changes, and next to nothing is done, where all is textured; nor if it does not show
    which way is far. What lies between marks of one surface is taken to lie between them in depth.
    """
    as_it_is = (depth, confidence)
    edge = _beside_borders(picture)
    if edge.mean() > MOST_BORDER:
        return as_it_is
    bare = _bare(energy, picture)
    if np.count_nonzero(edge & bare) < LEAST_VOTES:
        return as_it_is
    told = _ask_marks(depth, energy, edge, picture)
    differs = bare & told.alike & (np.abs(told.depth - depth) > SAME_FRAMES)
    far_up = _far_up(depth, told.depth, differs & edge)
    if far_up is None:
        return depth, _at_most(confidence, bare & edge & (differs | ~told.alike))
    empty = bare & ~edge & (energy < MARK_ENERGY)
    farther = (told.depth > depth) == far_up
    takes = differs & (empty | (edge & farther))
    agrees = bare & told.alike & (np.abs(told.depth - depth) <= SAME_FRAMES) & (edge | empty)
    settled = np.where(takes, told.depth, depth)
    sure = np.where(takes | (agrees & empty), np.float32(TOLD), confidence)
    return settled, _at_most(sure, bare & edge & ~told.alike)


def _at_most(confidence: FloatImage, doubtful: Flags) -> FloatImage:
    """No surer than places are of which nothing is told."""
    return np.where(doubtful, np.minimum(confidence, np.float32(UNTOLD)), confidence)


def _beside_borders(picture: Colour) -> Flags:
    """Near edges between regions of different colour, (H, W); narrow ones do not count."""
    import cv2

    height, width = picture.shape[:2]
    even = cv2.medianBlur(reduced(picture, 4), 5)
    square = np.ones((3, 3), np.uint8)
    change = (cv2.dilate(even, square) - cv2.erode(even, square)).max(axis=2)
    wide = np.ones((BORDER_PX // 2 + 1,) * 2, np.uint8)
    border = cv2.dilate((change > BORDER_CONTRAST).astype(np.uint8), wide)
    return np.asarray(cv2.resize(border, (width, height), interpolation=cv2.INTER_NEAREST) > 0)


def _bare(energy: FloatImage, picture: Colour) -> Flags:
    """Where nothing of the same colour nearby is textured, (H, W)."""
    import cv2

    mean = cv2.blur(np.minimum(energy, np.float32(MOST_ENERGY)), (5, 5))
    square = np.ones((SOLID_PX, SOLID_PX), np.uint8)
    solid = cv2.morphologyEx((mean > TEXTURE_ENERGY).astype(np.uint8), cv2.MORPH_OPEN, square)
    inner = cv2.erode(solid, np.ones((9, 9), np.uint8)).astype(np.float32)
    if inner.all():
        return np.zeros(energy.shape, np.bool_)
    nearby = _along([inner], picture, NEARBY_PX)[0]
    return np.asarray(nearby < TEXTURED_NEARBY)


def _ask_marks(depth: FloatImage, energy: FloatImage, edge: Flags, picture: Colour) -> _Told:
    """Mean and spread of the depth of all marks within reach, the nearest counting most."""
    mark = ((energy > MARK_ENERGY) & ~edge).astype(np.float32)
    planes = [mark, mark * depth, mark * depth * depth]
    weight, first, second = _along(planes, picture, REACH_PX)
    weight = np.maximum(weight, np.float32(1e-12))
    mean = first / weight
    variance = np.maximum(second / weight - mean * mean, 0)
    known = weight > np.float32(1e-11)
    return _Told(mean, np.where(known, np.sqrt(variance), np.float32(np.inf)))


def _far_up(depth: FloatImage, told: FloatImage, differs: Flags) -> bool | None:
    """Whether larger depths are farther; None if that does not show."""
    import cv2

    window = np.ones((OPPOSITE_PX, OPPOSITE_PX), np.uint8)
    low, high = cv2.erode(told, window), cv2.dilate(told, window)
    up = differs & (told > depth) & (np.abs(low - depth) < SAME_FRAMES)
    down = differs & (told < depth) & (np.abs(high - depth) < SAME_FRAMES)
    ups, downs = int(np.count_nonzero(up)), int(np.count_nonzero(down))
    if max(ups, downs) < max(LEAST_VOTES, LEAST_RATIO * min(ups, downs)):
        return None
    return ups > downs


def _along(planes: list[FloatImage], picture: Colour, reach: int) -> FloatImage:
    """Planes smoothed along what has one colour, on a reduced grid, (P, H, W)."""
    import cv2

    size = picture.shape[1::-1]
    guide = cv2.medianBlur(reduced(picture, REDUCTION), 5)
    small = np.stack([reduced(plane, REDUCTION) for plane in planes])
    smooth = smooth_along(small, guide, reach / REDUCTION, CONTRAST)
    return np.stack([cv2.resize(p, size, interpolation=cv2.INTER_NEAREST) for p in smooth])
