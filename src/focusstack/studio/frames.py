"""Frames as the page looks at them: thumbnails, and tiles of those that are looked at closely."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from focusstack.colour import eight_bits
from focusstack.model import Pixels
from focusstack.steps.read import FileSource, reduction, to_srgb
from focusstack.studio.levels import levels_of

THUMB_SIDE = 240
KEPT_BYTES = 400 << 20
"""Of decoded frames; one at least is kept."""


class FrameViews:
    """Decodes frames for the page, and keeps those that were looked at last."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._source = FileSource(paths)
        self._kept: OrderedDict[int, list[Pixels]] = OrderedDict()
        self._lock = threading.Lock()

    def follow(self, paths: Sequence[Path]) -> None:
        """Know more frames: the first of ``paths`` are those that were known."""
        self._source = FileSource(paths)

    def size(self, index: int) -> tuple[int, int]:
        """(width, height), from the header."""
        info = self._source.info(index)
        return info.width, info.height

    def thumbnail(self, index: int) -> Pixels:
        """uint8 (h, w, 3 or 1), at most THUMB_SIDE px a side."""
        import cv2

        width, height = self.size(index)
        scale = reduction(width * height, THUMB_SIDE * THUMB_SIDE)
        pixels = eight_bits(self._source.read_reduced(index, scale))
        by = min(1.0, THUMB_SIDE / max(pixels.shape[:2]))
        wanted = max(1, round(pixels.shape[1] * by)), max(1, round(pixels.shape[0] * by))
        small = cv2.resize(pixels, wanted, interpolation=cv2.INTER_AREA)
        shaped = small.reshape(wanted[1], wanted[0], pixels.shape[2])
        return to_srgb(shaped, self._source.profile(index))

    def whole(self, index: int) -> Pixels:
        """A frame in its own depth and colours."""
        return self._source.read(index).pixels

    def level(self, index: int, level: int) -> Pixels:
        """A frame at 1 / 2**level, uint8 (h, w, 3)."""
        with self._lock:
            if index not in self._kept:
                frame = self._source.read(index)
                self._kept[index] = levels_of(frame.pixels, frame.metadata.icc)
            self._kept.move_to_end(index)
            self._forget()
            return self._kept[index][level]

    def _forget(self) -> None:
        def held() -> int:
            return sum(level.nbytes for levels in self._kept.values() for level in levels)

        while len(self._kept) > 1 and held() > KEPT_BYTES:
            self._kept.popitem(last=False)
