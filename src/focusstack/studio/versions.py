"""Finished results as the page looks at them: tiles, depth, single pixels, aligned frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from focusstack.colour import white
from focusstack.errors import InputError
from focusstack.model import Alignment, Pixels
from focusstack.provenance import Record
from focusstack.retouch import Painting, Region, Source, Stroke, paint_whole
from focusstack.retouch.brush import coverage, touches
from focusstack.retouched import AlignedSource, Canvas, canvas_of
from focusstack.steps.clean import Defects
from focusstack.steps.read import SIDECAR, mapped_picture, read_alignment, read_provenance
from focusstack.studio.defects import read_defects
from focusstack.studio.levels import TILE, read_level
from focusstack.studio.project import Version
from focusstack.studio.retouching import Retouch, read_retouch


@dataclass
class VersionViews:
    """One result in its folder."""

    folder: Path
    version: Version

    @cached_property
    def alignment(self) -> Alignment:
        """Where its frames lie."""
        return read_alignment(self.folder / "alignment.json")

    @property
    def retouch(self) -> Retouch:
        """The strokes on it."""
        return read_retouch(self.folder, len(self.version.frames))

    def tile(self, level: int, column: int, row: int, painting: Painting | None = None) -> Pixels:
        """Part of the fused image, with the strokes of a painting over it."""
        found: Pixels = _cut(read_level(self.folder, level), column, row)
        return self._painted(found, level, column * TILE, row * TILE, painting)

    def rows(self, level: int, top: int, bottom: int, painting: Painting | None = None) -> Pixels:
        """Rows of a level, uint8 (h, w, 3), with the strokes over them as in :meth:`tile`."""
        found = np.ascontiguousarray(read_level(self.folder, level)[top:bottom])
        return self._painted(found, level, 0, top, painting)

    def _painted(
        self, found: Pixels, level: int, left: int, top: int, painting: Painting | None
    ) -> Pixels:
        if painting is None or not found.size:
            return found
        height, width = found.shape[:2]
        region = Region(left << level, top << level, width, height, 1 << level)
        base = np.asarray(found, np.float32) / np.float32(255)
        painted = painting.over(base, region)
        return np.rint(np.clip(painted, 0, 1) * 255).astype(np.uint8)

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """Those to be shown; none if their file is damaged, which the page says elsewhere."""
        try:
            return self.retouch.visible
        except InputError:
            return ()

    @cached_property
    def canvas(self) -> Canvas:
        """What another result must have, too, to be painted from."""
        return canvas_of(self.alignment, self.version.frames)

    @cached_property
    def defects(self) -> Defects:
        """Of the sensor, that were repaired in its frames."""
        return read_defects(self.folder)

    @cached_property
    def record(self) -> Record:
        """How it was made."""
        whole = self.folder / f"picture.tif{SIDECAR}"  # in the picture, it may be shortened
        return read_provenance(whole if whole.is_file() else self.folder / "picture.tif")

    def fused(self) -> Pixels:
        """The whole picture (H, W, C) in its own depth, as it was fused; read in parts."""
        return np.asarray(self._picture)

    def picture(self, source: Source) -> Pixels:
        """The same with the strokes over it."""
        return paint_whole(self.fused(), self.retouch.visible, source)

    @cached_property
    def gains(self) -> list[list[float] | None]:
        """Per frame, what evened out exposure."""
        found: list[list[float] | None] = self.record.get("gains", [])
        return found

    def depth_tile(self, level: int, column: int, row: int) -> Pixels:
        """Part of the depth in colour: near in focus order is dark, unknown is grey."""
        import cv2

        depth = self.map("depth")[:: 1 << level, :: 1 << level]
        part = np.asarray(_cut(depth, column, row), np.float32)
        known = np.isfinite(part)
        share = np.where(known, part, 0) / max(1, len(self.version.frames) - 1)
        codes = np.clip(share * 255, 0, 255).astype(np.uint8)
        colours = cv2.applyColorMap(codes, cv2.COLORMAP_VIRIDIS)[..., ::-1]
        return np.ascontiguousarray(np.where(known[..., None], colours, 96).astype(np.uint8))

    def confidence_tile(self, level: int, column: int, row: int) -> Pixels:
        """Part of how sure the depth is, as grey: white is sure."""
        sure = self.map("confidence")[:: 1 << level, :: 1 << level]
        part = np.nan_to_num(np.asarray(_cut(sure, column, row), np.float32))
        codes = np.rint(np.clip(part, 0, 1) * 255).astype(np.uint8)
        return np.repeat(codes[..., None], 3, axis=2)

    def aligned_tile(
        self, source: AlignedSource, index: int, level: int, column: int, row: int
    ) -> Pixels:
        """Part of a frame, uint8 (H, W, 3), where the result shows the same."""
        x, y, step = column * TILE << level, row * TILE << level, 1 << level
        sides = (self.version.width, x), (self.version.height, y)
        wide, high = (min(TILE, -(-(side - at) // step)) for side, at in sides)
        if min(wide, high) < 1:
            return np.zeros((0, 0, 3), np.uint8)
        shown = source(index, Region(x, y, wide, high, step))
        return np.rint(shown * 255).astype(np.uint8)

    def pixel(self, x: int, y: int) -> dict[str, Any]:
        """Everything that is known of a pixel; ``value`` as it was fused, in its own depth."""
        picture = np.asarray(self._picture[y, x])
        said: dict[str, Any] = {
            "x": x,
            "y": y,
            "value": [round(float(v), 5) if v.dtype.kind == "f" else int(v) for v in picture],
            "white": white(picture.dtype),
        }
        spot = Region(x, y, 1, 1)
        if any(touches(one, spot) and coverage(one, spot).any() for one in self.strokes):
            said["painted"] = True
        if self.version.has_depth:
            depth = float(self.map("depth")[y, x])
            said["depth"] = round(depth, 2) if np.isfinite(depth) else None
            said["confidence"] = round(float(self.map("confidence")[y, x]), 3)
            said["frame"] = int(self.map("sources")[y, x])
        return said

    @cached_property
    def _picture(self) -> Pixels:
        """The picture as it was fused, in its own depth (H, W, C); read as far as it is used."""
        found = mapped_picture(self.folder / "picture.tif")
        return found.reshape(self.version.height, self.version.width, -1)

    def map_of(self, name: str) -> Any:
        """A map (H, W) of it, whole; None where there is none."""
        return np.array(self.map(name)) if (self.folder / f"{name}.npy").is_file() else None

    def map(self, name: str) -> Any:
        """Depth, confidence or source map, (H, W), of which only what is used is read."""
        return np.load(self.folder / f"{name}.npy", mmap_mode="r")


def _cut(level: Any, column: int, row: int) -> Any:
    y, x = row * TILE, column * TILE
    return np.ascontiguousarray(level[y : y + TILE, x : x + TILE])
