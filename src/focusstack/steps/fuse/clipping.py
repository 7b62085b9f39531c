"""Keeps fusing from clipping what no frame clipped."""

from __future__ import annotations

from copy import copy

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.fuse.method import Canvas

BLACK, WHITE = 1, 2
"""As the warp marks them, times four for each further channel."""
STRIP = 128


class ClipGuard:
    """Remembers where some frame was black or white, one byte per pixel of the canvas.

    The warp marks them in ``seen``, by ``limits``.

    Bands taken from different frames can add up to more than any of them: without this a fused
    picture has black and white specks beside strong edges.

    Parameters
    ----------
    canvas : Canvas
    top : float
        The largest code of the frames; within half a code of 0 or ``top`` counts as clipped.
    """

    def __init__(self, canvas: Canvas, top: float) -> None:
        self.seen: npt.NDArray[np.uint8] = np.zeros((canvas.height, canvas.width), np.uint8)
        self.limits = 0.5 / top, 1 - 0.5 / top
        self._code = np.float32(1 / top)

    def part(self, rows: tuple[int, int]) -> ClipGuard:
        """The same for some rows of the canvas, as far as it is known by now."""
        part = copy(self)
        part.seen = self.seen[slice(*rows)].copy()
        return part

    def apply(self, fused: FloatImage) -> None:
        """Bring clipped values of the fused picture back by one code, in place."""
        for y in range(0, fused.shape[1], STRIP):
            seen = self.seen[y : y + STRIP]
            for c, part in enumerate(fused[:, y : y + STRIP]):
                if part.min() >= self._code and part.max() <= 1 - self._code:
                    continue
                dark, bright = (seen & (mark << 2 * c) == 0 for mark in (BLACK, WHITE))
                np.copyto(part, np.maximum(part, self._code), where=dark)
                np.copyto(part, np.minimum(part, 1 - self._code), where=bright)
