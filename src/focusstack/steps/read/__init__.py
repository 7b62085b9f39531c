"""Where frames come from: files, folders, arrays."""

from focusstack.steps.read.alignment import alignment_from, read_alignment
from focusstack.steps.read.check import check_frames
from focusstack.steps.read.files import FileSource
from focusstack.steps.read.find import (
    PICTURE_EXTENSIONS,
    find_pictures,
    natural_key,
    raws_beside_pictures,
)
from focusstack.steps.read.mapped import mapped_picture
from focusstack.steps.read.maps import read_map
from focusstack.steps.read.profiles import one_profile, to_srgb
from focusstack.steps.read.provenance import SIDECAR, read_provenance
from focusstack.steps.read.raw import Wishes
from focusstack.steps.read.raw_exif import canon_note
from focusstack.steps.read.recipe import read_recipe
from focusstack.steps.read.reduce import area_average, reduction
from focusstack.steps.read.several import left_out_pages, places_in, video_frames
from focusstack.steps.read.smaller import smaller
from focusstack.steps.read.source import FrameSource, open_source
from focusstack.steps.read.wrapped import WrappedFrames

__all__ = [
    "PICTURE_EXTENSIONS",
    "SIDECAR",
    "FileSource",
    "FrameSource",
    "Wishes",
    "WrappedFrames",
    "alignment_from",
    "area_average",
    "canon_note",
    "check_frames",
    "find_pictures",
    "left_out_pages",
    "mapped_picture",
    "natural_key",
    "one_profile",
    "open_source",
    "places_in",
    "raws_beside_pictures",
    "read_alignment",
    "read_map",
    "read_provenance",
    "read_recipe",
    "reduction",
    "smaller",
    "to_srgb",
    "video_frames",
]
