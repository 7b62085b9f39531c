"""The pictures of an inspection, drawn with matplotlib: the optional extra ``report``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from focusstack.inspection.report import FrameReport, Mask, StackReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
"""Colours that colour-blind people tell apart (Okabe & Ito 2008)."""
GREY = "#666666"
DPI = 100
STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "axes.axisbelow": True,
    "figure.facecolor": "white",
}


def draw_motion(report: StackReport, path: Path) -> None:
    """Drift, magnification and roll by place in focus order, as PNG."""
    figure, axes = _figure(3, (9, 7.5))
    at, frames = _placed(report)
    drift = np.array([f.drift_px or (np.nan, np.nan) for f in frames], float)
    axes[0].plot(at, drift[:, 0], "o-", color=BLUE, label="to the right")
    axes[0].plot(at, drift[:, 1], "s--", color=ORANGE, label="downwards")
    axes[0].set_ylabel("drift (px)")
    axes[0].legend(loc="best", frameon=False)
    axes[1].plot(at, [f.magnification_percent for f in frames], "o-", color=BLUE)
    axes[1].set_ylabel("magnification (%)")
    axes[2].plot(at, [f.roll_deg for f in frames], "o-", color=BLUE)
    axes[2].set_ylabel("roll (degrees)")
    _no_finer(axes, (0.5, 0.1, 0.1))
    _finish(figure, axes, report, "Motion against the reference frame", path)


def draw_frames(report: StackReport, path: Path) -> None:
    """Sharpness and exposure by place in focus order, as PNG."""
    figure, axes = _figure(3, (9, 7.5))
    at, frames = _placed(report)
    axes[0].bar(at, [100 * f.sharpest_share for f in frames], color=BLUE, width=0.8)
    axes[0].set_ylabel("sharpest here\n(% of detail)")
    axes[1].plot(at, [f.detail_percent for f in frames], "o-", color=BLUE)
    axes[1].set_ylim(bottom=0)
    axes[1].set_ylabel("fine detail, RMS\n(% of full scale)")
    axes[2].plot(at, [f.exposure_ev for f in frames], "o-", color=BLUE)
    axes[2].set_ylabel("exposure (EV)")
    _no_finer(axes[2:], (0.1,))
    _finish(figure, axes, report, "Sharpness and exposure", path)


def draw_focus(report: StackReport, path: Path) -> None:
    """Gaps in focus and open ends, drawn over a reduced picture of the scene, as PNG."""
    height, width = report.preview.shape[:2]
    figure, [axis] = _figure(1, (10, 10 * height / width + 0.4 + 0.25 * len(_regions(report))))
    grey = report.preview.astype(np.float32).mean(axis=2) / 255
    axis.imshow(0.35 + 0.65 * grey, cmap="gray", vmin=0, vmax=1)
    for (region, label), (colour, hatch) in zip(_regions(report), _marks(), strict=False):
        _mark(axis, region, (height, width), colour, hatch, label)
    axis.set_axis_off()
    found = axis.get_legend_handles_labels()[1]
    title = "Never in focus" if found else "No gap in focus was found"
    axis.set_title(title, loc="left", fontweight="bold")
    if found:
        figure.legend(loc="lower left", frameon=False, ncols=1)
    _save(figure, path)


def _figure(rows: int, size: tuple[float, float]) -> tuple[Figure, list[Any]]:
    """A figure with no window behind it, so that any thread may draw."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
    return figure, list(axes)


def _finish(figure: Figure, axes: list[Any], report: StackReport, title: str, path: Path) -> None:
    """What all plots over frames share: their axis, bad frames, the reference frame, a title."""
    from matplotlib.ticker import MaxNLocator

    axes[0].set_title(title, loc="left", fontweight="bold")
    place = {i: at for at, i in enumerate(report.order)}
    bad = [f for f in report.frames if f.left_out or f.problem]
    for axis in axes:
        axis.axvline(place[report.reference_index], color=GREY, linestyle=":", linewidth=1.2)
        for frame in bad:
            axis.axvspan(place[frame.index] - 0.5, place[frame.index] + 0.5, color="#eeeeee")
    notes = ["dotted: reference frame", *(["grey: spoilt or left out"] if bad else [])]
    order = "place in focus order" if report.shuffled else "frame"
    axes[-1].set_xlabel(f"{order}   ({'; '.join(notes)})")
    axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    _save(figure, path)


def _no_finer(axes: Sequence[Axes], spans: Sequence[float]) -> None:
    """Let no axis show less than its span, or nothing at all would look like something."""
    for axis, span in zip(axes, spans, strict=True):
        low, high = axis.get_ylim()
        missing = max(0.0, span - (high - low)) / 2
        axis.set_ylim(low - missing, high + missing)


def _placed(report: StackReport) -> tuple[list[int], list[FrameReport]]:
    """Places in focus order, and the frames there that take part."""
    frames = [(at, report.frames[i]) for at, i in enumerate(report.order)]
    taking_part = [(at, frame) for at, frame in frames if not frame.left_out]
    return [at for at, _ in taking_part], [frame for _, frame in taking_part]


def _regions(report: StackReport) -> list[tuple[Mask, str]]:
    """What is never in focus, and how to call it."""
    regions = [
        (
            gap.region,
            f"between frames {gap.before} and {gap.after}: step {gap.step:.1f} times its "
            f"neighbours', as little as {gap.contrast:.0%} of the contrast remains",
        )
        for gap in report.gaps
    ]
    ends = [
        (end.region, f"beyond the {end.end} frame ({end.frame}): sharpness still rising")
        for end in report.ends
    ]
    return regions + ends


def _marks() -> Iterator[tuple[str, str]]:
    """Colours and hatches, so that regions differ without colour too."""
    return cycle(zip((ORANGE, BLUE, GREEN, PURPLE), ("///", "\\\\\\", "...", "xx"), strict=True))


def _mark(
    axis: Axes, region: Mask, size: tuple[int, int], colour: str, hatch: str, label: str
) -> None:
    """Shade the cells of a region, and outline them."""
    height, width = size
    rows, columns = np.arange(height) * region.shape[0] // height, np.arange(width)
    full = region[rows][:, columns * region.shape[1] // width]
    axis.contourf(full, levels=[0.5, 1.5], colors=[colour], alpha=0.45)
    axis.contourf(full, levels=[0.5, 1.5], colors="none", hatches=[hatch])
    axis.fill_between([], [], facecolor=colour, alpha=0.45, hatch=hatch, label=label)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, format="png")


PLOTS: dict[str, Callable[[StackReport, Path], None]] = {
    "motion.png": draw_motion,
    "frames.png": draw_frames,
    "focus.png": draw_focus,
}
"""What draws each file."""
