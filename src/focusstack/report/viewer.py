"""The fused image, the depth and the confidence to zoom into, and what lies over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from focusstack.colour import eight_bits
from focusstack.report.inline import drawing, photograph
from focusstack.report.look import Look
from focusstack.report.overlays import Overlay, overlays
from focusstack.report.relief import ramp, ramp_stops, relief
from focusstack.report.scale import fitting, reduced
from focusstack.report.spots import Spot
from focusstack.result import StackResult

PICTURE_PIXELS = 3_000_000
MAP_PIXELS = 1_200_000
OVERLAY_PIXELS = 600_000
BUDGET = 3_000_000
"""Characters that the fused image may take; its quality is lowered until it does."""


@dataclass(frozen=True)
class _Layer:
    key: str
    name: str
    uri: str
    alt: str
    legend: str = ""


def viewer(result: StackResult, look: Look, spots: Sequence[Spot]) -> tuple[str, list[Overlay]]:
    """HTML of the viewer, and the overlays that it offers."""
    height, width = result.image.shape[:2]
    found = overlays(result, look, fitting(result.image.shape, OVERLAY_PIXELS))
    layers = _layers(result)
    images = [
        f'<img class="layer" data-layer="{one.key}" src="{one.uri}" alt="{escape(one.alt)}"'
        f"{' hidden' if place else ''}>"
        for place, one in enumerate(layers)
    ]
    images += [
        f'<img data-overlay="{one.key}" src="{drawing(one.pixels)}" alt="" hidden>'
        for one in found
        if one.share > 0
    ]
    pins = [_pin(at, spot, width, height) for at, spot in enumerate(spots, 1)]
    parts = [
        f'<div class="tools">{_layer_choice(layers)}{_overlay_choice(found, bool(spots))}</div>',
        f'<div class="stage" id="stage" tabindex="0" role="group" data-width="{width}" '
        f'style="--ratio:{width / height:.5f}" aria-label="The picture, to zoom and move" '
        f'aria-describedby="stage-hint"><div class="scene" id="scene">',
        *images,
        *pins,
        f'</div></div><div class="under"><div>{"".join(one.legend for one in layers)}</div>{_ZOOM}'
        "</div>",
        f'<p class="hint" id="stage-hint">{_HINT} {_shown(width, height)}</p>',
    ]
    return "\n".join(parts), found


_ZOOM = (
    '<div class="zoom" role="group" aria-label="Zoom">'
    '<output id="percent" for="stage" aria-label="Magnification"></output>'
    '<button type="button" id="zoom-out" aria-label="Zoom out">−</button>'
    '<button type="button" id="zoom-in" aria-label="Zoom in">+</button>'
    '<button type="button" id="zoom-fit">Fit</button>'
    '<button type="button" id="zoom-full" aria-label="One pixel to one pixel">1:1</button></div>'
)
_HINT = (
    "Double-click or pinch to zoom, drag to move; scroll to zoom once the picture was clicked. "
    "Keys: + and −, arrows, 0 to fit, 1 for 1:1."
)


def _shown(width: int, height: int) -> str:
    size = fitting((height, width), PICTURE_PIXELS)
    if size == (width, height):
        return "The page holds every pixel."
    share = size[0] / width
    return f"The page holds the picture at {share:.0%} of its size, and the parts below at 100%."


def _layers(result: StackResult) -> list[_Layer]:
    height, width = result.image.shape[:2]
    alt = f"The fused image, {width} by {height} pixels"
    layers = [_Layer("picture", "Picture", fused_picture(result), alt)]
    size = fitting(result.image.shape, MAP_PIXELS)
    if result.depth is not None:
        count = len(result.alignment.transforms)
        drawn = photograph(relief(result.depth, count, size), quality=86)
        alt = "The depth map as a shaded relief, coloured by the frame in focus"
        layers.append(_Layer("depth", "Depth", drawn, alt, _depth_legend(count)))
    if result.confidence is not None:
        shades = ramp(reduced(result.confidence, size))
        drawn = photograph(np.clip(shades + 0.5, 0, 255).astype(np.uint8), quality=80)
        alt = "Confidence of the depth, from dark for none to bright for sure"
        layers.append(_Layer("confidence", "Confidence", drawn, alt, _confidence_legend()))
    return layers


def fused_picture(result: StackResult) -> str:
    """The fused image, reduced where it must be, as good as the budget allows."""
    size = fitting(result.image.shape, PICTURE_PIXELS)
    pixels = reduced(eight_bits(result.image), size)
    uri = ""
    for quality in (92, 86, 78, 66, 50):
        uri = photograph(pixels, result.metadata.icc, quality)
        if len(uri) <= BUDGET:
            break
    return uri


def _depth_legend(count: int) -> str:
    return _legend(
        "depth",
        "frame 0",
        f"frame {count - 1} in focus",
        '<span class="swatch unknown"></span> unknown: nothing was ever sharp',
    )


def _confidence_legend() -> str:
    return _legend("confidence", "0", "1: the depth is right within one frame", "")


def _legend(key: str, low: str, high: str, more: str) -> str:
    stops = ", ".join(ramp_stops())
    ramp_html = f'<span class="ramp" style="background:linear-gradient(90deg, {stops})"></span>'
    return (
        f'<div class="key" data-layer="{key}" hidden><span>{low}</span>{ramp_html}'
        f"<span>{high}</span>{more}</div>"
    )


def _layer_choice(layers: Sequence[_Layer]) -> str:
    choices = [
        f'<label class="pick"><input type="radio" name="layer" value="{one.key}"'
        f"{'' if place else ' checked'}><span>{one.name}</span></label>"
        for place, one in enumerate(layers)
    ]
    return f"<fieldset><legend>Show</legend>{''.join(choices)}</fieldset>"


def _overlay_choice(found: Sequence[Overlay], pins: bool) -> str:
    choices = [
        f'<label class="pick" title="{escape(one.meaning)}"><input type="checkbox" name="overlay" '
        f'value="{one.key}"{"" if one.share else " disabled"}><span>'
        f'<span class="swatch {one.key}"></span>{one.name} {percent(one.share)}</span></label>'
        for one in found
    ]
    if pins:
        choices.append(
            '<label class="pick"><input type="checkbox" id="pins" checked>'
            "<span>Places</span></label>"
        )
    return f"<fieldset><legend>Mark</legend>{''.join(choices)}</fieldset>"


def percent(share: float) -> str:
    """A share for people: none, under 1 %, 12 %."""
    if share == 0:
        return "· none"
    return "· under 1 %" if share < 0.01 else f"· {100 * share:.0f} %"


def _pin(number: int, spot: Spot, width: int, height: int) -> str:
    x, y, w, h = spot.box
    left, top = 100 * (x + w / 2) / width, 100 * (y + h / 2) / height
    return (
        f'<a class="pin" href="#spot-{number}" style="left:{left:.2f}%;top:{top:.2f}%" '
        f'aria-label="Place {number}: {escape(spot.kind)}">{number}</a>'
    )
