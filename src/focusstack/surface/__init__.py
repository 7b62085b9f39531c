"""The depth as a surface: its heights, sections through it, and views from beside the camera."""

from focusstack.surface.heights import SURE, Heights, heights
from focusstack.surface.parallax import seen_from
from focusstack.surface.scene import Scene
from focusstack.surface.section import Section, section
from focusstack.surface.stereo import anaglyph, pair, rocking

__all__ = [
    "SURE",
    "Heights",
    "Scene",
    "Section",
    "anaglyph",
    "heights",
    "pair",
    "rocking",
    "section",
    "seen_from",
]
