"""How much of the subject has been sharp in the frames so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage

MOVES = 0.45
"""Sharpness must vary so much (natural logarithm of energy) to tell that there is something."""
FALLEN = 0.25
"""It must have fallen by so much since its peak for that to be one."""
SETTLED_FRAMES = 4
"""So many frames in a row without a new peak add nothing."""
_ROWS, _COLUMNS = ("top", "middle", "bottom"), ("left", "centre", "right")


@dataclass(frozen=True)
class Coverage:
    """What the frames so far show.

    Attributes
    ----------
    share : float or None
        Of the parts with detail, how many have been sharp and got softer again, 0..1; None before
        anything can be told.
    soft : tuple of str
        Where it is still getting sharper: ``top left`` and so on.
    settled : bool
        The last frames add nothing: one can stop.
    """

    share: float | None
    soft: tuple[str, ...] = ()
    settled: bool = False


def judge_coverage(frames: Sequence[FloatImage]) -> Coverage:
    """Judge the frames so far, in focus order.

    Parameters
    ----------
    frames : sequence of float32 (rows, columns)
        The sharpness of each, cell by cell of the same scene, as a logarithm; NaN where a frame
        does not reach. Cells that any of them lacks do not count: the fused image lacks them, too.

    Notes
    -----
    A part that is soft from the first frame on and gets softer counts as covered: whether it would
    be sharper before the first frame is not for the next one to tell.
    """
    if len(frames) < 2:
        return Coverage(None)
    maps = np.stack(frames)
    seen = np.isfinite(maps).all(axis=0)
    maps = np.where(seen, maps, np.float32(0))
    peak, at = maps.max(axis=0), maps.argmax(axis=0)
    telling = np.ptp(maps, axis=0) > MOVES
    if not telling.any():
        return Coverage(None)
    past = peak - maps[-1] > FALLEN
    rising = telling & ~past
    share = float((telling & past).sum() / telling.sum())
    lately = telling & (at >= len(maps) - SETTLED_FRAMES)
    settled = len(maps) > SETTLED_FRAMES and not lately.any()
    return Coverage(share, _places(rising), settled)


def _places(rising: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    """The ninths of the picture in which more than a tenth is rising."""
    rows = np.array_split(np.arange(rising.shape[0]), 3)
    columns = np.array_split(np.arange(rising.shape[1]), 3)
    return tuple(
        "centre" if (i, j) == (1, 1) else f"{_ROWS[i]} {_COLUMNS[j]}"
        for i in range(3)
        for j in range(3)
        if rising[np.ix_(rows[i], columns[j])].mean() > 0.1
    )
