"""Strokes of a brush that copy onto the fused image; kept as strokes, not pixels."""

from focusstack.retouch.brush import Region
from focusstack.retouch.paint import Painting, Source, paint_whole, picture_of
from focusstack.retouch.strokes import Stroke, as_document, read_strokes
from focusstack.retouch.tone import Picture

__all__ = [
    "Painting",
    "Picture",
    "Region",
    "Source",
    "Stroke",
    "as_document",
    "paint_whole",
    "picture_of",
    "read_strokes",
]
