"""How large each step in focus is, compared with its neighbours, without knowing distances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from focusstack.inspection.logs import LogCurves, curvature

LARGE = 1.5
"""Steps that seem less than this are taken as 1 when their neighbours are judged."""
LARGEST = 20.0
ROUNDS = 3
MIN_CELLS = 100

Steps = npt.NDArray[np.float64]


def relative_steps(logs: Sequence[LogCurves]) -> Steps:
    """Size of the step after each frame, float64 (frames - 1); that of its neighbours is 1.

    Parameters
    ----------
    logs : coarser bands of at least two frames
        Their curves are wide enough to be followed across a gap.

    Returns
    -------
    float64 (frames - 1,)
        NaN where it cannot be told: at both ends, and where little is in focus.

    Notes
    -----
    Near its peak the logarithm of a focus curve is a parabola, so its slope changes evenly. The
    mean of the slopes outside both ends of a step is the slope within, whatever the step's size;
    what the curve rises over the step, divided by that slope, is the size. Sums over all cells
    stand in for single ratios, which are noisy where a curve peaks. A large step beside another
    would make it look small: steps found large are allowed for, and all are judged again.

    Curves that level off make large steps look up to a third smaller or larger. Where steps are
    so fine that neighbours hardly differ, noise makes all steps look small.
    """
    count = len(logs[0].values)
    spans = [_span(one, count) for one in logs]
    steps = np.ones(count - 1)
    found = np.full(count - 1, np.nan)
    for _ in range(ROUNDS):
        found = _estimate(logs, spans, steps)
        steps = np.where(found > LARGE, np.minimum(found, LARGEST), 1.0)
    return found


def _span(one: LogCurves, count: int) -> int:
    """Frames over which a slope is taken: a third of the curve's width, so noise matters less."""
    bend = curvature(one, range(count))
    return 1 if bend is None or bend <= 0 else max(1, round(0.7 / np.sqrt(bend)))


def _estimate(logs: Sequence[LogCurves], spans: Sequence[int], steps: Steps) -> Steps:
    at = np.concatenate([[0.0], np.cumsum(steps)])
    found = np.full(len(steps), np.nan)
    for k in range(1, len(steps) - 1):
        sums = np.array([_rise_and_slope(o, s, at, k) for o, s in zip(logs, spans, strict=True)])
        rise, slope, cells = sums.sum(axis=0)
        if cells >= MIN_CELLS and slope > 0:
            found[k] = max(rise / slope, 0.0)
    return found


def _rise_and_slope(one: LogCurves, span: int, at: Steps, k: int) -> tuple[float, float, float]:
    """Sums over cells of the rise from frame k to the next, and of the slope expected there."""
    first, last = max(0, k - span), min(len(at) - 1, k + 1 + span)
    use = one.near[[first, k, k + 1, last]].all(axis=0)
    a, b, c, d = one.values[[first, k, k + 1, last]][:, use].astype(np.float64)
    slope = 0.5 * ((b - a) / (at[k] - at[first]) + (d - c) / (at[last] - at[k + 1]))
    return float(((c - b) * np.sign(slope)).sum()), float(np.abs(slope).sum()), float(use.sum())
