"""An inspection as lines for people, at most 80 columns unless names are long."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from focusstack.cli.sizes import format_size

if TYPE_CHECKING:
    from focusstack.inspection import FocusGap, FrameReport, OpenEnd, StackReport

WIDTH = 80
NAME = 18
LABEL = 11
_TITLES = ("sharpest", "detail", "drift", "magn.", "roll", "exposure", "w.b.")
_UNITS = ("share", "% rms", "px", "%", "deg", "EV", "%")
_WIDTHS = (8, 7, 8, 7, 6, 9, 5)

Line = tuple[str, str]
"""Text and the style that a terminal shows it in; empty: plain."""


def report_lines(report: StackReport) -> Iterator[Line]:
    """All that was found: the stack, its frames, what is wrong, what to do."""
    yield from _about_the_stack(report)
    yield "", ""
    yield from _table(report)
    yield "", ""
    yield from _findings(report)
    yield from _suggestions(report)


def _about_the_stack(report: StackReport) -> Iterator[Line]:
    reference = report.frames[report.reference_index]
    rows = [
        ("frames", _frames(report)),
        ("size", _size(report)),
        ("order", _order(report)),
        ("reference", f"frame {reference.index}, {_base(reference.name)}"),
        ("motion", _motion(report)),
        ("sampling", _sampling(report)),
        ("memory", _memory(report)),
    ]
    for label, text in rows:
        yield from _labelled(label, text)


def _frames(report: StackReport) -> str:
    kinds = ", ".join(f"{n} {kind or 'files'}" for kind, n in report.formats.items())
    size = f", {format_size(report.job.file_bytes)}" if report.job.file_bytes else ""
    return f"{len(report.frames)} ({kinds or 'arrays'}{size})"


def _size(report: StackReport) -> str:
    colour = "grey" if report.channels == 1 else "colour"
    megapixels = report.width * report.height / 1e6
    return (
        f"{report.width} x {report.height} px ({megapixels:.1f} MP), "
        f"{report.bits} bits, {colour}; {report.job.megapixels:.0f} MP in all"
    )


def _order(report: StackReport) -> str:
    if not report.shuffled:
        return "as given, in focus order"
    shown = " ".join(str(i) for i in report.order[:16])
    more = " ..." if len(report.order) > 16 else ""
    return f"NOT in focus order; stacking would take them as {shown}{more}"


def _motion(report: StackReport) -> str:
    placed = [f for f in report.frames if f.drift_px is not None]
    drift = max((abs(complex(*f.drift_px)) for f in placed if f.drift_px), default=0.0)
    larger = [f.magnification_percent or 0.0 for f in placed]
    breathing = max(larger) - min(larger)
    return f"{report.model}; drift up to {drift:.1f} px, breathing {breathing:.2f} %"


def _sampling(report: StackReport) -> str:
    if report.midway_contrast is None:
        return "too little detail in focus to tell how large the steps are"
    judged = f", judged at 1/{report.judged_scale} size" if report.judged_scale > 1 else ""
    kept = f"{report.midway_contrast:.0%} of fine detail's contrast"
    return f"half way between two frames {kept} remains{judged}"


def _memory(report: StackReport) -> str:
    job = report.job
    machine = f" of {format_size(job.machine_bytes)}" if job.machine_bytes else ""
    fits = "" if job.fits else ": MORE THAN THERE IS"
    return f"stacking takes at most {format_size(job.projected_bytes)}{machine}{fits}"


def _table(report: StackReport) -> Iterator[Line]:
    digits = max(2, len(str(len(report.frames) - 1)))
    for at, cells in enumerate((_TITLES, _UNITS)):
        first = "frame" if at == 0 else ""
        yield f"{first:<{digits + 1 + NAME}}{_row(cells)}", "bold" if at == 0 else "dim"
    for frame in report.frames:
        mark = "reference" if frame.index == report.reference_index else ""
        name = f"{frame.index:>{digits}} {_cut(_base(frame.name)):<{NAME}}"
        yield f"{name}{_row(_cells(frame))}", "red" if _bad(frame) else "cyan" if mark else ""


def _row(cells: tuple[str, ...]) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


def _cells(frame: FrameReport) -> tuple[str, ...]:
    if frame.left_out:
        return "left out", *["-"] * 6
    drift = "-" if frame.drift_px is None else f"{abs(complex(*frame.drift_px)):.1f}"
    return (
        f"{100 * frame.sharpest_share:.1f} %",
        f"{frame.detail_percent:.1f}",
        drift,
        _signed(frame.magnification_percent, 2),
        _signed(frame.roll_deg, 2),
        _signed(frame.exposure_ev, 2),
        "-" if frame.white_balance_percent is None else f"{frame.white_balance_percent:.1f}",
    )


def _signed(value: float | None, digits: int) -> str:
    if value is None:
        return "-"
    text = f"{value:+.{digits}f}"
    return f"{0:.{digits}f}" if float(text) == 0 else text


def _findings(report: StackReport) -> Iterator[Line]:
    """What is wrong, or that nothing is."""
    if not report.gaps_judged:
        yield from _found(
            "gaps in focus could not be looked for: too few frames, or too little detail that "
            "comes into focus and leaves it again",
            "",
        )
    if report.usual and report.gaps_judged:
        yield "nothing found that could spoil the result", "green"
    for frame in report.frames:
        if _bad(frame):
            what = f"left out: {frame.left_out}" if frame.left_out else frame.problem
            yield from _found(f"{_label(report, frame.index)} {what}", "red")
    for gap in report.gaps:
        yield from _found(_gap(report, gap), "red")
    for end in report.ends:
        yield from _found(_end(report, end), "yellow")
    for repeat in report.repeats:
        same = {"file": "the same file", "pixels": "the same picture"}
        frames = ", ".join(_label(report, i) for i in repeat.frames)
        yield from _found(f"{same.get(repeat.kind, 'the same focus')}: {frames}", "yellow")


def _gap(report: StackReport, gap: FocusGap) -> str:
    return (
        f"the step from {_label(report, gap.before)} to {_label(report, gap.after)} is too large, "
        f"{gap.step:.1f} times its neighbours: {gap.share:.1%} of the detail lies between and "
        f"keeps as little as {gap.contrast:.0%} of its contrast ({_place(gap.box)})"
    )


def _end(report: StackReport, end: OpenEnd) -> str:
    return (
        f"at the {end.end} frame, {_label(report, end.frame)}, sharpness is still rising on "
        f"{end.share:.0%} of the detail ({_place(end.box)}): parts of the subject beyond it may "
        f"be missing"
    )


def _suggestions(report: StackReport) -> Iterator[Line]:
    if report.suggestions:
        yield "", ""
        yield "suggestions", "bold"
    for suggestion in report.suggestions:
        option = f"{suggestion.options}  " if suggestion.options else ""
        yield from _found(f"{option}{suggestion.text}: {suggestion.reason}", "")


def _found(text: str, style: str) -> Iterator[Line]:
    for at, line in enumerate(textwrap.wrap(text, WIDTH - 2, break_long_words=False)):
        yield ("- " if at == 0 else "  ") + line, style


def _labelled(label: str, text: str) -> Iterator[Line]:
    lines = textwrap.wrap(text, WIDTH - LABEL, break_long_words=False)
    for at, line in enumerate(lines):
        yield f"{label if at == 0 else '':<{LABEL}}{line}", ""


def _place(box: tuple[int, int, int, int]) -> str:
    x, y, width, height = box
    return f"within x {x} to {x + width}, y {y} to {y + height}"


def _label(report: StackReport, index: int) -> str:
    return f"{_base(report.frames[index].name)} ({index})"


def _bad(frame: FrameReport) -> bool:
    return bool(frame.left_out or frame.problem)


def _base(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _cut(name: str) -> str:
    """A long name with its middle left out: beginnings and numbers tell frames apart."""
    room = NAME - 1
    return name if len(name) <= room else f"{name[: room - 11]}...{name[-8:]}"
