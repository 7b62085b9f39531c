"""Where one shoot ends and the next begins, from headers and from what the pictures show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from focusstack.batch.glimpse import Glimpse
from focusstack.batch.shots import Shot
from focusstack.batch.views import View, change

SAME_VIEW, NEXT_VIEW, ANOTHER_VIEW = 0.9, 0.9, 0.6
"""Correlations: of one view, of what two views share, and below which they share nothing."""
SHIFTED = 0.08
"""Less of the longer side is the hand or the rail, more is a panorama."""
EXPOSED = 0.3
"""Stops between exposures that differ."""
PAUSE_SECONDS, PAUSE_PACES, LONG = 3.0, 2.5, 4.0
"""A pause is longer than both, and than a second more than PAUSE_PACES slow intervals; one LONG
times as long ends a stack even if the focus goes on."""
NEIGHBOURS, SLOW = 5, 75
"""Intervals on either side that tell the pace, and the percentile of them that is a slow one."""
RESTART, FIRST = 0.6, 2
"""A picture this much more like one of the first ones than like the last one begins anew."""
STEADY = 1.6
"""The focus goes on if sharpness changes by no more than this times what it usually does."""
SHARP_STEP = 0.45
"""Changes of sharpness below this may be a shaking hand."""
SWEPT = 2.0
"""So many steps must lie between the first and the last picture for the focus to have moved on."""
TURN, TURNED = 2, 0.8
"""Pictures on either side, and how near they come to each other where the focus turns back."""


@dataclass(frozen=True)
class Cut:
    """Whether a shoot ends between two pictures, how sure that is (0..1), and why."""

    ends: bool
    sure: float
    why: str


def cuts_between(
    shots: Sequence[Shot],
    views: Sequence[View] | None = None,
    glimpses: Sequence[Glimpse] | None = None,
    gap: float | None = None,
) -> list[Cut]:
    """Judge every pair of neighbours.

    Parameters
    ----------
    shots : in sequence
    views, glimpses : of all neighbours and of all pictures; None where nothing was looked at
    gap : seconds that always are a pause and less than which never is; None: judged by the pace
    """
    found: list[Cut] = []
    first = 0
    for i in range(len(shots) - 1):
        pause = _pause(shots, i, gap)
        cut = _by_headers(shots[i], shots[i + 1])
        if cut is None and views is not None and glimpses is not None:
            cut = _by_pictures(shots, views, glimpses, i, first, pause)
        if cut is None:
            cut = _by_clock(pause, shots[i].taken is not None)
        found.append(cut)
        if cut.ends:
            first = i + 1
    return found


def _by_headers(a: Shot, b: Shot) -> Cut | None:
    """What is certain without time and content."""
    if (a.camera, a.optics) != (b.camera, b.optics):
        return Cut(True, 0.99, "another camera, lens or size")
    if a.series != b.series:
        return Cut(True, 0.97, "another series of names")
    if a.drive.kind != b.drive.kind:
        return Cut(True, 0.97, "the camera's mode changed")
    if a.drive.kind and a.drive.shot is not None and b.drive.shot is not None:
        if b.drive.shot == a.drive.shot + 1:
            return Cut(False, 0.98, "the camera counted on")
        if b.drive.shot <= a.drive.shot:
            return Cut(True, 0.98, "the camera counted from the start")
    return None


def _pause(shots: Sequence[Shot], i: int, gap: float | None) -> float:
    """How many times longer than a usual interval this one is; 0 without times, inf if backwards.

    1 is the limit for a pause.
    """
    interval = _interval(shots, i)
    if interval is None:
        return 0.0
    if interval < -1:
        return float("inf")
    if gap is not None:
        return interval / gap
    around = [_interval(shots, j) for j in range(i - NEIGHBOURS, i + NEIGHBOURS + 1) if j != i]
    usual = [seconds for seconds in around if seconds is not None and seconds >= 0]
    slow = float(np.percentile(usual, SLOW)) if usual else PAUSE_SECONDS
    return interval / max(PAUSE_SECONDS, PAUSE_PACES * slow + 1)


def _interval(shots: Sequence[Shot], i: int) -> float | None:
    if not 0 <= i < len(shots) - 1:
        return None
    a, b = shots[i].taken, shots[i + 1].taken
    return None if a is None or b is None else b - a


def _by_clock(pause: float, known: bool) -> Cut:
    if not known:
        return Cut(False, 0.5, "nothing tells them apart")
    if pause > 1:
        return Cut(True, min(0.95, 0.6 + 0.1 * pause), "a pause")
    return Cut(False, 0.8, "no pause")


def _by_pictures(
    shots: Sequence[Shot],
    views: Sequence[View],
    glimpses: Sequence[Glimpse],
    i: int,
    first: int,
    pause: float,
) -> Cut | None:
    view = views[i]
    if _exposed_differently(shots[i], shots[i + 1]):
        return _if_bracketed(view, pause)
    if view.alike >= SAME_VIEW:
        return _in_one_view(views, glimpses, i, first, pause)
    if view.overlap >= NEXT_VIEW and view.shift >= SHIFTED and pause <= 1:
        return Cut(False, 0.9, "the next part of the view")
    if view.alike < ANOTHER_VIEW or pause > 1:
        return Cut(True, 0.98 if view.alike < ANOTHER_VIEW else 0.9, "another view")
    return Cut(True, 0.6, "the view changed")


def _if_bracketed(view: View, pause: float) -> Cut:
    """Between pictures whose exposures differ, and which therefore do not look alike."""
    if view.exposed_alike is None:
        return _by_clock(pause, True)
    if view.exposed_alike < ANOTHER_VIEW or pause > 1:
        return Cut(True, 0.9, "another view")
    return Cut(False, 0.9, "the exposure was changed")


def _exposed_differently(a: Shot, b: Shot) -> bool:
    return a.stops is not None and b.stops is not None and abs(a.stops - b.stops) >= EXPOSED


def _in_one_view(
    views: Sequence[View], glimpses: Sequence[Glimpse], i: int, first: int, pause: float
) -> Cut:
    """Between pictures of one view: a second stack of it, or just a slow hand at the ring."""
    if _begins_anew(views, glimpses, i, first):
        return Cut(True, 0.95 if pause > 1 else 0.8, "the focus went back to the start")
    if pause <= 1:
        return Cut(False, 0.97, "one view, no pause")
    if pause < LONG and _goes_on(views, glimpses, i, first):
        return Cut(False, 0.8, "the focus goes on after a pause")
    return Cut(True, 0.9, "a pause")


def _begins_anew(views: Sequence[View], glimpses: Sequence[Glimpse], i: int, first: int) -> bool:
    """Whether the picture after ``i`` is like one of the first of this shoot, unlike the last."""
    if i - first < FIRST:
        return False
    step = median(view.change for view in views[first:i])
    if change(glimpses[first], glimpses[i]) < SWEPT * step:
        return False
    jump = views[i].change
    back = min(change(glimpses[k], glimpses[i + 1]) for k in range(first, first + FIRST))
    return jump > max(SHARP_STEP, STEADY * step) and back < RESTART * jump


def _goes_on(views: Sequence[View], glimpses: Sequence[Glimpse], i: int, first: int) -> bool:
    """Whether sharpness moves on after ``i`` as it did before."""
    steps = [view.change for view in views[first:i]]
    if not steps or views[i].change > STEADY * median(steps):
        return False
    before, after = i - TURN, i + 1 + TURN
    if before < first or after >= len(glimpses):
        return True
    come = change(glimpses[before], glimpses[i])
    return change(glimpses[before], glimpses[after]) > TURNED * come
