"""The page put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from string import Template

import numpy as np

from focusstack.report.closer import closer
from focusstack.report.frames import frames_section
from focusstack.report.look import Look
from focusstack.report.overlays import Overlay
from focusstack.report.run import run_section
from focusstack.report.spots import find_spots
from focusstack.report.viewer import viewer
from focusstack.report.words import plural, seconds
from focusstack.result import StackResult
from focusstack.steps.read import FrameSource
from focusstack.steps.write import software


def make_page(
    result: StackResult, frames: FrameSource, look: Look, title: str, command: str
) -> str:
    """The whole page as text; nothing in it refers to anything outside it."""
    spots = find_spots(result)
    shown, overlays = viewer(result, look, spots)
    made = datetime.now().astimezone()
    return Template(_part("page.html")).substitute(
        title=escape(title),
        generator=escape(software()),
        style=_part("page.css"),
        script=_part("page.js"),
        lede=escape(lede(result, look, overlays)),
        figures=_figures(result),
        warnings=_warnings(result.warnings),
        viewer=shown,
        spots=closer(result, frames, look, spots),
        frames=frames_section(result, look),
        run=run_section(result, command),
        footer=f"Made by {escape(software())} on {made:%d %B %Y at %H:%M}.",
    )


def _part(name: str) -> str:
    return files("focusstack.report").joinpath(name).read_text(encoding="utf-8")


def lede(result: StackResult, look: Look, overlays: Sequence[Overlay]) -> str:
    """The result in two or three sentences."""
    used, count = result.facts["used"], result.facts["frames"]
    left = count - used
    said = [
        f"{plural(used, 'frame')} became one picture"
        + (f"; {left} of {count} {'was' if left == 1 else 'were'} left out." if left else ".")
    ]
    if result.depth is not None:
        known = float(np.isfinite(result.depth).mean())
        nearly = "everywhere" if known == 1 else "nearly everywhere"
        share = nearly if known > 0.995 else f"for {100 * known:.0f} % of it"
        said.append(f"Its depth is known {share}.")
    never = next((one.share for one in overlays if one.key == "gap"), 0.0)
    if never:
        part = max(0.1, 100 * never)
        said.append(f"Some of the scene, {part:.1f} % of the picture, may never have been sharp.")
    elif look.frames:
        said.append("No gap in focus was found.")
    return " ".join(said)


def _figures(result: StackResult) -> str:
    facts = result.facts
    rows = [
        (
            "frames",
            f"{facts['used']}"
            if facts["used"] == facts["frames"]
            else f"{facts['used']} of {facts['frames']}",
        ),
        ("pixels", f"{facts['width']} × {facts['height']}"),
        ("drift", f"{facts['drift_px']:.1f} px"),
        ("breathing", f"{facts['breathing_percent']:.1f} %"),
        ("time", seconds(sum(facts["seconds"].values()))),
    ]
    return "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)


def _warnings(texts: Sequence[str]) -> str:
    if not texts:
        return ""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    name = plural(len(texts), "warning").capitalize()
    return f'<aside class="warnings" aria-label="Warnings"><h2>{name}</h2><ul>{items}</ul></aside>'
