"""Fusion methods: streaming accumulators behind one protocol, found by name."""

from focusstack.steps.fuse.method import Canvas, FusionMethod, make_method
from focusstack.steps.fuse.output import to_pixels

__all__ = ["Canvas", "FusionMethod", "make_method", "to_pixels"]
