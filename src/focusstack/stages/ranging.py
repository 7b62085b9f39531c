"""The depth map as it is given back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from focusstack.events import StepImage
from focusstack.execute import Run
from focusstack.model import Alignment, FloatImage, Pixels
from focusstack.stages.drawing import drawn

UNKNOWN_BELOW = 0.45
"""Confidence under which the depth is given as NaN: hardly anything but noise is below it."""


def depth_map(
    run: Run, positions: FloatImage, confidence: FloatImage, alignment: Alignment
) -> FloatImage:
    """The depth in numbers of all frames instead of positions among the kept ones.

    float32 (H, W) on the canvas; NaN where there is no telling.
    """
    found = positions.copy()
    found[confidence < UNKNOWN_BELOW] = np.nan
    places = [alignment.order.index(i) for i in alignment.kept]
    if places != list(range(len(places))):
        found = np.interp(found, range(len(places)), places).astype(np.float32)
    run.tell(StepImage("depth", "depth", lambda: _drawn_depth(found, alignment.order)))
    return found


def source_map(positions: FloatImage, alignment: Alignment) -> npt.NDArray[np.uint16]:
    """Number of the frame, in the order given, that is nearest to the depth; uint16 (H, W)."""
    kept = np.array(alignment.kept, np.uint16)
    nearest = np.ceil(positions - 0.5)  # half way between two frames: the earlier one
    chosen = np.clip(nearest, 0, len(kept) - 1).astype(np.uint16)
    return np.asarray(kept.take(chosen), np.uint16)


def _drawn_depth(found: FloatImage, order: Sequence[int]) -> Pixels:
    return drawn(np.nan_to_num(found) / max(1, len(order) - 1))
