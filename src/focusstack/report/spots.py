"""Where a person would look first: depth steps, thin things, doubtful places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from focusstack.colour import luma_of
from focusstack.model import FloatImage
from focusstack.report.scale import fitting, reduced, sampled
from focusstack.result import StackResult

LARGEST = 420, 315
"""Width and height of a spot, px of the canvas; at most a third of each of its sides."""
SEARCHED_PIXELS = 300_000
FINE = 9
"""Side of what counts as thin, px of the searched grid."""
VISIBLE = 0.02
"""Mean contrast, of full scale, that is fully seen."""
LEAST = 0.15
"""Score, of the best of its kind, under which there is nothing worth a look."""

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Spot:
    """A part of the canvas, (x, y, width, height), why it was chosen, and one frame to compare."""

    kind: str
    box: Box
    frame: int


def find_spots(result: StackResult) -> list[Spot]:
    """Up to six parts of the picture that do not overlap, the hardest of each kind."""
    height, width = result.image.shape[:2]
    size = max(1, min(LARGEST[0], width // 3)), max(1, min(LARGEST[1], height // 3))
    grid = fitting(result.image.shape, SEARCHED_PIXELS)
    by = grid[0] / width
    window = max(1, round(size[0] * by)), max(1, round(size[1] * by))
    free = np.ones(grid[::-1], np.float32)
    spots = []
    for kind, score in _scores(result, grid):
        mean = _window_mean(score, window)
        y, x = np.unravel_index(np.argmax(mean * free), mean.shape)
        if mean[y, x] * free[y, x] > LEAST * max(float(mean.max()), 1e-6):
            box = _box(float(x) / by, float(y) / by, size, (width, height))
            spots.append(Spot(kind, box, best_frame(result, box)))
            _occupy(free, int(x), int(y), window)
    return spots


def best_frame(result: StackResult, box: Box) -> int:
    """The frame from which most of a part's detail comes; the reference frame if unknown."""
    if result.sources is None:
        return result.alignment.reference_index
    x, y, width, height = box
    found = result.sources[y : y + height, x : x + width]
    return int(np.bincount(found.ravel()).argmax())


def _scores(result: StackResult, grid: tuple[int, int]) -> Iterator[tuple[str, FloatImage]]:
    """What to look for, in the order of choice; a kind that comes twice is looked for twice."""
    detail = _detail(result, grid)
    if result.depth is None:
        yield from [("fine detail", detail)] * 4
        return
    depth = sampled(result.depth, grid)
    depth = np.where(np.isfinite(depth), depth, np.nanmedian(depth) if depth.size else 0)
    depth = np.nan_to_num(depth).astype(np.float32)
    seen = _textured(detail)
    thin, step = _thin(depth) * seen, _step(depth) * seen
    doubt = np.zeros_like(depth)
    if result.confidence is not None:
        sure = reduced(result.confidence, grid)
        doubt, thin, step = (1 - sure) * detail, thin * sure, step * sure
    yield "a step in depth", step
    yield "thin things", thin
    if result.lost is not None:
        yield "a veil of nearer things", reduced(result.lost, grid) ** 2
    yield "uncertain depth", doubt
    yield "a step in depth", step
    yield "thin things", thin


def _detail(result: StackResult, grid: tuple[int, int]) -> FloatImage:
    """Contrast of the picture at the searched scale."""
    import cv2

    luma = reduced(luma_of(reduced(result.image, grid)), grid)
    return np.asarray(np.abs(luma - cv2.GaussianBlur(luma, (0, 0), 3)), np.float32)


def _textured(detail: FloatImage) -> FloatImage:
    """0..1: whether there is anything to see; on blank ground depths are guesses."""
    import cv2

    around = cv2.GaussianBlur(detail, (0, 0), 4)
    return np.asarray(np.minimum(around / VISIBLE, 1) ** 2, np.float32)


def _step(depth: FloatImage) -> FloatImage:
    """How far the depth jumps within a few pixels."""
    import cv2

    around = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.dilate(depth, around) - cv2.erode(depth, around), np.float32)


def _thin(depth: FloatImage) -> FloatImage:
    """How far narrow ridges and slits stand out from what is around them."""
    import cv2

    around = np.ones((FINE, FINE), np.uint8)
    opened = cv2.morphologyEx(depth, cv2.MORPH_OPEN, around)
    closed = cv2.morphologyEx(depth, cv2.MORPH_CLOSE, around)
    return np.asarray(np.maximum(depth - opened, closed - depth), np.float32)


def _window_mean(score: FloatImage, window: tuple[int, int]) -> FloatImage:
    """Mean over the window around each place; places whose window leaves the picture are out."""
    import cv2

    mean = np.asarray(cv2.blur(score, window), np.float32)
    columns, rows = (n // 2 for n in window)
    inside = np.zeros_like(mean)
    inside[rows : mean.shape[0] - rows or None, columns : mean.shape[1] - columns or None] = 1
    return mean * inside


def _box(x: float, y: float, size: tuple[int, int], canvas: tuple[int, int]) -> Box:
    """The box around a place, moved into the canvas."""
    left = min(max(0, round(x - size[0] / 2)), canvas[0] - size[0])
    top = min(max(0, round(y - size[1] / 2)), canvas[1] - size[1])
    return left, top, *size


def _occupy(free: FloatImage, x: int, y: int, window: tuple[int, int]) -> None:
    """Boxes around places nearer than a window would overlap."""
    width, height = window
    free[max(0, y - height + 1) : y + height, max(0, x - width + 1) : x + width] = 0
