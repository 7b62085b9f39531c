"""Fusion methods: streaming accumulators behind one protocol, found by name."""

from focusstack.steps.fuse.clipping import ClipGuard
from focusstack.steps.fuse.method import (
    Aligned,
    Canvas,
    FusionContext,
    FusionMethod,
    MethodEntry,
    Room,
)
from focusstack.steps.fuse.output import to_pixels
from focusstack.steps.fuse.registry import METHODS, make_method
from focusstack.steps.fuse.shares import Watch, watch

__all__ = [
    "METHODS",
    "Aligned",
    "Canvas",
    "ClipGuard",
    "FusionContext",
    "FusionMethod",
    "MethodEntry",
    "Room",
    "Watch",
    "make_method",
    "to_pixels",
    "watch",
]
