"""A band of the weighted pyramid, and what its frames are weighed with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack import kernels
from focusstack.model import FloatImage, NoiseModel

COARSEST_SIDE = 8
Mask = npt.NDArray[np.uint8]


@dataclass
class BandState:
    """Rows of one level: the largest score so far, and sums weighted relative to it."""

    peak: FloatImage
    weight: FloatImage
    sums: FloatImage

    @classmethod
    def empty(cls, channels: int, height: int, width: int) -> BandState:
        """Before the first frame."""
        return cls(
            np.zeros((height, width), np.float32),
            np.zeros((height, width), np.float32),
            np.zeros((channels, height, width), np.float32),
        )

    @property
    def parts(self) -> tuple[FloatImage, FloatImage, FloatImage]:
        return self.peak, self.weight, self.sums

    def merge(self, other: BandState, power: int) -> None:
        """Bring both to the larger peak and add the other."""
        peak = np.maximum(self.peak, other.peak)
        safe = np.maximum(peak, np.float32(1e-30))
        keep, add = (self.peak / safe) ** power, (other.peak / safe) ** power
        self.weight[:] = self.weight * keep + other.weight * add
        self.sums[:] = self.sums * keep + other.sums * add
        self.peak[:] = peak


@dataclass(frozen=True)
class Prior:
    """A frame's prior as one level of the pyramid sees it.

    Pixel x of the level lies at ``step * x + offset`` of the plane, ``grid`` being both.
    """

    plane: FloatImage
    grid: tuple[float, float]

    @classmethod
    def of(cls, plane: FloatImage, scale: int) -> Prior:
        """As the finest level sees it, on a grid ``scale`` times coarser."""
        return cls(np.ascontiguousarray(plane), (1 / scale, (1 - scale) / (2 * scale)))

    def coarser(self, threads: int) -> Prior:
        """The same for the next level."""
        step, offset = self.grid
        if step < 1:
            return Prior(self.plane, (2 * step, offset))
        plane = kernels.pyramid_down(self.plane[np.newaxis], threads)[0]
        return Prior(plane, (step, offset / 2))

    def rows(self, first: int, count: int) -> Prior:
        """The same for ``count`` rows of the level from ``first`` on, a whole row of the plane."""
        step, _ = self.grid
        start, end = first * step, -(-(first + count) * step // 1)
        assert start == int(start), "rows must begin with a row of the prior"
        return Prior(self.plane[int(start) : int(end)], self.grid)

    def sampled(self, height: int, width: int) -> FloatImage:
        """Every pixel of the level, from the nearest one of the plane."""
        step, offset = self.grid
        rows, columns = (
            np.clip(np.rint(step * np.arange(size) + offset), 0, last - 1).astype(int)
            for size, last in zip((height, width), self.plane.shape, strict=True)
        )
        return self.plane[np.ix_(rows, columns)]


def level_sizes(height: int, width: int) -> list[tuple[int, int]]:
    """(height, width) of each level; the last, at least 8 px wide or the second, is the base."""
    sizes = [(height, width)]
    while len(sizes) < 2 or min(sizes[-1]) >= 2 * COARSEST_SIDE:
        sizes.append((kernels.half(sizes[-1][0]), kernels.half(sizes[-1][1])))
    return sizes


def coarser_mask(valid: Mask | None) -> Mask | None:
    """Pixels of the next level that were made of valid pixels only."""
    if valid is None:
        return None
    import cv2

    whole = cv2.erode(valid, np.ones((5, 5), np.uint8), borderValue=255)
    return np.ascontiguousarray(whole[::2, ::2])


def noise_scale(noise: NoiseModel, level: int) -> float:
    """Ratio of the noise variance in a band to that in the finest; in the end 1/4 per level."""
    known = noise.gains
    last = min(level, len(known) - 1)
    return float(known[last] / known[0] * 0.25 ** (level - last))


def score_scale(noise: NoiseModel, scale: float) -> float:
    """Makes the score of pure noise about 1; the same for all frames, so it favours none."""
    return float(1 / (4 * np.median(noise.variance) * scale))
