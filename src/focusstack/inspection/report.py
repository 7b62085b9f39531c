"""What an inspection found: frozen values without behaviour.

Frames are named by their index in the order given, from 0. Shares are of the part of the picture
that holds detail, 0..1. Contrasts are ratios of amplitudes, 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from focusstack.model import Pixels
from focusstack.recipe import Recipe

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FrameReport:
    """One frame against the reference frame; None where it could not be told.

    Attributes
    ----------
    index, name
        Place in the order given, from 0; file name.
    drift_px : (float, float) or None
        How far the picture's centre lies right of and below the reference frame's, px.
    magnification_percent : float or None
        How much larger (or smaller) things are than in the reference frame.
    roll_deg : float or None
        Clockwise, as seen on the picture.
    sharpest_share : float
        Share of the detailed part of the picture that no other frame has sharper.
    detail_percent : float
        How sharp the sharpest twentieth of the frame is: RMS fine detail, % of full scale.
    exposure_ev, white_balance_percent : float or None
        Exposure against the reference frame; the largest change of a colour channel beyond that.
    brightness_percent : float
        Mean luma, % of full scale.
    left_out : str
        Why stacking would leave the frame out; empty if it takes part.
    problem : str
        What is wrong with a frame that takes part; empty if nothing is.
    """

    index: int
    name: str
    drift_px: tuple[float, float] | None
    magnification_percent: float | None
    roll_deg: float | None
    sharpest_share: float
    detail_percent: float
    exposure_ev: float | None
    white_balance_percent: float | None
    brightness_percent: float
    left_out: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Repeat:
    """Frames that show the same: ``kind`` is "file", "pixels" or "focus" (nearly the same)."""

    frames: tuple[int, ...]
    kind: str


@dataclass(frozen=True)
class FocusGap:
    """A step in focus between two neighbours, in focus order, that is too large.

    Attributes
    ----------
    before, after : int
        The frames on both sides.
    step : float
        Size of the step; that of its neighbours is 1.
    contrast : float
        Of fine detail that lies half way between, in the better of both frames: 1 is in focus.
    share : float
        Of the detailed part of the picture: what lies in the gap.
    box : (x, y, width, height)
        Around that, px of the reference frame.
    region : bool (h, w)
        Where that is; each cell is a square of the whole reference frame.
    """

    before: int
    after: int
    step: float
    contrast: float
    share: float
    box: tuple[int, int, int, int]
    region: Mask = field(repr=False, compare=False)


@dataclass(frozen=True)
class OpenEnd:
    """The stack's ``end`` ("first" or "last" ``frame``) where sharpness was still rising.

    ``share``, ``box`` and ``region`` are as in :class:`FocusGap`.
    """

    end: str
    frame: int
    share: float
    box: tuple[int, int, int, int]
    region: Mask = field(repr=False, compare=False)


@dataclass(frozen=True)
class Job:
    """What stacking would take: bytes of memory and files, whether it fits the machine."""

    projected_bytes: int
    machine_bytes: int | None
    fits: bool
    file_bytes: int
    megapixels: float


@dataclass(frozen=True)
class Suggestion:
    """What to do, and why; ``options`` of the main command, empty where it is not about those."""

    text: str
    reason: str
    options: str = ""


@dataclass(frozen=True)
class StackReport:
    """What is in a stack, found without stacking it.

    Attributes
    ----------
    frames : tuple of FrameReport
        In the order given.
    width, height, bits, channels, formats
        Of the frames; formats are extensions with their number.
    order : tuple of int
        Frames in focus order; ``shuffled`` tells that it is not the order given.
    reference_index, model, crop, recipe
        What stacking with ``recipe`` would use.
    gaps_judged : bool
        False: the stack is too short or shows too little for steps in focus to be compared.
    midway_contrast : float or None
        Contrast of fine detail half way between two frames of usual distance; None if unknown.
    judged_scale : int
        Sharpness was judged on frames reduced to 1/judged_scale.
    preview : (h, w, C) uint8
        The whole reference frame, reduced, each part from the frames that have it sharp.
    detailed : bool (h, w)
        Cells that hold enough detail to judge.
    """

    frames: tuple[FrameReport, ...]
    width: int
    height: int
    bits: int
    channels: int
    formats: dict[str, int]
    order: tuple[int, ...]
    shuffled: bool
    reference_index: int
    model: str
    crop: tuple[int, int, int, int]
    recipe: Recipe
    repeats: tuple[Repeat, ...]
    gaps: tuple[FocusGap, ...]
    gaps_judged: bool
    ends: tuple[OpenEnd, ...]
    midway_contrast: float | None
    judged_scale: int
    job: Job
    suggestions: tuple[Suggestion, ...]
    warnings: tuple[str, ...]
    preview: Pixels = field(repr=False, compare=False)
    detailed: Mask = field(repr=False, compare=False)

    @property
    def usual(self) -> bool:
        """Whether nothing was found that could spoil the result."""
        wrong = any(f.left_out or f.problem for f in self.frames)
        return not (wrong or self.shuffled or self.repeats or self.gaps or self.ends)
