"""What an inspection found, as notes on single frames for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath

from focusstack.inspection import FrameReport, Repeat, StackReport

JUMP_EV = 0.3
"""A change of exposure from one frame to the next that is worth a look."""


@dataclass(frozen=True)
class Note:
    """Something about a frame, or about it and the next one in focus order.

    ``kind`` is bad, repeat, gap, end, exposure or order.
    """

    frame: str
    kind: str
    text: str
    other: str = ""


def notes_of(report: StackReport) -> list[Note]:
    """All that a person should know of the frames, by frame."""
    names = [PurePath(frame.name).name for frame in report.frames]
    return [
        *_bad(report.frames, names),
        *_repeated(report.repeats, names),
        *_gaps(report, names),
        *_jumps(report, names),
        *_order(report, names),
    ]


def _bad(frames: Sequence[FrameReport], names: Sequence[str]) -> Iterator[Note]:
    for frame, name in zip(frames, names, strict=True):
        if frame.left_out:
            yield Note(name, "bad", f"would be left out: {frame.left_out}")
        elif frame.problem:
            yield Note(name, "bad", frame.problem)


def _repeated(repeats: Sequence[Repeat], names: Sequence[str]) -> Iterator[Note]:
    words = {"file": "the same file as", "pixels": "the same picture as", "focus": "focused as"}
    for repeat in repeats:
        first, *others = (names[i] for i in repeat.frames)
        for name in others:
            yield Note(name, "repeat", f"{words[repeat.kind]} {first}", first)


def _gaps(report: StackReport, names: Sequence[str]) -> Iterator[Note]:
    for gap in report.gaps:
        before, after = names[gap.before], names[gap.after]
        text = f"focus moved {gap.step:.1f} times as far as usual to {after}"
        yield Note(before, "gap", text, after)
    for end in report.ends:
        way = "before" if end.end == "first" else "after"
        yield Note(names[end.frame], "end", f"something seems to be in focus only {way} this frame")


def _jumps(report: StackReport, names: Sequence[str]) -> Iterator[Note]:
    """Frames apart from both neighbours, and steps from which on all are different."""
    known = {i: report.frames[i].exposure_ev for i in report.order}
    order = [i for i, ev in known.items() if ev is not None]
    odd = set(_odd(order, known))
    left = [i for i in order if i not in odd]
    for i in sorted(odd):
        yield Note(names[i], "exposure", f"{_ev(known[i])} than the frames beside it")
    for before, i in pairwise(left):
        change = (known[i] or 0.0) - (known[before] or 0.0)
        if abs(change) > JUMP_EV:
            yield Note(names[i], "exposure", f"from here on {_ev(change)}", names[before])


def _odd(order: Sequence[int], ev: Mapping[int, float | None]) -> Iterator[int]:
    for before, i, after in zip(order, order[1:], order[2:], strict=False):
        here = ev[i] or 0.0
        one, other = here - (ev[before] or 0.0), here - (ev[after] or 0.0)
        if min(abs(one), abs(other)) > JUMP_EV and one * other > 0:
            yield i


def _ev(change: float | None) -> str:
    return f"{abs(change or 0.0):.1f} EV {'brighter' if (change or 0.0) > 0 else 'darker'}"


def _order(report: StackReport, names: Sequence[str]) -> Iterator[Note]:
    """Frames that do not come after the one that focus puts before them."""
    if not report.shuffled:
        return
    for before, i in pairwise(report.order):
        if i != before + 1:
            yield Note(names[i], "order", f"in focus it comes after {names[before]}", names[before])
