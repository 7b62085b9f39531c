"""What is in a stack, found without stacking it: motion, sharpness, exposure, gaps in focus."""

from focusstack.inspection.document import as_document
from focusstack.inspection.inspect import inspect_stack
from focusstack.inspection.report import (
    FocusGap,
    FrameReport,
    Job,
    OpenEnd,
    Repeat,
    StackReport,
    Suggestion,
)

__all__ = [
    "FocusGap",
    "FrameReport",
    "Job",
    "OpenEnd",
    "Repeat",
    "StackReport",
    "Suggestion",
    "as_document",
    "inspect_stack",
]
