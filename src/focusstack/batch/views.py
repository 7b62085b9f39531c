"""How two pictures compare: the same view, the next part of a panorama, or another scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.batch.glimpse import Glimpse
from focusstack.model import FloatImage

STRIP = 3
"""A picture shares this part of itself with its neighbour in a panorama, or more."""
DARK = 0.01
"""Added to linear light before the logarithm: what is darker looks alike."""
USABLE = (0.004, 0.85)
"""Linear light between which exposures can be compared."""
LEAST_USABLE = 0.1
"""Share of a picture that must be so in both."""


@dataclass(frozen=True)
class View:
    """How a second picture relates to a first one.

    Attributes
    ----------
    alike : float
        Correlation of the two where they lie best on each other with hardly a shift, up to 1.
    exposed_alike : float or None
        The same without a shift, where both are neither black nor white; None if that is nowhere.
    overlap, shift : float
        The best correlation of a strip of the first one anywhere in the second, and how far it
        moved, as a share of the longer side.
    change : float
        By how much the distribution of sharpness differs: RMS of its logarithm over the picture.
    """

    alike: float
    exposed_alike: float | None
    overlap: float
    shift: float
    change: float


def compare(first: Glimpse, second: Glimpse) -> View:
    """Compare two pictures; of another shape they have nothing in common."""
    if first.small.shape != second.small.shape:
        return View(0.0, 0.0, 0.0, 0.0, change(first, second))
    a, b = _evened(first.small), _evened(second.small)
    overlap, shift = max(_found(a, b, strip) for strip in _strips(a.shape))
    exposed = _exposed_alike(first.small, second.small)
    return View(_alike(a, b), exposed, overlap, shift, change(first, second))


def change(first: Glimpse, second: Glimpse) -> float:
    """By how much sharpness changed from place to place, whatever happened to all of it."""
    moved = second.sharpness - first.sharpness
    return float(np.sqrt(np.mean((moved - np.median(moved)) ** 2)))


def _evened(small: FloatImage) -> FloatImage:
    """Exposure becomes an offset, blur of the finest detail is taken out of the comparison."""
    import cv2

    return np.asarray(cv2.GaussianBlur(np.log(small + DARK), (0, 0), 1.0), np.float32)


def _alike(a: FloatImage, b: FloatImage) -> float:
    """Correlation of all but a margin, which leaves room for a shift."""
    import cv2

    rows, columns = (max(1, side // 16) for side in a.shape)
    inner = np.ascontiguousarray(a[rows:-rows, columns:-columns])
    if min(np.ptp(inner), np.ptp(b)) < 1e-3:
        return 0.0
    return float(cv2.matchTemplate(b, inner, cv2.TM_CCOEFF_NORMED).max())


def _exposed_alike(a: FloatImage, b: FloatImage) -> float | None:
    """Correlation of the logarithms where both pictures hold light to compare."""
    low, high = USABLE
    usable = (a > low) & (a < high) & (b > low) & (b < high)
    if usable.mean() < LEAST_USABLE:
        return None
    one, other = np.log(a[usable]), np.log(b[usable])
    if min(np.ptp(one), np.ptp(other)) < 1e-3:
        return None
    return float(np.corrcoef(one, other)[0, 1])


Strip = tuple[int, int, int, int]
"""First row and column, rows and columns."""


def _strips(shape: tuple[int, ...]) -> list[Strip]:
    """Along the four sides, without the corners."""
    height, width = shape
    across, down = width // STRIP, height // STRIP
    top, left = height // 10, width // 10
    return [
        (top, 0, height - 2 * top, across),
        (top, width - across, height - 2 * top, across),
        (0, left, down, width - 2 * left),
        (height - down, left, down, width - 2 * left),
    ]


def _found(a: FloatImage, b: FloatImage, strip: Strip) -> tuple[float, float]:
    """How well and how far away a strip of ``a`` is found in ``b``."""
    import cv2

    row, column, rows, columns = strip
    piece = np.ascontiguousarray(a[row : row + rows, column : column + columns])
    if min(np.ptp(piece), np.ptp(b)) < 1e-3:
        return 0.0, 0.0
    _, best, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(b, piece, cv2.TM_CCOEFF_NORMED))
    return float(best), float(np.hypot(x - column, y - row) / max(a.shape))
