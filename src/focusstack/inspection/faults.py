"""Frames that spoil a stack: black ones, and ones blurred by shake."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from focusstack.inspection.logs import FEWEST_CELLS, LogCurves
from focusstack.model import FloatImage

BLACK = 0.01
"""Mean luma under which a frame shows nothing ..."""
MUCH_DARKER = 0.1
"""... if it is less than this share of what is usual."""
DIP = 0.2
"""How far most focus curves must dip at a frame, as a natural logarithm of energy, to blame it."""


def black_frames(brightness: Sequence[float]) -> set[int]:
    """Indices of the frames that are black although others are not."""
    usual = float(np.median(brightness))
    limit = min(BLACK, MUCH_DARKER * usual)
    return {i for i, mean in enumerate(brightness) if mean < limit}


def blurred_frames(
    curves_of: Callable[[Sequence[int]], LogCurves], positions: Sequence[int]
) -> dict[int, float]:
    """Frames at which most focus curves dip, whatever lies in focus there: they were shaken.

    A focus curve rises to its peak and falls, so no frame should be less sharp than both of its
    neighbours. The worst is set aside before the others are judged. The first and the last frame
    cannot be told from frames of other focus, nor can slight blur from a step in focus.

    Parameters
    ----------
    curves_of : callable
        Focus curves through the frames at some positions.
    positions : of all frames that may be judged

    Returns
    -------
    dict position -> contrast of its detail against its neighbours' mean
    """
    left, blurred = list(positions), dict[int, float]()
    while len(left) >= 4:
        one = curves_of(left)
        dips = [_dip(one, k) for k in range(1, len(left) - 1)]
        worst = 1 + int(np.argmax(dips))
        if not dips[worst - 1] > DIP:
            break
        blurred[left.pop(worst)] = _contrast(one, worst)
    return blurred


def _dip(one: LogCurves, k: int) -> float:
    """Median over cells of how far frame k lies under the lower of its neighbours."""
    before, here, after = _around(one, k)
    return float(np.median(np.minimum(before, after) - here)) if here.size >= FEWEST_CELLS else 0.0


def _contrast(one: LogCurves, k: int) -> float:
    before, here, after = _around(one, k)
    return float(np.exp(0.5 * np.median(here - 0.5 * (before + after))))


def _around(one: LogCurves, k: int) -> tuple[FloatImage, FloatImage, FloatImage]:
    """Curves at k - 1, k and k + 1 of the cells that are near focus in both neighbours."""
    cells = one.near[k - 1] & one.near[k + 1]
    before, here, after = one.values[k - 1 : k + 2, cells]
    return before, here, after
