"""How large each step in focus is, compared with its neighbours, without knowing distances."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from focusstack.inspection.logs import LogCurves, curvature
from focusstack.model import FloatImage

LARGE = 1.5
"""Steps that seem less than this are taken as 1 when their neighbours are judged."""
LARGE_ALONE = 3.0
"""What a coarse band must say of a step for which a finer band sees nothing; small detail across a
large step is beyond recognition, but coarse bands mix what lies at different distances."""
LARGEST = 20.0
ROUNDS = 3
MIN_CELLS = 100
PLAUSIBLE = 0.65, 1.5
"""Where the median of all steps must lie: it is 1 where focus curves are what they should be ..."""
EVEN, KNOWN = 2.0, 0.3
"""... and the upper quartile must be less than this many times the lower one, of more
than this share of all steps."""

Steps = npt.NDArray[np.float64]


def compare_steps(logs: Sequence[LogCurves]) -> Steps | None:
    """The largest size of each step that two neighbouring bands can vouch for.

    Fine bands know small steps, coarse ones large steps: an octave makes curves twice as wide.
    Bands whose usual step does not come out near 1 are not asked; None if none is left.
    """
    span = slope_span(logs[0])
    pairs = enumerate(pairwise(logs))
    estimates = [relative_steps(one, other, span << octave) for octave, (one, other) in pairs]
    good = [steps for steps in estimates if _comparable(steps)]
    if not good:
        return None
    steps, *coarser = good
    for more in coarser:
        believed = (steps > LARGE) | (more > LARGE_ALONE)
        steps = np.where(believed, np.fmax(steps, more), steps)
    return steps


def relative_steps(one: LogCurves, other: LogCurves, span: int) -> Steps:
    """Size of the step after each frame, float64 (frames - 1); that of its neighbours is 1.

    Parameters
    ----------
    one, other : two coarser bands
        Their curves are wide enough to be followed across a gap.
    span : frames over which slopes are taken

    Returns
    -------
    float64 (frames - 1,)
        NaN where it cannot be told: ``span`` steps at both ends, and where little is in focus.

    Notes
    -----
    Near its peak the logarithm of a focus curve is a parabola, so its slope changes evenly. The
    slopes outside both ends of a step tell the slope within, whatever the step's size; what the
    curve rises over the step, divided by that slope, is the size. As slopes are noisy,
    cells are summed with the slopes of the other band as weights (instrumental variables), whose
    noise is its own. A large step beside another would make it look small: steps found large are
    allowed for, and all are judged again.

    Curves that level off make large steps look up to a third smaller or larger.
    """
    count = len(one.values)
    steps = np.ones(count - 1)
    found = np.full(count - 1, np.nan)
    for _ in range(ROUNDS):
        found = _estimate((one, other), span, steps)
        steps = np.where(found > LARGE, np.minimum(found, LARGEST), 1.0)
    return found


def _comparable(steps: Steps) -> bool:
    """Whether the stack's focus curves allow its steps to be compared at all."""
    known = steps[np.isfinite(steps)]
    if known.size <= KNOWN * len(steps):
        return False
    low, usual, high = np.percentile(known, (25, 50, 75))
    return bool(PLAUSIBLE[0] <= usual <= PLAUSIBLE[1] and high < EVEN * low)


def slope_span(one: LogCurves) -> int:
    """Frames over which a slope is taken: a share of the curve's width, so noise matters less."""
    bend = curvature(one, range(len(one.values)))
    return 1 if bend is None or bend <= 0 else max(1, round(0.7 / np.sqrt(bend)))


def _estimate(bands: tuple[LogCurves, LogCurves], span: int, steps: Steps) -> Steps:
    at = np.concatenate([[0.0], np.cumsum(steps)])
    found = np.full(len(steps), np.nan)
    for k in range(span, len(steps) - span):
        around = k - span, k, k + 1, k + 1 + span
        use = bands[0].near[list(around)].all(axis=0) & bands[1].near[list(around)].all(axis=0)
        if use.sum() >= MIN_CELLS:
            found[k] = _ratio([one.values[list(around)][:, use] for one in bands], at[list(around)])
    return found


def _ratio(curves: Sequence[FloatImage], at: Steps) -> float:
    """Rise over slope, summed over cells and bands; NaN if the slopes contradict one another."""
    first, middle, last = (at[:-1] + at[1:]) / 2
    share = (middle - first) / (last - first)
    rises, slopes = [], []
    for a, b, c, d in (values.astype(np.float64) for values in curves):
        rises.append(c - b)
        slopes.append((1 - share) * (b - a) / (at[1] - at[0]) + share * (d - c) / (at[3] - at[2]))
    weights = [np.clip(slope, -1, 1) for slope in reversed(slopes)]
    rise = sum(float((r * w).sum()) for r, w in zip(rises, weights, strict=True))
    slope = sum(float((s * w).sum()) for s, w in zip(slopes, weights, strict=True))
    return max(rise / slope, 0.0) if slope > 0 else float("nan")
