"""Which frame is in focus where: focus measures -> votes -> depth map and confidence.

A volume of focus measures is filled frame by frame (``volume``). Every pixel then votes for the
frames it is sharp in (``votes``); votes are gathered from neighbours of like colour (``guided``),
far away where there are none nearby; and the peak of what was gathered is the depth (``peak``).
"""

from focusstack.steps.depth.borders import draw_in
from focusstack.steps.depth.confidence import confidence_of
from focusstack.steps.depth.peak import enlarge, expand, guide
from focusstack.steps.depth.solve import DepthSolution, InOrder, solve_depth
from focusstack.steps.depth.volume import FocusVolume, decode_table, focus_energy

__all__ = [
    "DepthSolution",
    "FocusVolume",
    "InOrder",
    "confidence_of",
    "decode_table",
    "draw_in",
    "enlarge",
    "expand",
    "focus_energy",
    "guide",
    "solve_depth",
]
