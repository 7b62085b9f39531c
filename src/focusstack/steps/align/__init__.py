"""Where each frame lies on the canvas.

Neighbouring frames are compared two by two (``pair``), all pairs are solved together for one
transform per frame (``solve``), and frames that agree with nobody are left out. Key points and
RANSAC (``keypoints``) are the original tool's way and stay available.
"""

from focusstack.steps.align.aligner import (
    Aligner,
    FrameAligner,
    KeypointAligner,
    Solution,
    make_aligner,
)
from focusstack.steps.align.crop import common_rectangle
from focusstack.steps.align.order import by_magnification, focus_order
from focusstack.steps.align.pair import motion_between
from focusstack.steps.align.profile import Profile, focus_profile
from focusstack.steps.align.shake import SHAKEN, shaken

__all__ = [
    "SHAKEN",
    "Aligner",
    "FrameAligner",
    "KeypointAligner",
    "Profile",
    "Solution",
    "by_magnification",
    "common_rectangle",
    "focus_order",
    "focus_profile",
    "make_aligner",
    "motion_between",
    "shaken",
]
