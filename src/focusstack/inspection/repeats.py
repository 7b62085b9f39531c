"""Frames that were taken, or copied, twice."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from focusstack.inspection.logs import FEWEST_CELLS, LogCurves
from focusstack.inspection.report import Repeat
from focusstack.places import file_of

SAME_FOCUS = 0.2
"""Neighbours that differ by less than this share of what neighbours differ by have one focus."""


def same_pictures(digests: Sequence[str], paths: Sequence[Path]) -> list[Repeat]:
    """Frames whose pixels are equal, and whether the files are too."""
    groups: dict[str, list[int]] = defaultdict(list)
    for i, digest in enumerate(digests):
        groups[digest].append(i)
    twice = [tuple(group) for group in groups.values() if len(group) > 1]
    return [Repeat(group, "file" if _same_files(group, paths) else "pixels") for group in twice]


def _same_files(group: Sequence[int], paths: Sequence[Path]) -> bool:
    """Whether they are copies of one file; pictures within a file are not."""
    files = {file_of(paths[i]) for i in group} if paths else set()
    return len(files) == len(group) and len(set(map(_file_digest, files))) == 1


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def same_focus(logs: Sequence[LogCurves], members: Sequence[int]) -> list[Repeat]:
    """Neighbours whose sharpness hardly differs anywhere, though their pixels do."""
    changes = _changes(logs)
    usual = float(np.nanmedian(changes)) if np.isfinite(changes).any() else 0.0
    groups: list[list[int]] = []
    for k in map(int, np.flatnonzero(changes < SAME_FOCUS * usual)):
        pair = [members[k], members[k + 1]]
        if groups and groups[-1][-1] == pair[0]:
            groups[-1].append(pair[1])
        else:
            groups.append(pair)
    return [Repeat(tuple(group), "focus") for group in groups]


def _changes(logs: Sequence[LogCurves]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Median change of log energy from each frame to the next, where something is in focus."""
    changes = np.full(len(logs[0].values) - 1, np.nan)
    for k in range(len(changes)):
        both = [one.near[k] & one.near[k + 1] for one in logs]
        moved = [
            np.abs(o.values[k + 1] - o.values[k])[use] for o, use in zip(logs, both, strict=True)
        ]
        every = np.concatenate(moved)
        if len(every) >= FEWEST_CELLS:
            changes[k] = np.median(every)
    return changes
