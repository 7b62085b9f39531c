"""Blur by a disk, as a round aperture makes it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from focusstack.model import FloatImage

FINE = 8
REDUCE_ABOVE = 3.0
"""Radius, px, that is left after large disks are drawn on a reduced grid."""


@lru_cache(maxsize=256)
def disk_kernel(radius: float) -> FloatImage:
    """Disk of that radius, px, by area coverage, float32, sum 1.

    Below 1 px it is a 3 x 3 kernel of the same variance, radius^2 / 4 along each axis.
    """
    if radius < 1:
        share = radius * radius / 8
        line = np.array([share, 1 - 2 * share, share], np.float32)
        return np.outer(line, line)
    reach = int(np.ceil(radius + 0.5))
    side = 2 * reach + 1
    at = (np.arange(side * FINE) + 0.5) / FINE - reach - 0.5
    drawn = radius * radius - 1 / 3  # covering whole pixels spreads by the variance of a pixel
    inside = at[:, np.newaxis] ** 2 + at**2 <= drawn
    covered = inside.reshape(side, FINE, side, FINE).mean(axis=(1, 3))
    return np.asarray(covered / covered.sum(), np.float32)


def reduced_disk(radius: float) -> tuple[int, FloatImage]:
    """The factor of a grid on which a large disk is small, a power of two, and the disk there."""
    factor = _reduction(radius)
    return factor, disk_kernel(radius / factor)


def _reduction(radius: float, side: float = np.inf) -> int:
    """A power of two by which a picture whose shorter side that is can be reduced."""
    factor = 1
    while radius / (2 * factor) >= REDUCE_ABOVE and side >= 32 * factor:
        factor *= 2
    return factor


def disk_blur(planes: FloatImage, radius: float) -> FloatImage:
    """Blur (H, W) or (H, W, C) float32 by a disk; large ones on a grid reduced by a power of two.

    The border repeats. Radii are rounded to 5 %, so that kernels are made once.
    """
    import cv2

    if radius < 0.3:
        return planes
    radius = round_radius(radius)
    factor = _reduction(radius, min(planes.shape[:2]))
    if factor == 1:
        kernel = disk_kernel(radius)
        return np.asarray(
            cv2.filter2D(planes, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.float32
        )
    height, width = planes.shape[:2]
    size = -(-width // factor), -(-height // factor)
    small = cv2.resize(planes, size, interpolation=cv2.INTER_AREA)
    kernel = disk_kernel(round_radius(radius / factor))
    small = cv2.filter2D(small, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(
        cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )


def round_radius(radius: float) -> float:
    """To the next of a ladder of radii 5 % apart."""
    return float(1.05 ** np.rint(np.log(radius) / np.log(1.05)))
