"""How time and memory grow with the number of frames and with their size."""

from __future__ import annotations

from pathlib import Path

from speed import cost, frames_of, ours

COUNTS = (10, 20, 40, 80)
SIZES = (1.5, 3, 6, 12, 24)
SIZE, COUNT = 3.0, 8


def draw(target: Path) -> None:
    """Measure, print and plot."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    by_count = [(n, cost(ours(frames_of(n, SIZE)))) for n in COUNTS]
    by_size = [(mp, cost(ours(frames_of(COUNT, mp)))) for mp in SIZES]
    for axis, points, label in zip(
        axes,
        (by_count, by_size),
        (f"frames of {SIZE:g} MP", f"megapixels a frame, {COUNT} frames"),
        strict=True,
    ):
        xs = [x for x, _ in points]
        axis.plot(xs, [c.cpu for _, c in points], "o-", color="#1f6fb4", label="CPU seconds")
        axis.set(xlabel=label, ylabel="CPU seconds", xlim=(0, None), ylim=(0, None))
        memory = axis.twinx()
        memory.plot(xs, [c.peak / 2**20 for _, c in points], "s--", color="#c4661f")
        memory.set(ylabel="peak MiB (dashed)", ylim=(0, None))
        for x, c in points:
            print(f"{label}: {x:g}  {c.cpu:.1f} s  {c.peak / 2**20:.0f} MiB", flush=True)
    figure.savefig(target, dpi=120)
