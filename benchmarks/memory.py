"""Memory over a run: a curve for each number of frames, over the share of it that is done."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

from speed import frames_of, ours

COUNTS = (30, 200)
EVERY_S = 0.5


def draw(target: Path, megapixels: float) -> None:
    """Measure, print and plot; Linux only, whose kernel tells what other processes hold."""
    plot(
        {count: resident(ours(frames_of(count, megapixels))) for count in COUNTS},
        megapixels,
        target,
    )


def resident(command: list[str]) -> list[tuple[float, float]]:
    """Seconds since the start, and MiB that the process holds then."""
    begun, found = time.perf_counter(), []
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    pages = Path(f"/proc/{process.pid}/statm")
    while process.poll() is None:
        held = pages.read_text().split()
        if len(held) > 1 and held[1] != "0":  # a process that has just ended holds nothing
            found.append(
                (time.perf_counter() - begun, int(held[1]) * resource.getpagesize() / 2**20)
            )
        time.sleep(EVERY_S)
    if process.returncode:
        sys.exit(f"{command} failed")
    return found


def plot(curves: dict[int, list[tuple[float, float]]], megapixels: float, target: Path) -> None:
    """Draw curves by number of frames, and print their peaks."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(7, 3.4), layout="constrained")
    for (count, points), colour in zip(curves.items(), ("#1f6fb4", "#c4661f"), strict=False):
        seconds, held = zip(*points, strict=True)
        print(f"{count} frames of {megapixels:g} MP: at most {max(held):.0f} MiB", flush=True)
        axis.plot([s / seconds[-1] for s in seconds], held, color=colour, label=f"{count} frames")
    axis.set(xlabel="share of the run's time", ylabel="MiB", xlim=(0, 1), ylim=(0, None))
    axis.legend(loc="lower right", frameon=False)
    figure.savefig(target, dpi=120)
