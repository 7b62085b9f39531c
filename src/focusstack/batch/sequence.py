"""The order in which pictures of a folder were taken, by their names; clocks may have been set."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from focusstack.batch.shots import Shot

WRAP = 0.5
"""A counter that started again leaves a gap of at least this share of all its numbers."""


def in_sequence(shots: Sequence[Shot]) -> list[Shot]:
    """Camera by camera, series by series, by counter; one that started again goes on at 1."""

    def camera(shot: Shot) -> tuple[str, str]:
        return str(shot.camera), shot.series

    by_camera = sorted(shots, key=lambda shot: (*camera(shot), shot.counter or 0, shot.path.name))
    series = [list(group) for _, group in groupby(by_camera, camera)]
    series.sort(key=lambda group: group[0].path.name)
    return [shot for group in series for shot in _unwrapped(group)]


def _unwrapped(series: list[Shot]) -> list[Shot]:
    """The part before the largest gap in the counter goes last, if it is the later one."""
    counters = [shot.counter for shot in series if shot.counter is not None]
    if len(counters) < max(2, len(series)):
        return series
    gaps = [b - a for a, b in pairwise(counters)]
    at = max(range(len(gaps)), key=gaps.__getitem__) + 1
    digits = 10 ** max(4, len(str(counters[-1])))
    if gaps[at - 1] < WRAP * digits or not _later(series[:at], series[at:]):
        return series
    return series[at:] + series[:at]


def _later(first: Sequence[Shot], second: Sequence[Shot]) -> bool:
    """Whether the first ones were taken after the second ones."""
    times = [[s.taken for s in part if s.taken is not None] for part in (first, second)]
    return all(times) and median(times[0]) > median(times[1])
