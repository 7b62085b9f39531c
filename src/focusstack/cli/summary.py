"""The lines at the end of a run: what was found, what it took, where the results are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from focusstack.cli.outputs import Outputs
from focusstack.cli.sizes import format_size
from focusstack.execute import peak_bytes

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
        *_defects(facts),
        *(("left out", f"{left.name}: {left.reason}") for left in result.alignment.rejected),
        ("time", _times({**facts["seconds"], "write": write_seconds})),
        *_memory(facts["peak_bytes"]),
        *_files(outputs),
    ]
    return [f"{name:<10} {value}" for name, value in rows]


def _alignment(facts: Mapping[str, Any]) -> str:
    drift, breathing = facts["drift_px"], facts["breathing_percent"]
    return f"{facts['model']}; drift up to {drift:.1f} px, breathing up to {breathing:.2f} %"


def _defects(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was repaired on the sensor, if anything was."""
    counts = [("hot pixel", facts["hot_pixels"]), ("spot of dust", facts["dust_spots"])]
    plural = {"hot pixel": "hot pixels", "spot of dust": "spots of dust"}
    found = [f"{n} {name if n == 1 else plural[name]}" for name, n in counts if n]
    if found:
        yield "repaired", ", ".join(found)


def _times(seconds: dict[str, float]) -> str:
    steps = ", ".join(f"{step} {spent:.1f} s" for step, spent in seconds.items())
    return f"{sum(seconds.values()):.1f} s: {steps}"


def _memory(at_the_end_of_stacking: int | None) -> Iterator[tuple[str, str]]:
    """The most that was held, writing included; nothing where the system does not tell."""
    peak = max(at_the_end_of_stacking or 0, peak_bytes() or 0)
    if peak:
        yield "memory", f"peak {format_size(peak)}"


def _files(outputs: Outputs) -> Iterator[tuple[str, str]]:
    for path in outputs.files:
        yield "wrote", str(path)
    if outputs.steps is not None:
        yield "steps", f"{outputs.steps} (intermediate pictures)"
