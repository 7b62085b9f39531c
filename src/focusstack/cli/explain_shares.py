"""How much each frame has in one pixel of the fused picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from focusstack.events import Event
    from focusstack.retouch import Stroke
    from focusstack.steps.fuse import Watch

LEAST_TOLD = 0.005
"""Smaller shares are told together."""


@dataclass(frozen=True)
class Share:
    """A frame, and its part of a pixel; the parts of all frames sum to 1."""

    frame: int
    name: str
    share: float


class PixelWatcher:
    """Observer of a run that follows one pixel of the canvas."""

    def __init__(self, x: int, y: int) -> None:
        self._at = x, y
        self._watch: Watch | None = None

    def __call__(self, event: Event) -> None:
        from focusstack.events import FrameFused

        if not isinstance(event, FrameFused):
            return
        if event.index is None or self._watch is None:
            from focusstack.steps.fuse import watch

            self._watch = watch(event.method, event.state, *self._at)
        else:
            self._watch.see(event.state, event.index)

    def shares(self) -> dict[int, float]:
        """Per frame that counts its share."""
        return {} if self._watch is None else self._watch.shares()


def painted_over(
    shares: Mapping[int, float], strokes: Sequence[Stroke], x: int, y: int
) -> dict[int, float]:
    """The shares once strokes of a retouch lie over the pixel, the first one lowest."""
    from focusstack.retouch.brush import Region, coverage

    found = dict(shares)
    for stroke in strokes:
        covered = float(coverage(stroke, Region(x, y, 1, 1))[0, 0]) * stroke.opacity
        if covered <= 0:
            continue
        over = dict(shares) if stroke.frame is None else {stroke.frame: 1.0}
        found = {
            k: (1 - covered) * found.get(k, 0.0) + covered * over.get(k, 0.0)
            for k in {*found, *over}
        }
    return {k: share for k, share in found.items() if share}


def listed(shares: Mapping[int, float], names: Sequence[str]) -> tuple[Share, ...]:
    """Largest first."""
    ordered = sorted(shares.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Share(k, names[k], share) for k, share in ordered)


def told(shares: Sequence[Share]) -> list[str]:
    """For people: a line for every frame that has a part worth naming, one for the others."""
    large = [one for one in shares if abs(one.share) >= LEAST_TOLD]
    rest = [one.share for one in shares if abs(one.share) < LEAST_TOLD]
    lines = [f"{one.share:>6.1%}  {one.name} (frame {one.frame})" for one in large]
    if rest:
        lines.append(f"{sum(rest):>6.1%}  {len(rest)} other frame{'s' * (len(rest) > 1)}")
    return [f"{'shares' if k == 0 else '':12}{line}" for k, line in enumerate(lines)]
