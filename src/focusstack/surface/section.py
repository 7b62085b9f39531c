"""Heights along a line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.model import FloatImage
from focusstack.surface.heights import SURE

Point = tuple[float, float]


@dataclass(frozen=True)
class Section:
    """What lies under a line.

    Attributes
    ----------
    distance : float32 (n,)
        From the first end, px; even steps.
    depth : float32 (n,)
        Fractional frame; NaN in gaps.
    confidence : float32 (n,)
        0..1.
    """

    distance: FloatImage
    depth: FloatImage
    confidence: FloatImage


def section(
    depth: FloatImage, confidence: FloatImage, start: Point, end: Point, most: int = 800
) -> Section:
    """Depth under a line, at the nearest pixels, about one for each pixel of its length.

    Parameters
    ----------
    depth, confidence : float32 (H, W)
        NaN = unknown; may be mapped from a file, of which only the line is read.
    start, end : (x, y)
        Moved into the picture if they are outside it.
    most : int
        Points at most; a longer line is sampled more coarsely.

    Returns
    -------
    Section
        Depths less sure than :data:`~focusstack.surface.SURE` are gaps.
    """
    high, wide = depth.shape
    (x0, y0), (x1, y1) = (
        (min(max(x, 0), wide - 1), min(max(y, 0), high - 1)) for x, y in (start, end)
    )
    length = float(np.hypot(x1 - x0, y1 - y0))
    along = np.linspace(0, 1, min(most, max(2, round(length) + 1)))
    columns = np.rint(x0 + along * (x1 - x0)).astype(int)
    rows = np.rint(y0 + along * (y1 - y0)).astype(int)
    found = np.asarray(depth[rows, columns], np.float32)
    sure = np.nan_to_num(np.asarray(confidence[rows, columns], np.float32))
    kept = np.where(sure >= SURE, found, np.nan).astype(np.float32)
    return Section((along * length).astype(np.float32), kept, sure)
