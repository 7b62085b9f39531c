"""Disk blur of many radii, cheap enough to be done for every tile of every frame."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage

ALIGN = 16
"""Arrays whose corner lies on a multiple of this many canvas pixels blur without tile seams."""


def ladder(largest: float) -> FloatImage:
    """Radii in pixels, rising from 0 to at least ``largest``, that stand in for all others."""
    radii = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    while radii[-1] < largest:
        radii.append(radii[-1] * 1.22)
    return np.array(radii, np.float32)


def hat_weights(radius: FloatImage, rungs: FloatImage, k: int) -> FloatImage:
    """How much of rung ``k`` goes into each pixel, float32 0..1, linear in the blur's variance."""
    square, v = radius * radius, rungs * rungs
    up = np.ones_like(square) if k == 0 else (square - v[k - 1]) / (v[k] - v[k - 1])
    if k == len(rungs) - 1:
        return np.clip(up, 0, 1)
    down = (v[k + 1] - square) / (v[k + 1] - v[k])
    return np.asarray(np.clip(np.minimum(up, down), 0, 1), np.float32)


def disk_blur(pixels: FloatImage, radius: float) -> FloatImage:
    """Blur with a uniform disk.

    Parameters
    ----------
    pixels : float32, (height, width, channels)
        Sides are multiples of ``ALIGN``; mirrored at the border. Not changed.
    radius : float
        In pixels; 0 returns ``pixels`` itself. Above 4 the work is done on a smaller grid, which
        softens the disk's rim a little; the variance of the blur is right at every radius.
    """
    import cv2

    if radius <= 0:
        return pixels
    small, halvings = pixels, 0
    while radius > 4 * 2**halvings and 2**halvings < ALIGN:
        small, halvings = cv2.pyrDown(small), halvings + 1
    # Each halving and doubling blurs as well, by a variance of 1 on the finer grid: take that off.
    factor = 4**halvings
    small = _filtered(small, (radius * radius / 4 - 2 * (factor - 1) / 3) / factor)
    for _ in range(halvings):
        small = cv2.pyrUp(small)
    return small


def _filtered(pixels: FloatImage, variance: float) -> FloatImage:
    import cv2

    kernel = _kernel(round(variance, 6))
    return np.asarray(cv2.filter2D(pixels, -1, kernel, borderType=cv2.BORDER_REFLECT_101))


@lru_cache(maxsize=128)
def _kernel(variance: float) -> FloatImage:
    """Disk with this variance per axis in square pixels; a 3x3 stencil when too small to draw."""
    if variance < 0.3:
        row = np.array([variance / 2, 1 - variance, variance / 2])
        return np.outer(row, row).astype(np.float32)
    radius = 2 * np.sqrt(variance)
    for _ in range(4):
        kernel = _drawn(radius)
        at = np.arange(len(kernel)) - len(kernel) // 2
        radius *= np.sqrt(variance / (kernel.sum(axis=0) @ (at * at)))
    return np.asarray(kernel, np.float32)


def _drawn(radius: float) -> npt.NDArray[np.float64]:
    """A disk drawn by area coverage, with sum 1."""
    half, fine = int(np.ceil(radius)), 16
    at = (np.arange((2 * half + 1) * fine) + 0.5) / fine - half - 0.5
    inside = at[:, None] ** 2 + at[None, :] ** 2 <= radius * radius
    kernel = inside.reshape(2 * half + 1, fine, 2 * half + 1, fine).mean((1, 3))
    return np.asarray(kernel / kernel.sum(), np.float64)
