"""The veil that blurred near things draw over what lies behind them: modelled and taken off.

Beside an edge in depth the background is seen sharp only through the blur of what stands before
it. Depth tells what stands before what (``edges``), how defocus grows with the distance in frames
is fitted to the frames themselves (``radius``), and together they give the veil's light and how
much of the background comes through (``render``). Which steps are real, and which end of the stack
is near, shows in how frames differ beside them (``steps``).
"""

from focusstack.steps.veil.disk import disk_blur
from focusstack.steps.veil.edges import DepthEdges, find_edges
from focusstack.steps.veil.model import BlurModel
from focusstack.steps.veil.radius import Look, fit_blur
from focusstack.steps.veil.render import Scene, Unveiling, unveiling, window_prior
from focusstack.steps.veil.steps import StepEvidence, judge_steps

__all__ = [
    "BlurModel",
    "DepthEdges",
    "Look",
    "Scene",
    "StepEvidence",
    "Unveiling",
    "disk_blur",
    "find_edges",
    "fit_blur",
    "judge_steps",
    "unveiling",
    "window_prior",
]
