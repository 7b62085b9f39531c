"""Reduced frames by area averaging."""

from __future__ import annotations

import numpy as np

from focusstack.model import Pixels

MAX_SCALE = 8


def reduction(pixels: int, most: float) -> int:
    """Power of two, 1..8, by which both sides of a picture must shrink to have ``most`` pixels."""
    scale = 1
    while scale < MAX_SCALE and pixels > most * scale * scale:
        scale *= 2
    return scale


def area_average(pixels: Pixels, scale: int) -> Pixels:
    """Average blocks of ``scale`` x ``scale`` pixels.

    Parameters
    ----------
    pixels : (H, W, C) uint8, uint16 or float32
    scale : {1, 2, 4, 8}

    Returns
    -------
    (ceil(H / scale), ceil(W / scale), C), same dtype
        Pixel x is the area centred on ``x * scale + (scale - 1) / 2``; blocks that stick out
        beyond the right or lower edge are filled up with the edge pixels.
    """
    import cv2

    if scale == 1:
        return pixels
    height, width, channels = pixels.shape
    below, right = -height % scale, -width % scale
    if below or right:
        pixels = np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge")
    size = (pixels.shape[1] // scale, pixels.shape[0] // scale)
    reduced: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return reduced.reshape(size[1], size[0], channels)
