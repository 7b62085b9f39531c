"""What a run found, in numbers for the summary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from focusstack.errors import UnreadableFrame
from focusstack.execute import Run, peak_bytes
from focusstack.exif_values import ExifValues, read_exif_values
from focusstack.model import Alignment, FrameInfo, Transform
from focusstack.steps.clean import Defects
from focusstack.steps.read import FileSource, FrameSource
from focusstack.transform import apply, magnification


def gather_facts(
    run: Run,
    info: FrameInfo,
    frames: FrameSource,
    alignment: Alignment,
    defects: Defects,
) -> dict[str, Any]:
    """Facts by name; lengths in px of the full-size frames, times in seconds, memory in bytes."""
    names = [frames.info(i).name for i in range(len(frames))]
    placed = [t for t in alignment.transforms if t is not None]
    _, _, width, height = alignment.crop
    return {
        "frames": len(alignment.transforms),
        "used": len(placed),
        "width": width,
        "height": height,
        "megapixels": width * height / 1e6,
        "bits": info.dtype.itemsize * 8,
        "reference_index": alignment.reference_index,
        "reference_name": names[alignment.reference_index],
        "model": alignment.model,
        "drift_px": _drift(placed, info.width, info.height),
        "breathing_percent": _breathing(placed),
        "hot_pixels": len(defects.pixels),
        "dust_spots": len(defects.dust),
        "rejected": [f"{r.name}: {r.reason}" for r in alignment.rejected],
        **_exposures(frames, alignment),
        "seconds": dict(run.seconds),
        "peak_bytes": peak_bytes(),
    }


def _exposures(frames: FrameSource, alignment: Alignment) -> dict[str, Any]:
    """What the cameras noted: ``exposure`` (seconds, f-number and ISO of the reference frame, None
    where unknown) and ``focus_m``, the distances of the first and the last frame, if known."""
    if not frames.paths:
        return {}
    kept = alignment.kept
    said = [_noted(frames.paths[i]) for i in (kept[0], kept[-1])]
    at = _noted(frames.paths[alignment.reference_index])
    found: dict[str, Any] = {"exposure": (at.seconds, at.aperture, at.iso)}
    ends = [one.distance for one in said]
    return found | ({"focus_m": tuple(ends)} if None not in ends else {})


def _noted(path: Path) -> ExifValues:
    """Nothing, where the file is a video or is gone by now: the picture has been made."""
    try:
        return read_exif_values(FileSource([path]).read_metadata(0).exif)
    except UnreadableFrame:
        return ExifValues()


def _drift(placed: list[Transform], width: int, height: int) -> float:
    """Farthest that the centre of the picture moves between any two frames."""
    centre = np.array([[(width - 1) / 2, (height - 1) / 2]])
    centres = np.concatenate([apply(t, centre) for t in placed])
    return float(np.hypot(*(centres.max(axis=0) - centres.min(axis=0))))


def _breathing(placed: list[Transform]) -> float:
    scales = [magnification(t) for t in placed]
    return (max(scales) / min(scales) - 1) * 100
