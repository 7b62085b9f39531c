"""Fusing strip by strip, to take less memory or to spread over machines: the same bits.

A strip is fed all frames and hands on a coarser level of each. From what all strips handed on, the
coarser levels of the whole picture are fused; and with these every strip's own rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from focusstack.errors import RecipeError
from focusstack.execute import Run, Workers, advanced, advancing, single_threaded_opencv
from focusstack.model import FloatImage, Metadata, Pixels
from focusstack.plan import Plan
from focusstack.recipe import Recipe
from focusstack.stages.veiling import Show, Unveiler, ready_frames, unseen
from focusstack.stages.warping import Warper
from focusstack.steps import fuse
from focusstack.steps.fuse.levels import Handed
from focusstack.steps.fuse.pyramid import Pyramid
from focusstack.steps.fuse.strips import (
    Strip,
    StripState,
    even_rows,
    handed_level,
    joined,
    prior_at,
)
from focusstack.steps.read import FrameSource


@dataclass(frozen=True)
class Setting:
    """What every strip must know; sent to each worker once."""

    frames: FrameSource
    plan: Plan
    warper: Warper
    method: Pyramid
    unveiler: Unveiler | None
    clip_top: float


@dataclass(frozen=True)
class FedStrip:
    """A strip that has seen all frames: it stays where it was made, and a part is handed on."""

    state: StripState
    guard: fuse.ClipGuard
    handed: list[Handed]
    metadata: Metadata
    lost: FloatImage | None


@dataclass(frozen=True)
class Part:
    """What a strip hands on: of every frame, and what is the same for all strips."""

    handed: list[Handed]
    metadata: Metadata
    lost: FloatImage | None


def check_spreads(recipe: Recipe, paths: Sequence[object]) -> None:
    """Refuse what cannot be spread over workers.

    Raises
    ------
    RecipeError
    """
    if not fuse.METHODS[recipe.method].in_strips or recipe.select_only:
        what = "--select-only" if recipe.select_only else f"method {recipe.method}"
        raise RecipeError(
            f"{what} cannot be spread over workers", "use method auto or pyramid, or one process"
        )
    if not paths:
        raise RecipeError(
            "arrays cannot be spread over workers", "save them as files, or use one process"
        )


def fuse_in_turn(
    run: Run, setting: Setting, canvas: fuse.Canvas, dtype: np.dtype[Any], show: Show
) -> tuple[Pixels, Metadata]:
    """The picture and the reference frame's metadata, one strip after the other in this process.

    All strips but the last are made twice, as none but that one can be held until all are known.
    """
    count, depth = _count(setting), handed_level(canvas, _count(setting))
    rows = even_rows(canvas.height, setting.plan.parts, 1 << depth)
    image = np.empty((canvas.height, canvas.width, canvas.channels), dtype)
    parts: dict[int, Part] = {}
    fed: FedStrip | None = None
    with run.step("fuse", count * (2 * len(rows) - 1)) as advance, advancing(advance):
        for k, own in enumerate(rows):
            fed = None  # before the next one is begun
            fed = feed_strip(setting, Strip(canvas, own, depth), show if k == 0 else unseen)
            parts[k] = _handed_on(fed)
        fused, metadata = _coarse(setting, canvas, depth, parts), parts[0].metadata
        parts.clear()
        for own in reversed(rows):
            if fed is None or fed.state.strip.rows != own:
                fed = None
                fed = feed_strip(setting, Strip(canvas, own, depth))
            image[slice(*own)] = finish_strip(fed, fused, dtype, setting.warper.threads)
    return image, metadata


def fuse_spread(
    run: Run, workers: Workers, setting: Setting, canvas: fuse.Canvas, dtype: np.dtype[Any]
) -> tuple[Pixels, Metadata]:
    """The same by workers, each of which reads every frame once."""
    count, depth = _count(setting), handed_level(canvas, _count(setting))
    rows = even_rows(canvas.height, workers.workers, 1 << depth)
    with run.step("fuse", count * len(rows)) as advance:
        everything = workers.submit(_held, setting)
        strips = [workers.submit(feed_strip, everything, Strip(canvas, r, depth)) for r in rows]
        parts = [workers.submit(_handed_on, strip) for strip in strips]
        found = dict(workers.gather(parts, run.cancel, advance))
    with run.step("join", len(rows)) as advance:
        fused = workers.submit(_held, _coarse(setting, canvas, depth, found))
        image = np.empty((canvas.height, canvas.width, canvas.channels), dtype)
        made = [workers.submit(finish_strip, strip, fused, dtype) for strip in strips]
        for k, pixels in workers.gather(made, run.cancel):
            image[slice(*rows[k])] = pixels
            advance()
    if setting.unveiler is not None and found[0].lost is not None:
        setting.unveiler.lost[:] = found[0].lost
    return image, found[0].metadata


def _count(setting: Setting) -> int:
    return len(setting.warper.placement.alignment.kept)


def _coarse(
    setting: Setting, canvas: fuse.Canvas, depth: int, found: dict[int, Part]
) -> FloatImage:
    """The level handed on, fused of all frames."""
    method, unveiler = setting.method, setting.unveiler
    state = method.start_coarse(canvas, depth)
    parts = [found[k].handed for k in range(len(found))]
    for index, handed in enumerate(zip(*parts, strict=True)):
        plane = None if unveiler is None else unveiler.prior(index)
        scale = 1 if unveiler is None else unveiler.survey.scale
        prior = prior_at(plane, scale, depth, method.weighing.threads)
        method.feed_coarse(state, joined(handed, prior))
    return method.finish_coarse(state)


def feed_strip(setting: Setting, strip: Strip, show: Show = unseen) -> FedStrip:
    """Show a strip all frames."""
    state, guard = StripState(strip), fuse.ClipGuard(strip.canvas, setting.clip_top)
    warper, unveiler, metadata = setting.warper, setting.unveiler, Metadata()
    warper.guard, handed = guard, []
    with single_threaded_opencv():
        frames = ready_frames(warper, setting.frames, setting.plan, unveiler, show)
        for i, found, ready in frames:
            if i == warper.placement.alignment.reference_index:
                metadata = found
            handed.append(state.feed(ready, setting.method.weighing))
            advanced()
    lost = None if unveiler is None else unveiler.lost
    return FedStrip(state, guard.part(strip.rows), handed, metadata, lost)


def finish_strip(
    fed: FedStrip, fused: FloatImage, dtype: np.dtype[Any], threads: int = 1
) -> Pixels:
    """The strip's rows of the picture; the strip is used up."""
    made = fed.state.finish(fused, threads)
    fed.guard.apply(made)
    return fuse.to_pixels(made, dtype)


def _handed_on(fed: FedStrip) -> Part:
    return Part(fed.handed, fed.metadata, fed.lost if fed.state.strip.rows[0] == 0 else None)


def _held(value: Any) -> Any:
    return value
