"""The depth as a surface: its heights, sections through it, and views from beside the camera."""

from focusstack.surface.heights import SURE, Heights, heights
from focusstack.surface.mesh import MESH_CELLS, cell_colours, mesh
from focusstack.surface.parallax import seen_from
from focusstack.surface.scale import Scale
from focusstack.surface.scene import Scene
from focusstack.surface.section import Section, section
from focusstack.surface.stereo import anaglyph, pair, rocking

__all__ = [
    "MESH_CELLS",
    "SURE",
    "Heights",
    "Scale",
    "Scene",
    "Section",
    "anaglyph",
    "cell_colours",
    "heights",
    "mesh",
    "pair",
    "rocking",
    "section",
    "seen_from",
]
