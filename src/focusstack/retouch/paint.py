"""Strokes on a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from focusstack.colour import white
from focusstack.model import FloatImage, Pixels
from focusstack.retouch.brush import Region, built_up, coverage, reach, touches
from focusstack.retouch.strokes import Stroke
from focusstack.retouch.tone import Picture, Tone, has_tone, mixed, tone_of

Source = Callable[[Stroke, Region], FloatImage]
"""What a stroke copies, where a region of the canvas lies: float32 (h, w, C), 0..1, encoded like
the picture."""
_SIDE = 1024


class Painting:
    """A picture with strokes over it, wherever one looks.

    Parameters
    ----------
    size : (width, height) of the canvas
    picture : callable
        The fused image.
    source : callable
        What strokes copy.

    Notes
    -----
    Holds, for each stroke with matched tone, a small picture of how far its tones are from those
    below; they are found when a part that the stroke touches is first looked at.
    """

    def __init__(self, size: tuple[int, int], picture: Picture, source: Source) -> None:
        self._size, self._picture, self._source = size, picture, source
        self._strokes: tuple[Stroke, ...] = ()
        self._tones: dict[int, Tone] = {}

    def follow(self, strokes: Sequence[Stroke]) -> Painting:
        """One with these strokes, the first one lowest, that knows what is known of them here."""
        pairs = zip(self._strokes, strokes, strict=False)
        same = next((k for k, (a, b) in enumerate(pairs) if a != b), None)
        kept = min(len(self._strokes), len(strokes)) if same is None else same
        made = Painting(self._size, self._picture, self._source)
        made._tones = {k: tone for k, tone in tuple(self._tones.items()) if k < kept}
        made._strokes = tuple(strokes)
        return made

    def over(self, base: FloatImage, region: Region, count: int | None = None) -> FloatImage:
        """A region, float32 (h, w, C), with the first ``count`` strokes over it; a new array."""
        painted = base.copy()
        for k, stroke in enumerate(self._strokes[:count]):
            if touches(stroke, region):
                part, rows, columns = _part(region, stroke)
                self._add(painted[rows, columns], base[rows, columns], part, k, stroke)
        return painted

    def _add(
        self, painted: FloatImage, base: FloatImage, region: Region, k: int, stroke: Stroke
    ) -> None:
        covered = coverage(stroke, region)
        if not covered.any():
            return
        share = built_up(stroke, region, covered)
        over = base if stroke.erases else self._source(stroke, region)
        if has_tone(stroke):
            detail, with_tone = mixed(covered)
            share = share * np.divide(detail, covered, out=np.ones_like(detail), where=covered > 0)
            over = over + (1 - with_tone)[..., None] * self._tone(k, stroke).at(region)
        painted += share[..., None] * np.float32(stroke.opacity) * (over - painted)

    def _tone(self, k: int, stroke: Stroke) -> Tone:
        if k not in self._tones:
            self._tones[k] = tone_of(
                stroke,
                self._size,
                lambda region: self.over(self._picture(region), region, k),
                lambda region: self._source(stroke, region),
            )
        return self._tones[k]


def paint_whole(image: Pixels, strokes: Sequence[Stroke], source: Source) -> Pixels:
    """A whole picture with the strokes over it, in its own depth; the same array if there are none.

    Only what strokes reach is worked on, in parts of a million pixels.
    """
    if not strokes:
        return image
    painted, top = image.copy(), np.float32(white(image.dtype))
    height, width = image.shape[:2]
    painting = Painting((width, height), picture_of(image), source).follow(strokes)
    for y in range(0, height, _SIDE):
        for x in range(0, width, _SIDE):
            region = _reached(Region(x, y, min(_SIDE, width - x), min(_SIDE, height - y)), strokes)
            if region is None:
                continue
            rows, columns = _slices(region)
            base = image[rows, columns].astype(np.float32) / top
            new = painting.over(base, region)
            touched = (new != base).any(axis=2, keepdims=True)
            scaled = np.clip(new, 0, 1) * top
            codes = scaled if image.dtype == np.float32 else np.rint(scaled)
            np.copyto(painted[rows, columns], codes.astype(image.dtype), where=touched)
    return painted


def picture_of(image: Pixels) -> Picture:
    """Regions of an array (H, W, C); each sample is the mean of what it stands for.

    Beyond the right and the lower edge its pixels repeat.
    """
    top = np.float32(white(image.dtype))

    def part(region: Region) -> FloatImage:
        """A region, 0..1; coarser ones are means."""
        step = region.step
        rows = slice(region.y, region.y + region.height * step)
        columns = slice(region.x, region.x + region.width * step)
        values = np.asarray(image[rows, columns], np.float32) / top
        return values if step == 1 else _means(values, region)

    return part


def _means(values: FloatImage, region: Region) -> FloatImage:
    """Means of blocks of ``region.step`` squared; edges are repeated."""
    import cv2

    step, (height, width) = region.step, values.shape[:2]
    below, right = region.height * step - height, region.width * step - width
    if below or right:
        values = np.pad(values, ((0, below), (0, right), (0, 0)), mode="edge")
    small = cv2.resize(values, (region.width, region.height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32).reshape(region.height, region.width, values.shape[2])


def _part(region: Region, stroke: Stroke) -> tuple[Region, slice, slice]:
    """What of a region a stroke can reach, and where in it that is."""
    left, top, right, bottom = reach(stroke)
    columns = _samples(left - region.x, right - region.x, region.step, region.width)
    rows = _samples(top - region.y, bottom - region.y, region.step, region.height)
    x, y = region.x + columns.start * region.step, region.y + rows.start * region.step
    size = columns.stop - columns.start, rows.stop - rows.start
    return Region(x, y, *size, region.step), rows, columns


def _samples(low: float, high: float, step: int, count: int) -> slice:
    """Samples from one place to another, one more on both sides, of so many."""
    first = min(count - 1, max(0, int(np.floor(low / step)) - 1))
    return slice(first, max(first + 1, min(count, int(np.ceil(high / step)) + 2)))


def _slices(region: Region) -> tuple[slice, slice]:
    return (
        slice(region.y, region.y + region.height),
        slice(region.x, region.x + region.width),
    )


def _reached(region: Region, strokes: Sequence[Stroke]) -> Region | None:
    """The part of a region that strokes can touch; None if they do not."""
    near = [reach(stroke) for stroke in strokes if touches(stroke, region)]
    if not near:
        return None
    left = max(region.x, int(np.floor(min(one[0] for one in near))))
    top = max(region.y, int(np.floor(min(one[1] for one in near))))
    right = min(region.x + region.width, int(np.ceil(max(one[2] for one in near))) + 1)
    bottom = min(region.y + region.height, int(np.ceil(max(one[3] for one in near))) + 1)
    return Region(left, top, right - left, bottom - top)
