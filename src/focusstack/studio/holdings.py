"""What a picture holds: its values as a histogram, and where they end at black or at full scale."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.colour import white
from focusstack.model import Pixels
from focusstack.studio.levels import TILE, level_count

BINS = 256
STRIP = 1 << 20
"""Pixels that are counted at a time, so that other requests have their turn in between."""
KEPT = 4
DARK, BRIGHT = 1, 2
_COLOURS = {DARK: (86, 180, 233), BRIGHT: (230, 30, 30)}
Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Holding:
    """What one picture holds.

    Attributes
    ----------
    counts : int64 (C, BINS)
        Pixels whose value lies in each of BINS equal parts of 0 to full scale.
    dark, bright : tuple of int
        Per channel, pixels at 0 or below, and at full scale or above.
    white : float
        Full scale, in the picture's own depth.
    clipped : list of uint8 (h, w)
        DARK and BRIGHT where any channel is, at 1, 1/2 ... of the size; no pixel gets lost.
    """

    counts: npt.NDArray[np.int64]
    dark: tuple[int, ...]
    bright: tuple[int, ...]
    white: float
    clipped: list[Bits]

    def described(self) -> dict[str, Any]:
        """For the page."""
        height, width = self.clipped[0].shape
        return {
            "counts": self.counts.tolist(),
            "dark": list(self.dark),
            "bright": list(self.bright),
            "white": self.white,
            "pixels": height * width,
        }

    def tile(self, level: int, column: int, row: int) -> Pixels:
        """Where values end, as uint8 (h, w, 4): blue at 0, red at full scale."""
        y, x = row * TILE, column * TILE
        bits = self.clipped[level][y : y + TILE, x : x + TILE]
        pixels = np.zeros((*bits.shape, 4), np.uint8)
        for bit, colour in _COLOURS.items():
            pixels[(bits & bit) > 0] = (*colour, 255)
        return pixels


def look_into(pixels: Pixels) -> Holding:
    """Count a picture's values.

    Parameters
    ----------
    pixels : uint8, uint16 or float32 (H, W, C)
        Float values outside 0..1 count as at the ends.
    """
    height, width, channels = pixels.shape
    counts = np.zeros((channels, BINS), np.int64)
    bits = np.zeros((height, width), np.uint8)
    ends = np.zeros((2, channels), np.int64)
    whole = white(pixels.dtype)
    for rows in _strips(height, width):
        part = np.asarray(pixels[rows])
        low, high = part <= 0, part >= whole
        bits[rows] = DARK * low.any(axis=2) + BRIGHT * high.any(axis=2)
        ends += [low.sum(axis=(0, 1)), high.sum(axis=(0, 1))]
        codes = _parts(part)
        for channel in range(channels):
            counts[channel] += np.bincount(codes[..., channel].ravel(), minlength=BINS)
    levels = list(_halved(bits, level_count(width, height)))
    dark, bright = (tuple(int(one) for one in end) for end in ends)
    return Holding(counts, dark, bright, whole, levels)


def _strips(height: int, width: int) -> Iterator[slice]:
    rows = max(1, STRIP // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, top + rows)


def _parts(values: Pixels) -> Bits:
    """In which of BINS equal parts values lie."""
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.uint16:
        return np.asarray(values >> 8, np.uint8)
    known = np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0)
    return np.asarray(np.clip(known * BINS, 0, BINS - 1), np.uint8)


def _halved(bits: Bits, count: int) -> Iterator[Bits]:
    """At all sizes; what is in any of four pixels is in the one that stands for them."""
    for _ in range(count):
        yield bits
        bits = np.pad(bits, [(0, side % 2) for side in bits.shape])
        bits = bits[::2, ::2] | bits[1::2, ::2] | bits[::2, 1::2] | bits[1::2, 1::2]


class Holdings:
    """What was looked into last; each picture is read once for all of its tiles."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Holding] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: tuple[Any, ...], read: Callable[[], Pixels]) -> Holding:
        """What a picture holds; ``key`` changes with its pixels."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = look_into(read())
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]
