"""Parts of the picture at 1:1, a single frame against the fused image."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from focusstack.model import Pixels
from focusstack.report.crops import frame_crops, fused_crop
from focusstack.report.inline import photograph
from focusstack.report.look import Look
from focusstack.report.spots import Spot
from focusstack.report.words import short
from focusstack.result import StackResult
from focusstack.steps.read import FrameSource

INTRODUCTION = (
    "Chosen by what is hard in a stack: large steps in depth, thin things, veils, doubtful depth. "
    "Left of the line is the frame from which most of the detail comes, as one exposure saw it; "
    "right of it the fused image. Move the line."
)


def closer(result: StackResult, frames: FrameSource, look: Look, spots: Sequence[Spot]) -> str:
    """HTML of the comparisons."""
    if not spots:
        return "<p>No part of the picture stands out.</p>"
    crops = frame_crops(result, frames, look, spots)
    figures = [
        _figure(result, at, spot, single)
        for at, (spot, single) in enumerate(zip(spots, crops, strict=True), 1)
    ]
    return f'<p class="small">{INTRODUCTION}</p><div class="spots">{"".join(figures)}</div>'


def _figure(result: StackResult, number: int, spot: Spot, single: Pixels) -> str:
    x, y, width, height = spot.box
    icc = result.metadata.icc
    before, after = photograph(single, icc), photograph(fused_crop(result, spot.box), icc)
    name = escape(short(result.names[spot.frame]))
    label = f"Comparison {number}: {spot.kind}"
    return f"""<figure id="spot-{number}">
<div class="compare" style="--ratio:{width / height:.5f}">
<img class="before" src="{before}" alt="Frame {spot.frame} alone">
<img class="after" src="{after}" alt="The fused image">
<span class="tag l">frame {spot.frame}</span><span class="tag r">fused</span>
<span class="handle" aria-hidden="true">⇔</span>
<input type="range" min="0" max="100" step="1" value="50" aria-label="{escape(label)}">
</div>
<figcaption><b>{number} · {escape(spot.kind[0].upper() + spot.kind[1:])}</b><br>
{name} against the fused image, {width} × {height} px at ({x}, {y})</figcaption>
</figure>"""
