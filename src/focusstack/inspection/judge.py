"""From focus curves to findings: spoilt frames first, then repeats, then steps in focus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from focusstack.inspection.ends import find_ends
from focusstack.inspection.faults import black_frames, blurred_frames
from focusstack.inspection.gaps import find_gaps, large_steps, midway
from focusstack.inspection.grid import CellGrid
from focusstack.inspection.logs import (
    LogCurves,
    curvature,
    detailed,
    finest_usable,
    log_curves,
)
from focusstack.inspection.look import BANDS, AllLooks, FocusCurves
from focusstack.inspection.repeats import same_focus, same_pictures
from focusstack.inspection.report import FocusGap, Mask, OpenEnd, Repeat
from focusstack.inspection.spacing import compare_steps


@dataclass(frozen=True)
class Findings:
    """What the focus curves say; ``fine`` are those of all frames that take part."""

    fine: LogCurves
    detailed: Mask
    faults: dict[int, str]
    repeats: tuple[Repeat, ...]
    gaps: tuple[FocusGap, ...]
    gaps_judged: bool
    ends: tuple[OpenEnd, ...]
    midway_contrast: float | None


def judge(looks: AllLooks, paths: Sequence[Path], grid: CellGrid) -> Findings:
    """Judge all frames; what is spoilt or comes twice has no say in how large the steps are."""
    curves = looks.curves
    everything = _logs(curves, range(len(curves.members)))
    band = finest_usable(everything)
    faults = dict.fromkeys(black_frames(looks.brightness), "black")
    repeats = [r for r in same_pictures(looks.digests, paths) if r.frames[0] not in faults]
    left = _without(curves, range(len(curves.members)), [*faults, *_followers(repeats)])
    beside = _beside_gaps(curves, left)
    blurred = blurred_frames(lambda keep: log_curves(curves, band, keep), left, beside)
    for at, contrast in blurred.items():
        faults[curves.members[at]] = f"blurred: {contrast:.0%} of its neighbours' contrast"
    left = [at for at in left if at not in blurred]
    members = [curves.members[at] for at in left]
    near = same_focus(_logs(curves, left)[1:], members)
    left = _without(curves, left, _followers(near))
    steps = _steps(_logs(curves, left), band, [curves.members[at] for at in left], grid)
    cells = detailed(everything).reshape(grid.rows, grid.columns)
    return Findings(everything[band], cells, faults, (*repeats, *near), *steps)


def _steps(
    logs: Sequence[LogCurves], band: int, members: Sequence[int], grid: CellGrid
) -> tuple[tuple[FocusGap, ...], bool, tuple[OpenEnd, ...], float | None]:
    steps = compare_steps(logs[1:])
    gaps = () if steps is None else find_gaps(logs, band, steps, members, grid)
    ends = find_ends((logs[band], logs[1]), members, grid, detailed(logs))
    beside = {i for gap in gaps for i in (gap.before, gap.after)}
    bend = curvature(logs[band], [at for at, i in enumerate(members) if i not in beside])
    return gaps, steps is not None, ends, None if bend is None else midway(bend)


def _beside_gaps(curves: FocusCurves, positions: Sequence[int]) -> set[int]:
    """Positions of the frames beside steps that look too large, before anything is set aside."""
    steps = compare_steps(_logs(curves, positions)[1:])
    large = [] if steps is None else large_steps(steps)
    return {positions[at] for k in large for at in (k, k + 1)}


def _logs(curves: FocusCurves, keep: Sequence[int]) -> list[LogCurves]:
    return [log_curves(curves, band, keep) for band in range(BANDS)]


def _followers(repeats: Sequence[Repeat]) -> list[int]:
    """All but the first frame of each group."""
    return [i for repeat in repeats for i in repeat.frames[1:]]


def _without(curves: FocusCurves, positions: Sequence[int], frames: Sequence[int]) -> list[int]:
    return [at for at in positions if curves.members[at] not in set(frames)]
