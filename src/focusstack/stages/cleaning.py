"""Sensor defects: found in a few frames, repaired in every frame as it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from focusstack import transform
from focusstack.events import StepImage
from focusstack.execute import Run, ahead
from focusstack.model import Alignment, Frame, FrameInfo, Pixels, Transform
from focusstack.plan import Plan
from focusstack.recipe import Recipe
from focusstack.stages.keeping import KeptFrames
from focusstack.stages.noise import NoiseSamples
from focusstack.steps import clean
from focusstack.steps.read import FrameSource, WrappedFrames, area_average

FEWEST_FRAMES = 3
WHOLE_FRAMES = 5
SAMPLED_FRAMES = 3
REDUCED_FRAMES = 12
LEAST_MOTION_PX = 2.0


class CleanedFrames(WrappedFrames[KeptFrames]):
    """A frame source whose frames come without the sensor's defects; infos and files are as before.

    Without defects every call goes straight through to the source.
    """

    def __init__(self, source: KeptFrames, defects: clean.Defects) -> None:
        super().__init__(source)
        self._reduced: dict[int, clean.Defects] = {}
        self.defects = defects

    def read(self, index: int) -> Frame:
        """Read a frame whole, and repair it."""
        frame = self._source.read(index)
        if not self.defects:
            return frame
        in_place = not self._source.shared
        return replace(frame, pixels=self.defects.repair(frame.pixels, in_place=in_place))

    def read_reduced(self, index: int, scale: int) -> Pixels:
        """Read a frame at 1/scale, and repair it."""
        pixels = self._source.read_reduced(index, scale)
        if not self.defects:
            return pixels
        if scale not in self._reduced:
            info = self.info(index)
            self._reduced[scale] = self.defects.reduced(info.height, info.width, scale)
        return self._reduced[scale].repair(pixels, in_place=not self._source.shared)

    def forget(self) -> None:
        """See :class:`KeptFrames`."""
        self._source.forget()


def clean_frames(
    run: Run,
    frames: KeptFrames,
    recipe: Recipe,
    plan: Plan,
    alignment: Alignment,
    samples: NoiseSamples,
) -> CleanedFrames:
    """Find what stays put on the sensor while the subject moves, and take it out.

    Up to twelve frames spread over the stack are read once more, five of them whole, of which the
    ``samples`` are taken. Where there are under three frames, or the subject never moves by 2 px,
    nothing can be told, and the frames stay as they are.
    """
    chosen = _spread(alignment.kept, REDUCED_FRAMES)
    places = {i: t for i, t in enumerate(alignment.transforms) if t is not None}
    info = frames.info(0)
    if not recipe.clean or not _tells([places[i] for i in chosen], info):
        return CleanedFrames(frames, clean.Defects())
    with run.step("clean", len(chosen)) as advance:
        defects = _search(frames, plan, chosen, places, run.threads, samples, advance)
        draw = partial(defects.draw, info.height, info.width)
        run.tell(StepImage("clean", "defects", draw))
    return CleanedFrames(frames, defects)


def _search(
    frames: FrameSource,
    plan: Plan,
    chosen: Sequence[int],
    places: Mapping[int, Transform],
    threads: int,
    samples: NoiseSamples,
    advance: Callable[[], None],
) -> clean.Defects:
    whole = _spread(chosen, WHOLE_FRAMES)
    sampled = _spread(whole, SAMPLED_FRAMES)
    outliers, logs = clean.Outliers(threads), []

    def read(i: int) -> Frame | Pixels:
        return frames.read(i) if i in whole else frames.read_reduced(i, plan.scale)

    for i, found in ahead(read, chosen, min(1, plan.read_ahead)):
        if isinstance(found, Frame):
            outliers.feed(found.pixels)
            if i in sampled:
                samples.look(found)
            found = area_average(found.pixels, plan.scale)
        logs.append(clean.log_luma(found))
        advance()
    searches: list[Callable[[], Sequence[Any]]] = [
        lambda: outliers.find([places[i] for i in whole]),
        lambda: clean.find_dust(logs, [places[i] for i in chosen], plan.scale),
    ]
    dots, dust = (tuple(found) for _, found in ahead(_called, searches, threads - 1))
    return clean.Defects(dots, dust)


def _called(search: Callable[[], Sequence[Any]]) -> Sequence[Any]:
    return search()


def _spread(indices: Sequence[int], count: int) -> list[int]:
    """At most ``count`` of them, evenly spread, the first and the last among them."""
    at = np.unique(np.linspace(0, len(indices) - 1, min(count, len(indices))).round().astype(int))
    return [indices[k] for k in at]


def _tells(places: Sequence[Transform], info: FrameInfo) -> bool:
    """Whether the subject moves enough to be told from the sensor."""
    if len(places) < FEWEST_FRAMES:
        return False
    moved = [
        transform.displacement(places[0], place, info.width, info.height).max() for place in places
    ]
    return bool(max(moved) >= LEAST_MOTION_PX)
