"""What is wrong with the sensor, and frames without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.colour import srgb_decode, srgb_encode, white
from focusstack.model import FloatImage, Pixels
from focusstack.steps.clean.fill import Fill, make_fill

LEAST_DIP = 0.002


@dataclass(frozen=True)
class Dust:
    """A spot of dust: what it leaves of the light, as a logarithm.

    Attributes
    ----------
    x, y : int
        First column and row of the spot in the frame.
    dip : float32 (h, w), at most 0
    """

    x: int
    y: int
    dip: FloatImage


@dataclass(frozen=True)
class Defects:
    """Hot and dead pixels and dust of one sensor."""

    pixels: tuple[Fill, ...] = ()
    dust: tuple[Dust, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pixels or self.dust)

    def repair(self, pixels: Pixels, in_place: bool = False) -> Pixels:
        """A frame without the defects.

        Parameters
        ----------
        pixels : (H, W, C) uint8, uint16 or float32; not changed unless ``in_place``
        in_place : bool
            Change the frame itself where it may be written to.

        Returns
        -------
        Same shape and dtype. Dots are filled in from around them; the light under dust is divided
        by what the dust left of it, so what lies under it is kept. All else keeps its bits.
        """
        repaired = pixels if in_place and pixels.flags.writeable else pixels.copy()
        for fill in self.pixels:
            fill.apply(repaired)
        for spot in self.dust:
            _lighten(repaired, spot)
        return repaired

    def reduced(self, height: int, width: int, scale: int) -> Defects:
        """The defects of frames of that size once these are reduced by ``scale``.

        A reduced pixel that holds a part of a dot is filled in whole.
        """
        size = -(-height // scale), -(-width // scale)
        fills = []
        for fill in self.pixels:
            bad = sorted({(int(y), int(x)) for y, x in fill.bad // scale})
            fills.append(make_fill(bad, [int(c) for c in fill.channels], *size))
        kept = tuple(fill for fill in fills if fill is not None)
        return Defects(kept, tuple(_reduced(spot, scale) for spot in self.dust))

    def draw(self, height: int, width: int) -> Pixels:
        """A map of them, uint8 RGB: dust in grey on white, hot and dead pixels as red squares."""
        light = np.ones((height, width), np.float32)
        for spot in self.dust:
            dip = spot.dip[: height - spot.y, : width - spot.x]
            light[spot.y : spot.y + dip.shape[0], spot.x : spot.x + dip.shape[1]] *= np.exp(dip)
        picture = np.repeat((light * 255).astype(np.uint8)[..., np.newaxis], 3, axis=2)
        for fill in self.pixels:
            top, left = np.maximum(fill.bad.min(axis=0) - 2, 0)
            bottom, right = fill.bad.max(axis=0) + 3
            picture[top:bottom, left:right] = (220, 0, 0)
        return picture


def _reduced(spot: Dust, scale: int) -> Dust:
    import cv2

    top, left = spot.y % scale, spot.x % scale
    height, width = spot.dip.shape
    beyond = -(top + height) % scale, -(left + width) % scale
    dip = np.pad(spot.dip, ((top, beyond[0]), (left, beyond[1])))
    size = dip.shape[1] // scale, dip.shape[0] // scale
    small = cv2.resize(dip, size, interpolation=cv2.INTER_AREA)
    return Dust(spot.x // scale, spot.y // scale, np.asarray(small, np.float32))


def _lighten(pixels: Pixels, spot: Dust) -> None:
    height, width = pixels.shape[:2]
    dip = spot.dip[: height - spot.y, : width - spot.x]
    part = pixels[spot.y : spot.y + dip.shape[0], spot.x : spot.x + dip.shape[1]]
    top = np.float32(white(pixels.dtype))
    light = srgb_decode(part.astype(np.float32) / top) * np.exp(-dip)[..., np.newaxis]
    values = srgb_encode(light) * top
    if pixels.dtype.kind == "u":
        values = np.clip(values + 0.5, 0, top)
    touched = (dip < -LEAST_DIP)[..., np.newaxis]
    np.copyto(part, values.astype(pixels.dtype), where=touched)
