"""What the frames are like, found by reading them once more, reduced, where the run placed them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.execute import Run, single_threaded_opencv
from focusstack.inspection import FocusGap, FrameReport, OpenEnd
from focusstack.inspection.frames import describe_frames
from focusstack.inspection.grid import make_grid
from focusstack.inspection.judge import judge
from focusstack.inspection.look import look_at_all
from focusstack.result import StackResult
from focusstack.stages.place import Placement
from focusstack.steps.read import FrameSource
from focusstack.steps.tone import Gains

JUDGED_PIXELS = 3_000_000
"""Fewer than an inspection looks at: a report must not need more memory than its run."""


@dataclass(frozen=True)
class Look:
    """What was found about the frames of a finished run.

    Attributes
    ----------
    frames : tuple of FrameReport
        In the order given.
    gaps, ends
        Where the focus moved too far, and where the stack began late or stopped early.
    cell : int
        Side of the cells of their regions, px of the reference frame.
    gains : dict frame -> float64 (C,)
        What evens out exposures, in linear light.
    """

    frames: tuple[FrameReport, ...]
    gaps: tuple[FocusGap, ...]
    ends: tuple[OpenEnd, ...]
    cell: int
    gains: dict[int, Gains]


def look_again(result: StackResult, frames: FrameSource, run: Run) -> Look:
    """Read every frame once, reduced, to see where it is sharp; step ``report`` of the run."""
    gains = {i: np.array(gain) for i, gain in enumerate(result.gains) if gain is not None}
    placement = Placement(result.alignment, gains)
    with single_threaded_opencv():
        grid = make_grid(frames.info(0), len(result.alignment.kept), JUDGED_PIXELS)
        looks = look_at_all(run, frames, placement, grid, "report")
        findings = judge(looks, frames.paths, grid)
    reports = describe_frames(frames, placement, findings.fine, looks.brightness, findings.faults)
    return Look(reports, findings.gaps, findings.ends, grid.cell, placement.gains)
