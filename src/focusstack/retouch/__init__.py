"""Strokes of a brush that copy from frames onto the fused image; kept as strokes, not pixels."""

from focusstack.retouch.brush import Region
from focusstack.retouch.paint import paint, paint_whole
from focusstack.retouch.strokes import Stroke, as_document, read_strokes

__all__ = ["Region", "Stroke", "as_document", "paint", "paint_whole", "read_strokes"]
