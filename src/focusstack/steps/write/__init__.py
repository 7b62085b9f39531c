"""Results on disk: fused pictures, depth maps, alignments; whole or not at all."""

from focusstack.steps.write.alignment import write_alignment
from focusstack.steps.write.animation import write_animation
from focusstack.steps.write.atomic import atomic_file, move_without_clobbering, write_failure
from focusstack.steps.write.check import check_output
from focusstack.steps.write.depth import write_depth, write_map
from focusstack.steps.write.inline import jpeg_bytes, png_bytes
from focusstack.steps.write.layered import Layer, write_layered
from focusstack.steps.write.mesh import write_mesh
from focusstack.steps.write.metadata import for_picture, software
from focusstack.steps.write.picture import write_picture
from focusstack.steps.write.recipe import write_recipe
from focusstack.steps.write.sidecar import write_sidecar

__all__ = [
    "Layer",
    "atomic_file",
    "check_output",
    "for_picture",
    "jpeg_bytes",
    "move_without_clobbering",
    "png_bytes",
    "software",
    "write_alignment",
    "write_animation",
    "write_depth",
    "write_failure",
    "write_layered",
    "write_map",
    "write_mesh",
    "write_picture",
    "write_recipe",
    "write_sidecar",
]
