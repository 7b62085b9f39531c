"""A picture at another size, its light averaged or interpolated rather than its values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from focusstack.colour import white
from focusstack.model import FloatImage, Pixels
from focusstack.steps.write.profiles import light_of_codes

_ROWS = 256


def resized(pixels: Pixels, size: tuple[int, int], icc: bytes) -> Pixels:
    """Pixels (H, W, C) at (width, height), same dtype; the same array if that is their size.

    Smaller ones are means over the area of each new pixel, larger ones come from Lanczos
    interpolation over 8 x 8 pixels; both in linear light, by the curve of the ICC profile.

    Notes
    -----
    Needs memory for the picture as float32, before and after.
    """
    import cv2

    height, width = pixels.shape[:2]
    if size == (width, height):
        return pixels
    curve = light_of_codes(icc, pixels.shape[2] == 1)
    smaller = size[0] <= width and size[1] <= height
    how = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
    light = cv2.resize(_light(pixels, curve), size, interpolation=how)
    return _codes(light.reshape(size[1], size[0], pixels.shape[2]), curve, pixels.dtype)


def _light(pixels: Pixels, curve: FloatImage) -> FloatImage:
    if pixels.dtype == np.uint8:
        return np.asarray(curve[:: len(curve) // 255][pixels], np.float32)
    if pixels.dtype == np.uint16:
        return np.asarray(curve[pixels], np.float32)
    at = np.linspace(0, 1, len(curve))
    return np.asarray(np.interp(pixels, at, curve), np.float32)


def _codes(light: FloatImage, curve: FloatImage, dtype: npt.DTypeLike) -> Pixels:
    """Light as values again, some rows at a time: the search works on doubles."""
    made = np.empty(light.shape, dtype)
    top, at = white(made.dtype), np.linspace(0, 1, len(curve))
    for y in range(0, len(light), _ROWS):
        values = np.interp(light[y : y + _ROWS], curve, at) * top
        made[y : y + _ROWS] = values if made.dtype == np.float32 else np.rint(values)
    return made
