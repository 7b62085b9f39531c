"""What was found about each frame: findings in words, plots, and the numbers as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from focusstack.inspection import FrameReport
from focusstack.report.charts import Chart, Series, draw, groups, number
from focusstack.report.look import Look
from focusstack.report.words import short
from focusstack.result import StackResult

MOST_SHOWN = 12
"""Findings at once: as many as can be read."""


def frames_section(result: StackResult, look: Look) -> str:
    """HTML of the section."""
    found = _listed(findings(result, look))
    figures = "".join(_figure(chart) for chart in charts(result, look))
    marked = ", × a frame that was left out" if result.alignment.rejected else ""
    return f"""{found}
<div class="charts">{figures}</div>
<p class="small">Frames in focus order, counted from 0. Dotted line: the reference frame, against
which all else is measured{marked}.{_shared(len(look.frames))} Point at a plot for its values.</p>
{_table(result, look)}"""


def _shared(count: int) -> str:
    """What bars mean where several frames share one."""
    most = len(groups(count)[0]) if count else 1
    return "" if most == 1 else f" Each bar is the highest of {most} frames."


def _listed(texts: Sequence[str]) -> str:
    """The first of them; the others, where there are many, folded away."""
    items = [f"<li>{escape(text)}</li>" for text in texts]
    first, more = "".join(items[:MOST_SHOWN]), "".join(items[MOST_SHOWN:])
    shown = f'<ul class="found">{first}</ul>'
    if not more:
        return shown
    name = f"{len(items) - MOST_SHOWN} more like these"
    return f'{shown}<details><summary>{name}</summary><ul class="found">{more}</ul></details>'


def findings(result: StackResult, look: Look) -> list[str]:
    """What a person should know about the frames, one sentence each."""
    said = [
        f"Frame {r.index}, {short(r.name)}, was left out: {r.reason}."
        for r in result.alignment.rejected
    ]
    said += [f"Frame {f.index}, {short(f.name)}: {f.problem}." for f in look.frames if f.problem]
    said += [
        f"The step from frame {gap.before} to frame {gap.after} is {gap.step:.1f} times its "
        f"neighbours': {gap.share:.1%} of the detail lies between and keeps as little as "
        f"{gap.contrast:.0%} of its contrast."
        for gap in look.gaps
    ]
    said += [
        f"Sharpness was still rising at the {end.end} frame ({end.frame}): {end.share:.1%} of the "
        "detail may lie beyond it."
        for end in look.ends
    ]
    return said or ["Nothing was found that could spoil the result."]


def charts(result: StackResult, look: Look) -> Iterator[Chart]:
    """The plots, in the order in which they are shown."""
    placed = [look.frames[i] for i in result.alignment.order]
    names = tuple(f"{short(f.name)}" for f in placed)
    out = {at: f.left_out for at, f in enumerate(placed) if f.left_out}
    reference = result.alignment.order.index(result.alignment.reference_index)

    def chart(
        key: str, title: str, unit: str, span: float, *series: Series, bars: bool = False
    ) -> Chart:
        return Chart(key, title, unit, series, names, span, bars, out, reference)

    right, down = ([None if f.drift_px is None else f.drift_px[k] for f in placed] for k in (0, 1))
    yield chart("drift", "Drift", "px", 0.5, Series("right", right), Series("down", down, "b"))
    yield chart(
        "breathing",
        "Breathing",
        "% larger",
        0.1,
        Series("", [f.magnification_percent for f in placed]),
    )
    yield chart("roll", "Roll", "degrees clockwise", 0.1, Series("", [f.roll_deg for f in placed]))
    shares = [None if f.left_out else 100 * f.sharpest_share for f in placed]
    yield chart("share", "Sharpest here", "% of the detail", 1.0, Series("", shares), bars=True)
    detail = [None if f.left_out else f.detail_percent for f in placed]
    yield chart("detail", "Fine detail", "RMS, % of full scale", 0.5, Series("", detail), bars=True)
    gains = [None if f.exposure_ev is None else 0.0 - f.exposure_ev for f in placed]
    yield chart("gain", "Exposure gain", "EV", 0.1, Series("", gains))


def _figure(chart: Chart) -> str:
    legend = "".join(
        f' <small class="legend-{s.style}">{escape(s.name)}</small>' for s in chart.series if s.name
    )
    title = f"<h3>{escape(chart.title)} <small>{escape(chart.unit)}</small>{legend}</h3>"
    return f"<figure>{title}{draw(chart)}</figure>"


_HEADINGS = (
    "No.",
    "Frame",
    "Right, px",
    "Down, px",
    "Larger, %",
    "Roll, °",
    "Sharpest here, %",
    "Fine detail, %",
    "Gain, EV",
    "White balance, %",
    "Brightness, %",
    "",
)


def _table(result: StackResult, look: Look) -> str:
    head = "".join(f'<th scope="col">{text}</th>' for text in _HEADINGS)
    rows = "".join(_row(look.frames[i], result) for i in result.alignment.order)
    return (
        "<details><summary>All numbers, as a table</summary>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="Numbers of all frames">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _row(frame: FrameReport, result: StackResult) -> str:
    right, down = frame.drift_px or (None, None)
    out = bool(frame.left_out)
    values = [
        right,
        down,
        frame.magnification_percent,
        frame.roll_deg,
        None if out else 100 * frame.sharpest_share,
        None if out else frame.detail_percent,
        None if frame.exposure_ev is None else 0.0 - frame.exposure_ev,
        frame.white_balance_percent,
        frame.brightness_percent,
    ]
    note = f"left out: {frame.left_out}" if out else frame.problem
    if frame.index == result.alignment.reference_index:
        note = "; ".join(filter(None, ["reference", note]))
    cells = "".join(f"<td>{number(value)}</td>" for value in values)
    return (
        f"<tr{' class=out' if out else ''}><td>{frame.index}</td>"
        f"<td>{escape(short(frame.name))}</td>"
        f'{cells}<td class="note">{escape(note)}</td></tr>'
    )
