"""CPU seconds of each stage of a run with the default recipe: those of all its threads."""

from __future__ import annotations

import os
import sys
from pathlib import Path

STAGES = {
    "start": "Python and the first libraries",
    "align": "other libraries; reduced frames decoded, compared, placed",
    "clean": "hot pixels and dust",
    "noise": "three whole frames, unless clean has read them",
    "survey": "reduced frames: focus measures, a quick picture",
    "depth": "votes gathered",
    "veil": "growth of defocus, which steps are real",
    "fuse": "whole frames decoded, resampled, unveiled, fused",
    "write": "the picture put together, encoded",
}


def print_profile(folder: Path, out: Path) -> None:
    """One line per stage: CPU seconds in all, and how many of these in the system."""
    used = _used(folder, out)
    print("\n| stage | CPU s | of these system | what |")
    print("|---|---|---|---|")
    for name, (user, system) in used.items():
        print(f"| {name} | {user + system:.1f} | {system:.1f} | {STAGES.get(name, '')} |")
    user, system = (sum(part) for part in zip(*used.values(), strict=True))
    print(f"| all | {user + system:.1f} | {system:.1f} | |", flush=True)


def _used(folder: Path, out: Path) -> dict[str, tuple[float, float]]:
    """User and system seconds by stage; what lies between two stages counts with the later one."""
    from focusstack import stack
    from focusstack.events import Event, StepFinished

    used, before = dict.fromkeys(STAGES, (0.0, 0.0)), (0.0, 0.0)

    def lap(stage: str) -> None:
        nonlocal before
        now = os.times()
        user, system = used.get(stage, (0.0, 0.0))
        used[stage] = user + now.user - before[0], system + now.system - before[1]
        before = now.user, now.system

    def watch(event: Event) -> None:
        if isinstance(event, StepFinished):
            lap(event.step)

    lap("start")
    stack(folder, observer=watch).save(out, overwrite=True)
    lap("write")
    return used


if __name__ == "__main__":  # in a process of its own, where nothing else has been used before
    print_profile(Path(sys.argv[1]), Path(sys.argv[2]))
