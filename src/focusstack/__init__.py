"""focusstack: many frames focused at different distances in, one all-in-focus picture out.

>>> from focusstack import stack
>>> result = stack("frames/")          # doctest: +SKIP
>>> result.save("fused.tif")           # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from focusstack.errors import (
    AlignmentError,
    Cancelled,
    ClusterError,
    FocusstackError,
    FrameMismatch,
    InputError,
    MemoryLimitError,
    OutputError,
    OutputExists,
    RecipeError,
    StacksFailed,
    TooFewFrames,
    UnknownFormat,
    UnreadableFrame,
)
from focusstack.recipe import Recipe

if TYPE_CHECKING:
    from focusstack.inspection import StackReport, inspect_stack
    from focusstack.layers import save_layers
    from focusstack.model import Alignment
    from focusstack.pipeline import stack
    from focusstack.report import save_report
    from focusstack.result import StackResult
    from focusstack.steps.read import read_provenance

__all__ = [
    "Alignment",
    "AlignmentError",
    "Cancelled",
    "ClusterError",
    "FocusstackError",
    "FrameMismatch",
    "InputError",
    "MemoryLimitError",
    "OutputError",
    "OutputExists",
    "Recipe",
    "RecipeError",
    "StackReport",
    "StackResult",
    "StacksFailed",
    "TooFewFrames",
    "UnknownFormat",
    "UnreadableFrame",
    "inspect_stack",
    "read_provenance",
    "save_layers",
    "save_report",
    "stack",
]

# NumPy and the kernels are loaded when first asked for, so that `focusstack --version` is quick.
_LAZY = {
    "stack": "pipeline",
    "StackResult": "result",
    "Alignment": "model",
    "inspect_stack": "inspection",
    "StackReport": "inspection",
    "save_layers": "layers",
    "save_report": "report",
    "read_provenance": "steps.read",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'focusstack' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"focusstack.{_LAZY[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
