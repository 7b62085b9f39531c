"""The lines at the end of a run: what was found, what it took, where the results are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from focusstack.cli.outputs import Outputs
from focusstack.cli.sizes import format_size

if TYPE_CHECKING:
    from focusstack import StackResult


def summary_lines(result: StackResult, outputs: Outputs, write_seconds: float) -> list[str]:
    """The summary of a finished run.

    Parameters
    ----------
    result : StackResult
        What :func:`focusstack.stack` returned.
    outputs : Outputs
        The files that were written.
    write_seconds : float
        How long writing took.
    """
    facts = result.facts
    rows = [
        ("frames", f"{facts['used']} of {facts['frames']}"),
        ("size", f"{facts['width']} x {facts['height']}, {facts['bits']} bits"),
        ("reference", f"{facts['reference_name']} (frame {facts['reference_index']})"),
        ("alignment", _alignment(facts)),
        *(("left out", f"{left.name}: {left.reason}") for left in result.alignment.rejected),
        ("time", _times({**facts["seconds"], "write": write_seconds})),
        ("memory", f"peak {format_size(max(facts['peak_bytes'], _peak_bytes()))}"),
        *_files(outputs),
    ]
    return [f"{name:<10} {value}" for name, value in rows]


def _alignment(facts: dict[str, Any]) -> str:
    drift, breathing = facts["drift_px"], facts["breathing_percent"]
    return f"{facts['model']}; drift up to {drift:.1f} px, breathing up to {breathing:.2f} %"


def _times(seconds: dict[str, float]) -> str:
    steps = ", ".join(f"{step} {spent:.1f} s" for step, spent in seconds.items())
    return f"{sum(seconds.values()):.1f} s: {steps}"


def _files(outputs: Outputs) -> Iterator[tuple[str, str]]:
    for path in outputs.files:
        yield "wrote", str(path)
    if outputs.steps is not None:
        yield "steps", f"{outputs.steps} (intermediate pictures)"


def _peak_bytes() -> int:
    """The most memory this process has held; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
