"""Collects what frames say about each other, one frame at a time, then places them all."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from focusstack.errors import AlignmentError
from focusstack.model import FloatImage, Transform
from focusstack.steps.align import keypoints
from focusstack.steps.align.check import disagrees
from focusstack.steps.align.models import project
from focusstack.steps.align.pair import Pair, compare
from focusstack.steps.align.sketch import Sketch, sketch
from focusstack.steps.align.solve import connected, solve
from focusstack.transform import apply, at_full_size, displacement, grid

SKIPS = (1, 2)
RESCUE_SKIPS = (3, 4)
STILL_PX = 0.02
"""Mean motion, in px of the sketch, below which moving a frame costs more than it mends."""
DOUBTFUL_PX, DOUBTFUL_SKETCH_PX = 1.0, 0.25
"""Mean motion, in px of the frame and of the sketch, below which it must show its worth; three
times that for magnification and roll, which neighbours can see only near the corners."""
MIN_BENEFIT = 0.012
"""Worth is taking away this share of what makes two frames differ: defocus alone can feign 1 %."""


NO_DETAIL = "no frame has detail to align on; frames are stacked as they are"


@dataclass(frozen=True)
class Solution:
    """Result of alignment: per frame a transform between full-size frames, or a reason why not."""

    reference_index: int
    transforms: dict[int, Transform]
    reasons: dict[int, str]
    model: str
    warnings: tuple[str, ...] = ()


class FrameAligner(Protocol):
    """Takes reduced frames in the order of :meth:`visits`, then solves for all of them."""

    def visits(self, order: Sequence[int]) -> list[int]:
        """The order in which frames must be added, given their focus order."""

    def add(self, index: int, luma: FloatImage) -> None:
        """Look at one reduced frame; luma float32 (H, W) in 0..1."""

    def solve(self, scale: float) -> Solution:
        """Place all frames; ``scale`` full-size pixels make one reduced pixel."""


def make_aligner(model: str, reference: int | str, count: int, threads: int) -> FrameAligner:
    """The aligner for a motion model: key points for homography, else ECC."""
    if model == "homography":
        return KeypointAligner(_known_reference(reference, count))
    return Aligner(model, reference, count, threads)


def _known_reference(reference: int | str, count: int) -> int:
    named = {"first": 0, "middle": count // 2, "auto": count // 2, "last": count - 1}
    return named[reference] if isinstance(reference, str) else reference


class Aligner:
    """Intensity based: neighbours are compared by ECC, all pairs are solved together.

    Memory: the sketches of the last five frames (5.3 bytes per reduced pixel each), thumbnails of
    all. Time: two or three comparisons per frame.
    """

    def __init__(self, model: str, reference: int | str, count: int, threads: int) -> None:
        self._model, self._reference, self._count = model, reference, count
        self._window: list[tuple[int, Sketch]] = []
        self._coarse: dict[int, FloatImage] = {}
        self._pairs: list[Pair] = []
        self._order: list[int] = []
        self._featureless: set[int] = set()
        self._shape = (1, 1)
        self._threads = threads

    def visits(self, order: Sequence[int]) -> list[int]:
        """See :class:`FrameAligner`."""
        return list(order)

    def add(self, index: int, luma: FloatImage) -> None:
        """See :class:`FrameAligner`."""
        self._order.append(index)
        if self._model == "none":
            return
        self._shape = luma.shape
        now = sketch(luma)
        self._coarse[index] = now.pyramid[-1]
        if now.featureless:
            self._featureless.add(index)
            return
        if not self._compare_with(SKIPS, index, now):
            self._compare_with(RESCUE_SKIPS, index, now)
        self._window = [*self._window, (index, now)][-max(RESCUE_SKIPS) :]

    def _compare_with(self, skips: Sequence[int], index: int, now: Sketch) -> bool:
        near = [s for s in skips if s <= len(self._window)]
        others = [self._window[-s] for s in near]
        # simpler models are projected in the end, so that one chosen by `auto` repeats when named
        ecc = "affine" if self._model == "affine" else "similarity"
        with ThreadPoolExecutor(self._threads) as pool:
            found = list(pool.map(lambda o: compare(o[1], now, ecc), others))
        fresh = [
            Pair(other, index, motion, 1 / skip**4)
            for skip, (other, _), motion in zip(near, others, found, strict=True)
            if motion is not None
        ]
        self._pairs += fresh
        return bool(fresh)

    def solve(self, scale: float) -> Solution:
        """See :class:`FrameAligner`."""
        order, nothing = sorted(self._order), self._featureless
        if self._model == "none" or len(nothing) == len(order):
            return self._unmoved(order)
        groups = connected(self._pairs, self._count)
        main = self._main_group(groups)
        height, width = self._shape
        members = sorted(main)
        pairs = [p for p in self._pairs if p.moving in main]
        placed = solve(pairs, members, members[len(members) // 2], width, height)
        reference = self._pick_reference(placed)
        placed = _anchored(placed, reference)
        reasons = {i: self._reason(i) for i in order if i not in main}
        for i in disagrees(placed, self._coarse, reference, self._shape):
            reasons[i] = "it agrees with its neighbours but not with the reference frame"
            del placed[i]
        model, placed = self._settle(placed, scale)
        full = {i: at_full_size(t, scale) for i, t in placed.items()}
        return Solution(reference, full, reasons, model)

    def _unmoved(self, order: Sequence[int]) -> Solution:
        warnings = () if self._model == "none" else (NO_DETAIL,)
        reference = _known_reference(self._reference, self._count)
        return Solution(reference, {i: np.eye(3) for i in order}, {}, "none", warnings)

    def _main_group(self, groups: Sequence[set[int]]) -> set[int]:
        """The group with the wanted reference, or the largest where that is free."""
        if self._reference == "auto":
            return groups[0]
        wanted = _known_reference(self._reference, self._count)
        group = next(g for g in groups if wanted in g)
        if len(group) < 2 <= len(groups[0]):
            raise AlignmentError(
                f"no other frame could be aligned to the reference, frame {wanted}",
                "choose another --reference, or 'auto'",
            )
        return group

    def _reason(self, index: int) -> str:
        if index in self._featureless:
            return "it has no detail to align on"
        return "it could not be aligned with its neighbours"

    def _pick_reference(self, placed: dict[int, Transform]) -> int:
        """For ``auto``, the frame the others lie nearest to; near ties go to the middle one."""
        if self._reference != "auto":
            return _known_reference(self._reference, self._count)
        height, width = self._shape
        members = [i for i in self._order if i in placed]
        corners = np.stack([apply(placed[i], grid(width, height, 2)) for i in members])
        reach = [np.hypot(*(corners - own).T).max() for own in corners]
        coarse = np.round(np.array(reach) / max(1.0, 0.02 * width))
        off_middle = np.abs(np.arange(len(members)) - len(members) / 2)
        return members[int(np.lexsort((off_middle, coarse))[0])]

    def _settle(
        self, placed: dict[int, Transform], scale: float
    ) -> tuple[str, dict[int, Transform]]:
        """The simplest model that explains the motion, and the transforms made to obey it."""
        model = self._model
        if model == "auto":
            model = self._simplest(placed, max(DOUBTFUL_PX / scale, DOUBTFUL_SKETCH_PX))
        height, width = self._shape
        return model, {i: project(t, model, width, height) for i, t in placed.items()}

    def _simplest(self, placed: dict[int, Transform], doubtful: float) -> str:
        moved, turned = self._loss(placed, "none"), self._loss(placed, "translation")
        motions = [p.motion for p in self._pairs]
        worth = np.median([(m.benefit, m.turn_benefit) for m in motions] or [(0, 0)], axis=0)
        if moved < STILL_PX or (moved < doubtful and worth[0] < MIN_BENEFIT):
            return "none"
        if turned < STILL_PX or (turned < 3 * doubtful and worth[1] < MIN_BENEFIT):
            return "translation"
        return "similarity"

    def _loss(self, placed: dict[int, Transform], model: str) -> float:
        height, width = self._shape
        return max(
            float(displacement(t, project(t, model, width, height), width, height).mean())
            for t in placed.values()
        )


def _anchored(placed: dict[int, Transform], reference: int) -> dict[int, Transform]:
    back = np.linalg.inv(placed[reference])
    return {i: back @ t if i != reference else np.eye(3) for i, t in placed.items()}


class KeypointAligner:
    """SIFT key points + RANSAC homography straight onto the reference, as the original tool does.

    A frame with too few matches there is tried against its neighbour towards the reference.
    """

    def __init__(self, reference: int) -> None:
        self._reference = reference
        self._anchor: keypoints.Features | None = None
        self._neighbour: tuple[int, keypoints.Features, Transform] | None = None
        self._placed: dict[int, Transform] = {}
        self._reasons: dict[int, str] = {}
        self._seen_detail = False

    def visits(self, order: Sequence[int]) -> list[int]:
        """See :class:`FrameAligner`."""
        at = list(order).index(self._reference)
        return [*order[at:], *reversed(order[:at])]

    def add(self, index: int, luma: FloatImage) -> None:
        """See :class:`FrameAligner`."""
        found = keypoints.detect(luma)
        self._seen_detail |= len(found.points) > 0
        if self._anchor is None:
            self._anchor, self._placed[index] = found, np.eye(3)
            self._neighbour = (index, found, np.eye(3))
            return
        turning_back = index < self._reference <= (self._neighbour or (index,))[0]
        if self._neighbour is None or turning_back:
            self._neighbour = (self._reference, self._anchor, np.eye(3))
        placed = self._place(found)
        if placed is None:
            self._reasons[index] = "too few key points of it match the reference frame"
            return
        self._placed[index] = placed
        self._neighbour = (index, found, placed)

    def _place(self, found: keypoints.Features) -> Transform | None:
        assert self._anchor is not None
        direct = keypoints.homography(self._anchor, found)
        if direct is not None or self._neighbour is None:
            return direct
        _, features, reference_from_neighbour = self._neighbour
        step = keypoints.homography(features, found)
        return None if step is None else np.asarray(reference_from_neighbour @ step)

    def solve(self, scale: float) -> Solution:
        """See :class:`FrameAligner`."""
        if not self._seen_detail:
            frames = [*self._placed, *self._reasons]
            return Solution(
                self._reference, {i: np.eye(3) for i in frames}, {}, "none", (NO_DETAIL,)
            )
        full = {i: at_full_size(t, scale) for i, t in self._placed.items()}
        full[self._reference] = np.eye(3)
        return Solution(self._reference, full, dict(self._reasons), "homography")
