"""Where the focus moved too far from one frame to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from focusstack.inspection.grid import CellGrid, tidy
from focusstack.inspection.logs import LogCurves, curvature, detailed
from focusstack.inspection.report import FocusGap, Mask
from focusstack.inspection.spacing import Steps

LARGE_STEP = 2.4
"""A step this many times its neighbours' is one that was missed or made too large ..."""
SOFT = 0.95
"""... if it leaves fine detail with less than this contrast."""
UNEVEN_STEP, VERY_SOFT = 2.0, 0.7
"""A smaller one counts only where it costs more contrast."""
MIN_SHARE = 0.002
"""Share of the detailed part of the picture that must lie in a gap: else nothing is lost."""
FAR_FROM_FRAMES = 0.75
"""Steps from both frames at which something counts as lying in the gap."""
NEIGHBOURS = 4


def find_gaps(
    logs: Sequence[LogCurves], fine: int, steps: Steps, members: Sequence[int], grid: CellGrid
) -> tuple[FocusGap, ...]:
    """Steps that are too large, where something of the scene lies within them.

    Parameters
    ----------
    logs : per band, finest first
    fine : the band that is called fine detail
    steps : what :func:`compare_steps` found
    members : the frames that the curves go through, in focus order
    """
    large = large_steps(steps)
    found = []
    for k in large:
        near = _peaks_around(k, large, len(members))
        bend = curvature(logs[fine], near)
        contrast = 1.0 if bend is None else midway(bend, steps[k])
        if contrast < (SOFT if steps[k] > LARGE_STEP else VERY_SOFT):
            gap = _gap(logs, k, float(steps[k]), contrast, members, grid)
            found += [gap] if gap.share > MIN_SHARE else []
    return tuple(found)


def large_steps(steps: Steps) -> list[int]:
    """Positions of the steps that may be gaps."""
    return [k for k in range(len(steps)) if steps[k] > UNEVEN_STEP]


def midway(bend: float, step: float = 1.0) -> float:
    """Contrast of fine detail half way between two frames, in the better one; 1 is in focus."""
    return float(np.exp(-max(bend, 0.0) * step * step / 16))


def _peaks_around(k: int, large: Sequence[int], count: int) -> list[int]:
    """Frames near a step whose own neighbours lie at usual distances."""
    spoilt = {end for step in large for end in (step, step + 1)}
    near = range(max(1, k - NEIGHBOURS), min(count - 1, k + 2 + NEIGHBOURS))
    return [i for i in near if i not in spoilt] or [i for i in range(count) if i not in spoilt]


def _gap(
    logs: Sequence[LogCurves],
    k: int,
    step: float,
    contrast: float,
    members: Sequence[int],
    grid: CellGrid,
) -> FocusGap:
    inside = np.zeros(logs[0].detailed.shape, bool)
    for one in logs[1:]:
        inside |= _inside(one, k, step)
    region = tidy(inside.reshape(grid.rows, grid.columns))
    share = float(region.sum() / max(1, detailed(logs).sum()))
    return FocusGap(members[k], members[k + 1], step, contrast, share, grid.box(region), region)


def _inside(one: LogCurves, k: int, step: float) -> Mask:
    """Cells whose curve peaks between two frames, far from both.

    The slope falls evenly from what it is before the step to what it is after it, so it is known
    where it passes zero.
    """
    a, b, c, d = one.values[k - 1 : k + 3]
    rising, falling = b - a, c - d
    here = one.near[k : k + 2].all(axis=0) & (rising > 0) & (falling > 0)
    peak = -0.5 + (step + 1) * rising / np.where(here, rising + falling, 1)
    top = np.isin(one.best, (k, k + 1))
    return np.asarray(here & top & (np.minimum(peak, step - peak) > FAR_FROM_FRAMES))
