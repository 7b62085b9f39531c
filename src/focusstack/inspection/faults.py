"""Frames that spoil a stack: black ones, and ones blurred by shake."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from focusstack.inspection.logs import FEWEST_CELLS, LogCurves
from focusstack.model import FloatImage

BLACK = 0.01
"""Mean luma under which a frame shows nothing ..."""
MUCH_DARKER = 0.1
"""... if it is less than this share of what is usual."""
DIP, DIPPING = 0.25, 30
"""How far focus curves must dip at a frame, as a natural logarithm of energy, and how many per cent
of them, to blame it: on steep flanks even strong blur makes no dip, and nothing else makes one."""


def black_frames(brightness: Sequence[float]) -> set[int]:
    """Indices of the frames that are black although others are not."""
    usual = float(np.median(brightness))
    limit = min(BLACK, MUCH_DARKER * usual)
    return {i for i, mean in enumerate(brightness) if mean < limit}


def blurred_frames(
    curves_of: Callable[[Sequence[int]], LogCurves],
    positions: Sequence[int],
    beside_gaps: Collection[int],
) -> dict[int, float]:
    """Frames at which many focus curves dip, whatever lies in focus there: they were shaken.

    A focus curve rises to its peak and falls, so no frame should be less sharp than both of its
    neighbours. The worst is set aside before the others are judged. The first and the last frame
    cannot be told from frames of other focus, nor can slight blur from a step in focus.

    Parameters
    ----------
    curves_of : callable
        Focus curves through the frames at some positions.
    positions : of all frames that may be judged
    beside_gaps : positions of frames beside a large step in focus
        They are not judged: between their neighbours a curve with two peaks, of two things at one
        place, may dip.

    Returns
    -------
    dict position -> contrast of its detail against its neighbours' mean
    """
    left, blurred = list(positions), dict[int, float]()
    while len(left) >= 4:
        one = curves_of(left)
        dips = {k: _dip(one, k) for k in range(1, len(left) - 1) if left[k] not in beside_gaps}
        worst = max(dips, key=lambda k: dips[k], default=0)
        if not dips.get(worst, 0.0) > DIP:
            break
        blurred[left.pop(worst)] = _contrast(one, worst)
    return blurred


def _dip(one: LogCurves, k: int) -> float:
    """How far frame k lies under the lower of its neighbours, at least, in 30 % of the cells."""
    before, here, after = _around(one, k)
    if here.size < FEWEST_CELLS:
        return 0.0
    return float(np.percentile(np.minimum(before, after) - here, 100 - DIPPING))


def _contrast(one: LogCurves, k: int) -> float:
    before, here, after = _around(one, k)
    return float(np.exp(0.5 * np.median(here - 0.5 * (before + after))))


def _around(one: LogCurves, k: int) -> tuple[FloatImage, FloatImage, FloatImage]:
    """Curves at k - 1, k and k + 1 of the cells that are near focus in both neighbours."""
    cells = one.near[k - 1] & one.near[k + 1]
    before, here, after = one.values[k - 1 : k + 2, cells]
    return before, here, after
