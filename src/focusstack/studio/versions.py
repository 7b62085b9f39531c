"""Finished results as the page looks at them: tiles, depth, single pixels, aligned frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from focusstack.colour import white
from focusstack.kernels import Resampling
from focusstack.model import Alignment, Pixels
from focusstack.steps.read import open_source, read_alignment
from focusstack.studio.levels import TILE, read_level
from focusstack.studio.project import Version


@dataclass
class VersionViews:
    """One result in its folder."""

    folder: Path
    version: Version

    @cached_property
    def alignment(self) -> Alignment:
        """Where its frames lie."""
        return read_alignment(self.folder / "alignment.json")

    def tile(self, level: int, column: int, row: int) -> Pixels:
        """Part of the fused image."""
        found: Pixels = _cut(read_level(self.folder, level), column, row)
        return found

    def depth_tile(self, level: int, column: int, row: int) -> Pixels:
        """Part of the depth in colour: near in focus order is dark, unknown is grey."""
        import cv2

        depth = self._map("depth")[:: 1 << level, :: 1 << level]
        part = np.asarray(_cut(depth, column, row), np.float32)
        known = np.isfinite(part)
        share = np.where(known, part, 0) / max(1, len(self.version.frames) - 1)
        codes = np.clip(share * 255, 0, 255).astype(np.uint8)
        colours = cv2.applyColorMap(codes, cv2.COLORMAP_VIRIDIS)[..., ::-1]
        return np.ascontiguousarray(np.where(known[..., None], colours, 96).astype(np.uint8))

    def aligned_tile(self, frame: Pixels, index: int, level: int, column: int, row: int) -> Pixels:
        """Part of a frame, uint8 (H, W, 3), where the result shows the same.

        The frame is whole, or reduced as those of a preview are.
        """
        left, top, width, height = self.alignment.crop
        place = self.alignment.transforms[index]
        if place is None:
            return np.zeros((1, 1, 3), np.uint8)
        step, x, y = 1 << level, column * TILE << level, row * TILE << level
        wide, high = (min(TILE, -(-(side - at) // step)) for side, at in ((width, x), (height, y)))
        middle = (step - 1) / 2
        canvas = np.array([[step, 0, x + left + middle], [0, step, y + top + middle], [0, 0, 1.0]])
        matrix = np.asarray(np.linalg.inv(place) @ canvas, np.float64)
        values = np.asarray(np.tile(np.arange(256) / 255, (3, 1)), np.float32)
        planar = Resampling(frame, values, matrix / matrix[2, 2], (wide, high)).planar(1)
        return np.rint(np.clip(planar, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0).copy()

    def pixel(self, x: int, y: int) -> dict[str, Any]:
        """Everything that is known of a pixel; ``value`` in the picture's own depth."""
        picture = np.asarray(self._picture[y, x])
        said: dict[str, Any] = {
            "x": x,
            "y": y,
            "value": [round(float(v), 5) if v.dtype.kind == "f" else int(v) for v in picture],
            "white": white(picture.dtype),
        }
        if self.version.has_depth:
            depth = float(self._map("depth")[y, x])
            said["depth"] = round(depth, 2) if np.isfinite(depth) else None
            said["confidence"] = round(float(self._map("confidence")[y, x]), 3)
            said["frame"] = int(self._map("sources")[y, x])
        return said

    @cached_property
    def _picture(self) -> Pixels:
        import tifffile

        try:
            found: Pixels = tifffile.memmap(self.folder / "picture.tif", mode="r")
        except ValueError:  # what cannot be mapped is read
            found = open_source(self.folder / "picture.tif").read(0).pixels
        return found.reshape(self.version.height, self.version.width, -1)

    def _map(self, name: str) -> Any:
        return np.load(self.folder / f"{name}.npy", mmap_mode="r")


def _cut(level: Any, column: int, row: int) -> Any:
    y, x = row * TILE, column * TILE
    return np.ascontiguousarray(level[y : y + TILE, x : x + TILE])
