"""EXIF orientation: how stored pixels are turned upright."""

from __future__ import annotations

from focusstack.model import Pixels

_MIRRORED_AXES = {1: "", 2: "x", 3: "xy", 4: "y", 5: "", 6: "y", 7: "xy", 8: "x"}


def swaps_sides(orientation: int) -> bool:
    """Whether the upright picture is as wide as the stored one is high."""
    return orientation >= 5


def grid_survives(width: int, height: int, orientation: int, scale: int) -> bool:
    """Whether reducing the stored picture first and turning it then gives the upright grid.

    A reduced grid starts at the stored picture's left and top edge. Where turning mirrors an
    axis, that edge ends up at the far side, which is right only if the size is divisible.
    """
    mirrored = _MIRRORED_AXES[orientation]
    fits_x = "x" not in mirrored or width % scale == 0
    return fits_x and ("y" not in mirrored or height % scale == 0)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn stored pixels (height, width, channels) upright; the input is not changed."""
    import cv2

    if orientation == 1:
        return pixels
    channels = pixels.shape[2]
    if swaps_sides(orientation):
        pixels = cv2.transpose(pixels)
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    if flip is not None:
        pixels = cv2.flip(pixels, flip)
    return pixels.reshape(pixels.shape[0], pixels.shape[1], channels)
