"""Focus curves as logarithms, above the noise, of frames that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.inspection.look import FocusCurves
from focusstack.inspection.report import Mask
from focusstack.model import FloatImage

DETAIL_ABOVE_NOISE = 8.0
"""A cell holds detail if its energy, at its best, is this many times the noise's."""
SEEN_ABOVE_NOISE = 3.0
FLANK = 3.5
"""How far below its peak, as a natural logarithm of energy, a focus curve is followed: further
down it levels off, as other things at other distances shine in."""
TINY = 1e-9
ENOUGH = 0.3
FEWEST_CELLS = 30


@dataclass(frozen=True)
class LogCurves:
    """One band's focus curves.

    Attributes
    ----------
    values : float32 (frames, cells)
        Natural logarithm of energy above the noise.
    near : bool (frames, cells)
        Where a value is above the noise and near enough to its curve's peak to be trusted.
    detailed : bool (cells,)
        Cells that all frames cover and that at least one of them shows in detail.
    """

    values: FloatImage
    near: Mask
    detailed: Mask

    @property
    def best(self) -> npt.NDArray[np.intp]:
        """Position of the sharpest frame, per cell."""
        return np.asarray(np.argmax(self.values, axis=0))


def log_curves(curves: FocusCurves, band: int, keep: Sequence[int]) -> LogCurves:
    """Curves of one band through the frames at positions ``keep`` of ``curves.members``."""
    energy = curves.energy[band][list(keep)].reshape(len(keep), -1)
    noise = curves.noise[band].ravel()
    covered = np.isfinite(energy).all(axis=0)
    above = np.maximum(np.nan_to_num(energy) - noise, 0)
    values = np.asarray(np.log(above + 0.5 * noise + TINY), np.float32)
    top = values.max(axis=0)
    detailed = covered & (top > np.log(DETAIL_ABOVE_NOISE * noise + TINY))
    lowest = np.maximum(top - FLANK, np.log(SEEN_ABOVE_NOISE * noise + TINY))
    return LogCurves(values, (values > lowest) & detailed, detailed)


def finest_usable(logs: Sequence[LogCurves]) -> int:
    """The finest band in which not much less can be judged than in the best one."""
    shares = [float(one.detailed.mean()) for one in logs]
    return next(b for b, share in enumerate(shares) if share >= ENOUGH * max(shares))


def curvature(logs: LogCurves, peaks: Sequence[int]) -> float | None:
    """How strongly curves bend at their peak per squared step: 1 / sigma², for Gaussian ones.

    Parameters
    ----------
    peaks : positions of frames; only curves that peak there, between two neighbours, are asked

    Returns
    -------
    The median of at least 30 cells, else None.
    """
    best = logs.best
    bends = []
    for k in peaks:
        if 0 < k < len(logs.values) - 1:
            here = (best == k) & logs.near[k - 1 : k + 2].all(axis=0)
            before, peak, after = logs.values[k - 1 : k + 2, here]
            bends.append(2 * peak - before - after)
    found = np.concatenate(bends) if bends else np.zeros(0)
    return float(np.median(found)) if len(found) >= FEWEST_CELLS else None


def detailed(logs: Sequence[LogCurves]) -> Mask:
    """Cells that hold detail in any band."""
    return np.asarray(np.any([one.detailed for one in logs], axis=0))
