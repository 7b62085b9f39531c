"""Hot and dead pixels: dots that stay at their place on the sensor while the subject moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack import kernels
from focusstack.colour import white
from focusstack.model import FloatImage, Pixels, Transform
from focusstack.steps.clean.fill import Fill, make_fill
from focusstack.transform import apply

MIN_OUTLIER = 8
"""Least difference from the surroundings in every frame, in 1/255 of full scale."""
MAX_SIDE, MAX_DEAD_SIDE = 5, 2
"""Widest dots at half their height, bright and dark; wider dark ones may be specks of dust."""
MAX_FOOT = 9
LEVELS = (8, 16, 32, 64)
"""Heights of dots that are counted, in 1/255 of full scale."""
MIN_MOVE_PX = 2.0
MAX_CHANCE = 1e-8
RAREST = 5e-5
CELL = 64
STRIP = 64
STRIP_ROWS = 512
RIM_SHARE, RIM_LEAST, RIM_REACH = 0.08, 2, 3
SPREAD_AREA, WIDE_RIM = 4, 5

Signed = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Dot:
    """A small group of pixels that stand out: centre (x, y), size, least height, and its pixels."""

    x: float
    y: float
    side: int
    area: int
    height: int
    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]


class Outliers:
    """Looks for dots in a handful of frames, fed one after another.

    Holds one signed byte per pixel and channel: by how much it stood out from its surroundings in
    every frame so far, at the least, and to which side; 0 where it did not.
    """

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._steady: Signed | None = None
        self._busy: list[dict[int, FloatImage]] = []

    def feed(self, pixels: Pixels) -> None:
        """Look at a whole frame, (H, W, C) uint8, uint16 or float32, not resampled."""
        levels = np.array(LEVELS, np.int8)
        values = _eight_bits(pixels)
        self._steady, counts = kernels.stand_out(values, self._steady, levels, CELL, self._threads)
        above, below = (counts / CELL**2).astype(np.float32)
        self._busy.append({1: above, -1: below})

    def find(self, places: Sequence[Transform]) -> list[Fill]:
        """How to repair each dot that can be no part of the subject.

        Parameters
        ----------
        places : per frame that was fed, reference_from_frame at full size

        Notes
        -----
        Frames between which the subject moved by more than the dot's size are separate looks at
        it. The share of pixels thereabouts that stand out is the chance that the subject has a dot
        just there; all looks together must leave a chance below 1e-8.
        """
        assert self._steady is not None
        fills: list[Fill] = []
        for sign in (1, -1):
            for dot in _dots(self._steady, sign):
                wide = MAX_SIDE if sign > 0 else MAX_DEAD_SIDE
                if dot.side <= wide and self._chance(dot, sign, places) < MAX_CHANCE:
                    fills += _fills(self._steady, dot, sign)
        return fills

    def _chance(self, dot: Dot, sign: int, places: Sequence[Transform]) -> float:
        """The chance that the subject shows a dot here in every separate look."""
        points = [apply(place, np.array([[dot.x, dot.y]]))[0] for place in places]
        chance = 1.0
        for k in _separate(points, max(MIN_MOVE_PX, dot.side + 1.0)):
            others = self._busy_near(k, dot, sign) - dot.area / CELL**2
            chance *= max(others, RAREST)
        return chance

    def _busy_near(self, k: int, dot: Dot, sign: int) -> float:
        """Share of pixels that stand out as much in frame k, in the busiest of four cells near."""
        level = sum(dot.height >= least for least in LEVELS) - 1
        busy = self._busy[k][sign][level]
        y, x = dot.y / CELL - 0.5, dot.x / CELL - 0.5
        rows = np.clip([int(np.floor(y)), int(np.floor(y)) + 1], 0, busy.shape[0] - 1)
        columns = np.clip([int(np.floor(x)), int(np.floor(x)) + 1], 0, busy.shape[1] - 1)
        return float(busy[np.ix_(rows, columns)].max())


def _separate(points: Sequence[npt.NDArray[np.float64]], least: float) -> list[int]:
    """Indices of points of which each lies at least that far from all before it."""
    chosen: list[int] = []
    for k, point in enumerate(points):
        if all(np.hypot(*(point - points[j])) >= least for j in chosen):
            chosen.append(k)
    return chosen


def _eight_bits(pixels: Pixels) -> npt.NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels
    values, scale = np.empty(pixels.shape, np.uint8), np.float32(255 / white(pixels.dtype))
    for y in range(0, len(pixels), STRIP):
        part = pixels[y : y + STRIP].astype(np.float32) * scale
        values[y : y + STRIP] = np.clip(part + 0.5, 0, 255)
    return values


def _dots(steady: Signed, sign: int) -> Iterator[Dot]:
    """Small groups of pixels that stood out to one side in all frames.

    They are looked for in strips of rows, with those below that a dot may reach and the one above,
    which tells whether it begins there.
    """
    for first in range(0, len(steady), STRIP_ROWS):
        top = max(0, first - 1)
        for dot in _dots_in(steady[top : first + STRIP_ROWS + MAX_FOOT], sign, top):
            if first <= dot.rows.min() < first + STRIP_ROWS:
                yield dot


def _dots_in(steady: Signed, sign: int, first: int) -> Iterator[Dot]:
    """Those in a strip whose first row is that number ``first``."""
    import cv2

    heights = _highest(steady, sign)
    strong = (heights >= MIN_OUTLIER).astype(np.uint8)
    count, labels, boxes, centres = cv2.connectedComponentsWithStats(strong)
    for k in range(1, count):
        left, top, width, height, area = (int(v) for v in boxes[k])
        if max(width, height) > MAX_FOOT:
            continue
        inside = labels[top : top + height, left : left + width] == k
        rows, columns = np.nonzero(inside)
        rows, columns = rows + top, columns + left
        x, y = (float(v) for v in centres[k])
        peak = int(heights[rows, columns].max())
        upper = heights[rows, columns] >= peak / 2
        side = max(int(np.ptp(rows[upper])), int(np.ptp(columns[upper]))) + 1
        yield Dot(x, y + first, side, area, peak, rows + first, columns)


def _highest(steady: Signed, sign: int) -> Signed:
    """By how much the channel stands out that does so most."""
    pick = np.maximum if sign > 0 else np.minimum
    heights = steady[..., 0].copy()
    for c in range(1, steady.shape[2]):
        pick(heights, steady[..., c], out=heights)
    return heights if sign > 0 else np.negative(heights, out=heights)


def _fills(steady: Signed, dot: Dot, sign: int) -> list[Fill]:
    """The repair of a dot with its rim, channel by channel alike.

    Demosaicing, sharpening and JPEG spread a dot: pixels beside it that stand out by a twelfth of
    its height belong to it, and where it is more than one pixel, those next to them too. What is
    four pixels or more in all frames is more in each of them, with dark rims from sharpening.
    """
    import cv2

    height, width, channels = steady.shape
    top, bottom = max(0, dot.rows.min() - RIM_REACH), min(height, dot.rows.max() + RIM_REACH + 1)
    left = max(0, dot.columns.min() - RIM_REACH)
    right = min(width, dot.columns.max() + RIM_REACH + 1)
    patch = steady[top:bottom, left:right].astype(np.int16) * sign
    peak = patch[dot.rows - top, dot.columns - left].max(axis=0)
    least = max(RIM_LEAST, RIM_SHARE * float(peak.max()))
    weak = (patch.max(axis=2) >= least).astype(np.uint8)
    _, labels = cv2.connectedComponents(weak)
    mask = (labels == labels[dot.rows[0] - top, dot.columns[0] - left]).astype(np.uint8)
    if mask.sum() > 1:
        around = WIDE_RIM if dot.area >= SPREAD_AREA else 1
        mask = np.pad(mask, WIDE_RIM)
        mask = cv2.dilate(mask, np.ones((2 * around + 1, 2 * around + 1), np.uint8))
        top, left = top - WIDE_RIM, left - WIDE_RIM
    places = np.argwhere(mask) + np.array([top, left])
    inside = np.all((places >= 0) & (places < (height, width)), axis=1)
    bad = [(int(y), int(x)) for y, x in places[inside]]
    touched = [c for c in range(channels) if peak[c] >= least]
    fill = make_fill(bad, touched, height, width)
    return [] if fill is None else [fill]
