"""Where the stack began too late, or stopped too early."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from focusstack.inspection.grid import CellGrid, tidy
from focusstack.inspection.logs import LogCurves, curvature
from focusstack.inspection.report import Mask, OpenEnd
from focusstack.inspection.spacing import slope_span

MIN_END_SHARE = 0.05
"""Share of the detailed part of the picture that must lie beyond an end of the stack; motion and
reflections may feign less."""
BEYOND = 0.5
"""Steps beyond an end of the stack at which a curve must peak to count as missed."""
STEADY = 0.55
"""A curve that falls from the end by this share of what it falls by next has its peak beyond it:
from a peak it would fall by a third."""
MIN_FALL = 0.7
"""... if it falls by this in all, as a natural logarithm of energy."""
NEIGHBOURS = 4


def find_ends(
    logs: Sequence[LogCurves], members: Sequence[int], grid: CellGrid, detailed: Mask
) -> tuple[OpenEnd, ...]:
    """Ends of the stack beyond which something of the scene seems to lie.

    Parameters
    ----------
    logs : bands of fine detail
        A cell counts that any of them says lies beyond.
    members : the frames that the curves go through, in focus order
    detailed : bool (cells,)

    Notes
    -----
    Things far beyond are so blurred that nothing can be said of them; they do not count.
    """
    if len(members) < 4:
        return ()
    found = []
    for end, at in (("first", 0), ("last", len(members) - 1)):
        cells = np.any([_beyond(one, at) for one in logs], axis=0)
        region = tidy(cells.reshape(grid.rows, grid.columns))
        share = float(region.sum() / max(1, detailed.sum()))
        if share > MIN_END_SHARE:
            found.append(OpenEnd(end, members[at], share, grid.box(region), region))
    return tuple(found)


def _beyond(one: LogCurves, at: int) -> Mask:
    """Cells that are sharpest at an end, and whose curve has not begun to level off there."""
    inwards = 1 if at == 0 else -1
    bend = curvature(one, [at + inwards * j for j in range(1, NEIGHBOURS + 1)])
    span = min(slope_span(one), (len(one.values) - 1) // 2)
    sharpest = (one.best == at) & one.near[at] & one.near[at + inwards]
    end, beside, next_, farther = (one.values[at + inwards * j] for j in (0, 1, span, 2 * span))
    steady = (end - next_ > STEADY * (next_ - farther)) & (end - farther > MIN_FALL)
    followed = one.near[at + inwards * span]
    if bend is None or bend <= 0:
        return np.asarray(sharpest & steady & followed)
    steep = end - beside > (BEYOND + 0.5) * bend
    return np.asarray(sharpest & (steep | (steady & followed)))
