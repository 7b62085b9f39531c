"""What a shoot is: a focus stack, or something else that looks like one from its times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from focusstack.batch.cuts import NEXT_VIEW, SAME_VIEW, SHIFTED
from focusstack.batch.glimpse import Glimpse
from focusstack.batch.shots import Shot
from focusstack.batch.views import View

KINDS = ("stack", "burst", "panorama", "bracket", "single", "unknown")
MOVES = 0.45
"""By how much sharpness varies where it varies most (natural logarithm of energy) in a stack."""
ERRATIC = 0.85
"""Squared steps by squared deviations: 2 if pictures came in any order, near 0 if one sweeps."""
BRACKETED = 0.5
"""Stops from picture to picture; what an automatic exposure does within a stack is less."""
SHARE = 95
"""Percentile over the picture of how much sharpness varies: part of it may have no texture."""


@dataclass(frozen=True)
class Kind:
    """One of KINDS, how sure that is (0..1), and why, for people."""

    name: str
    sure: float
    why: str


def kind_of(
    shots: Sequence[Shot], glimpses: Sequence[Glimpse] | None, views: Sequence[View] | None
) -> Kind:
    """Judge one shoot's pictures; ``glimpses`` may be of some of them, ``views`` are theirs."""
    if len(shots) < 2:
        return Kind("single", 0.99, "one picture")
    said = _said(shots)
    if said is not None:
        return said
    if glimpses is None or views is None:
        return Kind("unknown", 0.5, "not looked at")
    return _seen(shots, glimpses, views)


def _said(shots: Sequence[Shot]) -> Kind | None:
    """What the camera noted."""
    names = {"focus": "stack", "exposure": "bracket", "panorama": "panorama"}
    kinds = {shot.drive.kind for shot in shots}
    if len(kinds) == 1 and (name := names.get(kinds.pop())):
        return Kind(name, 0.97, "the camera says so")
    return None


def _seen(shots: Sequence[Shot], glimpses: Sequence[Glimpse], views: Sequence[View]) -> Kind:
    stops = [shot.stops for shot in shots if shot.stops is not None]
    if stops and np.median(np.abs(np.diff(stops))) >= BRACKETED:
        return Kind("bracket", 0.95, f"exposures up to {np.ptp(stops):.1f} stops apart")
    elsewhere = [view for view in views if view.alike < SAME_VIEW]
    shifted = [v for v in elsewhere if v.overlap >= NEXT_VIEW and v.shift >= SHIFTED]
    if len(shifted) > len(views) / 2:
        return Kind("panorama", 0.95, "the view moves on from picture to picture")
    if elsewhere:
        return Kind("unknown", 0.5, f"{len(elsewhere)} times the view changes")
    return _focus(glimpses)


def _focus(glimpses: Sequence[Glimpse]) -> Kind:
    """Whether focus moves: a sweep changes sharpness much and steadily, a shaking hand neither."""
    maps = np.stack([one.sharpness.ravel() for one in glimpses])
    varies = float(np.percentile(np.ptp(maps, axis=0), SHARE))
    about = maps - maps.mean(axis=0)
    erratic = float((np.diff(maps, axis=0) ** 2).sum() / max((about**2).sum(), 1e-9))
    if len(glimpses) == 2:
        erratic = ERRATIC if varies > 2 * MOVES else 2.0
    score = (
        math.log(max(varies, 1e-3) / MOVES) / 0.35 + math.log(ERRATIC / max(erratic, 1e-3)) / 0.25
    )
    moves = varies > MOVES and erratic <= ERRATIC
    sure = 1 / (1 + math.exp(-abs(score) / 2))
    if moves:
        return Kind("stack", round(sure, 2), "one view, the sharp part moves through it")
    return Kind("burst", round(sure, 2), "one view, the focus does not move")
