"""What a run found, in numbers for the summary."""

from __future__ import annotations

from typing import Any

import numpy as np

from focusstack.execute import Run, peak_bytes
from focusstack.model import Alignment, FrameInfo, Transform
from focusstack.steps.clean import Defects
from focusstack.transform import apply, magnification


def gather_facts(
    run: Run,
    info: FrameInfo,
    names: tuple[str, ...],
    alignment: Alignment,
    defects: Defects,
) -> dict[str, Any]:
    """Facts by name; lengths in px of the full-size frames, times in seconds, memory in bytes."""
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
        "seconds": dict(run.seconds),
        "peak_bytes": peak_bytes(),
    }


def _drift(placed: list[Transform], width: int, height: int) -> float:
    """Farthest that the centre of the picture moves between any two frames."""
    centre = np.array([[(width - 1) / 2, (height - 1) / 2]])
    centres = np.concatenate([apply(t, centre) for t in placed])
    return float(np.hypot(*(centres.max(axis=0) - centres.min(axis=0))))


def _breathing(placed: list[Transform]) -> float:
    scales = [magnification(t) for t in placed]
    return (max(scales) / min(scales) - 1) * 100
