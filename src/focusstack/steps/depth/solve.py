"""From the filled volume to the depth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from focusstack.model import FloatImage
from focusstack.steps.depth import owners, peak
from focusstack.steps.depth.confidence import confidence_of
from focusstack.steps.depth.guided import Colour
from focusstack.steps.depth.volume import FocusVolume
from focusstack.steps.depth.votes import VoteGatherer

InOrder = Callable[[Callable[[int], FloatImage], Iterable[int]], Iterable[FloatImage]]
"""How a loop is carried out: like ``map``, which it is in one thread."""


@dataclass(frozen=True)
class DepthSolution:
    """Depth, float32 (H, W), in positions among the frames fed.

    Attributes
    ----------
    depth
        As the votes have it, which is what frames are best fused by.
    settled
        The same where things without texture take no one else's edge.
    confidence
        Probability that ``settled`` is right within a frame, 0..1.
    """

    depth: FloatImage
    settled: FloatImage
    confidence: FloatImage


def solve_depth(
    volume: FocusVolume,
    picture: Colour,
    rivalry: float = 1.0,
    advance: Callable[[], None] = lambda: None,
    in_order: InOrder = map,
) -> DepthSolution:
    """The frame in focus at every pixel, by gathered votes.

    Parameters
    ----------
    volume : FocusVolume
    picture : float32 (H, W, 3), 0..1
        All in focus; its edges tell where depth may change.
    rivalry : float
        See :class:`~focusstack.steps.depth.peak.PeakState`.
    advance : callable
        Called once per frame.
    in_order : callable
        Gathers the votes of frames, in this thread or ahead of it.

    Notes
    -----
    About 40 ns per pixel and frame. Weak spots: near and far things of one colour melt together;
    hairs under 2 px may be lost; without texture or marks within about 300 px the depth is a guess,
    and its confidence is low.
    """
    votes = VoteGatherer(volume, picture)
    height, width = picture.shape[:2]
    state = peak.start((height, width), rivalry)
    for gathered in in_order(votes.gathered, range(len(votes))):
        peak.feed(state, gathered)
        advance()
    found = peak.depth_of(state)
    sure = confidence_of(peak.prominence(state), found)
    return DepthSolution(found, *owners.settle(found, sure, votes.energy, picture))
