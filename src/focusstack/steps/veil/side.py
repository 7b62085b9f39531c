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
LEAST_PIXELS = 200
LEAST_GAIN = 0.97
"""Unveiling must bring backgrounds at least this much nearer to what they are farther out."""


@dataclass
class SideTest:
    """Collects, for both assumptions, how uneven backgrounds are beside steps in depth.

    Parameters
    ----------
    depth : float32 (H, W)
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
    linear: FloatImage
    blur: BlurModel
    _errors: dict[bool, list[tuple[float, float, int]]] = field(
        default_factory=lambda: {True: [], False: []}
    )

    def see(self, frame: int, linear: FloatImage) -> None:
        """Look at a frame in linear light, float32 (H, W, C), at position ``frame``."""
        for near_first, errors in self._errors.items():
            edges = find_edges(self.depth, self.blur, near_first)
            found = unveiling(Scene(edges, self.linear, self.blur, near_first), frame)
            if found is None:
                continue
            clean = linear * found.gain[..., np.newaxis] - found.offset.transpose(1, 2, 0)
            focused = np.abs(self.depth - frame) <= IN_FOCUS
            errors.append(self._compare(linear, clean, focused, found.through))

    def near_first(self) -> bool | None:
        """The assumption that evens out backgrounds, or None when neither does."""
        ratio = {}
        for side, errors in self._errors.items():
            before, after, pixels = np.sum([*errors, (0.0, 0.0, 0)], axis=0)
            ratio[side] = after / before if pixels >= LEAST_PIXELS and before > 0 else 1.0
        best = min(ratio, key=lambda side: ratio[side])
        return best if ratio[best] < LEAST_GAIN else None

    def _compare(
        self,
        raw: FloatImage,
        clean: FloatImage,
        focused: npt.NDArray[np.bool_],
        through: FloatImage,
    ) -> tuple[float, float, int]:
        """Squared unevenness before and after, and over how many pixels."""
        spread = max(LEAST_SPREAD_PX, SPREAD_RADII * self.blur.growth * 4)
        outside = _local_mean(raw, focused & (through > CLEAR), spread)
        beside = focused & (through > VEILED[0]) & (through < VEILED[1])
        beside &= outside[..., -1] > 0.05
        level = outside[..., :-1]
        inner = 0.25 * spread
        before = _local_mean(raw, beside, inner)[..., :-1] - level
        after = _local_mean(clean, beside, inner)[..., :-1] - level
        scale = level[beside] + np.float32(0.02)
        return (
            float(np.abs(before[beside] / scale).sum()),
            float(np.abs(after[beside] / scale).sum()),
            int(beside.sum()),
        )


def _local_mean(planes: FloatImage, where: npt.NDArray[np.bool_], sigma: float) -> FloatImage:
    """Mean over ``where`` in a window of that spread; the last plane is the share that it holds."""
    import cv2

    mask = where.astype(np.float32)[..., np.newaxis]
    side = 2 * int(np.ceil(1.7 * sigma)) + 1  # a box of the same variance
    sums = cv2.blur(np.concatenate([planes * mask, mask], axis=2), (side, side))
    sums[..., :-1] /= np.maximum(sums[..., -1:], np.float32(1e-6))
    return np.asarray(sums, np.float32)
