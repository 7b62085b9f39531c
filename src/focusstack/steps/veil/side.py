"""Which end of the stack is near: tried both ways on a few frames."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.veil.edges import find_edges
from focusstack.steps.veil.model import BlurModel
from focusstack.steps.veil.render import Scene, unveiling

IN_FOCUS = 0.7
CLEAR, VEILED = 0.97, (0.3, 0.9)
SPREAD_RADII = 2.0
LEAST_SPREAD_PX = 6.0
TYPICAL_FRAMES = 4
INNER_SHARE, LEAST_SHARE = 0.25, 0.05
GRID = 4
LEAST_PIXELS = 200
HARMLESS, LEAST_APART = 1.12, 0.12
"""The right assumption leaves backgrounds at most this much more uneven than they were, and is this
much better than the wrong one."""
BESIDE_PX = 12


@dataclass
class SideTest:
    """Collects, for both assumptions, how uneven backgrounds are beside steps in depth.

    Parameters
    ----------
    depth, detail : float32 (H, W)
        See :func:`~focusstack.steps.veil.edges.find_edges`.
    linear : float32 (H, W, C)
        The fused picture in linear light.
    blur : BlurModel

    Notes
    -----
    A background's light beside an edge should go on as it is a little farther out, where nothing
    covers it. Taking off the right veil brings it nearer to that; taking off a veil that is not
    there takes it away.
    """

    depth: FloatImage
    detail: FloatImage
    linear: FloatImage
    blur: BlurModel
    _errors: dict[bool, list[tuple[float, float, int]]] = field(
        default_factory=lambda: {True: [], False: []}
    )
    _scenes: dict[bool, Scene] = field(default_factory=dict)

    def see(self, frame: int, linear: FloatImage) -> None:
        """Look at a frame in linear light, float32 (H, W, C), at position ``frame``."""
        focused = np.abs(self.depth - frame) <= IN_FOCUS
        for near_first, errors in self._errors.items():
            found = unveiling(self._scene(near_first), frame)
            if found is None:
                continue
            raw = linear.mean(axis=2)
            clean = raw * found.gain - found.offset.mean(axis=0)
            errors.append(self._compare(raw, clean, focused, found.through))

    def near_first(self) -> bool | None:
        """The assumption that evens out backgrounds, or at least does them less harm; or None."""
        ratio = {}
        for side, errors in self._errors.items():
            before, after, pixels = np.sum([*errors, (0.0, 0.0, 0)], axis=0)
            ratio[side] = after / before if pixels >= LEAST_PIXELS and before > 0 else 1.0
        best = min(ratio, key=lambda side: ratio[side])
        apart = ratio[not best] - ratio[best]
        return best if ratio[best] < HARMLESS and apart > LEAST_APART else None

    def telling(self, count: int) -> list[int]:
        """Positions of up to ``count`` frames that are in focus beside the most steps in depth."""
        beside = self._scene(True).edges.distance < BESIDE_PX
        position = np.rint(self.depth[beside]).astype(int)
        seen = np.bincount(np.maximum(position, 0))
        best = np.argsort(seen, kind="stable")[::-1][:count]
        return sorted(int(k) for k in best if seen[k] > 0)

    def _scene(self, near_first: bool) -> Scene:
        if near_first not in self._scenes:
            edges = find_edges(self.depth, self.detail, self.blur, near_first)
            self._scenes[near_first] = Scene(edges, self.linear, self.blur, near_first)
        return self._scenes[near_first]

    def _compare(
        self,
        raw: FloatImage,
        clean: FloatImage,
        focused: npt.NDArray[np.bool_],
        through: FloatImage,
    ) -> tuple[float, float, int]:
        """Relative unevenness before and after, summed, and over how many pixels."""
        spread = max(LEAST_SPREAD_PX, SPREAD_RADII * self.blur.growth * TYPICAL_FRAMES)
        level, share = _local_mean(raw, focused & (through > CLEAR), spread)
        beside = focused & (through > VEILED[0]) & (through < VEILED[1])
        before, _ = _local_mean(raw, beside, INNER_SHARE * spread)
        after, _ = _local_mean(clean, beside, INNER_SHARE * spread)
        use = _reduced(beside) * (share > LEAST_SHARE)
        scale = level + np.float32(0.02)
        return (
            float((use * np.abs(before - level) / scale).sum()),
            float((use * np.abs(after - level) / scale).sum()),
            int(beside.sum()),
        )


def _local_mean(
    plane: FloatImage, where: npt.NDArray[np.bool_], sigma: float
) -> tuple[FloatImage, FloatImage]:
    """Mean over ``where`` in a window of that spread, and the share of the window that it holds.

    Both on a grid ``GRID`` times coarser.
    """
    import cv2

    side = 2 * int(np.ceil(1.7 * sigma / GRID)) + 1  # a box of the same variance
    mask = _reduced(where)
    share = cv2.blur(mask, (side, side))
    mean = cv2.blur(_reduced(plane * where), (side, side)) / np.maximum(share, np.float32(1e-6))
    return np.asarray(mean, np.float32), np.asarray(share, np.float32)


def _reduced(plane: npt.NDArray[np.generic]) -> FloatImage:
    import cv2

    height, width = plane.shape
    size = max(1, width // GRID), max(1, height // GRID)
    small = cv2.resize(plane.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
