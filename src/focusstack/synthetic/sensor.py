"""From linear light to numbers in a file: exposure, noise, defects, encoding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.colour import srgb_encode
from focusstack.model import FloatImage, Pixels

FULL_WELL = 40000.0
"""Electrons that make white at ISO 100."""
READ_NOISE = 4.0
"""Standard deviation of the read noise in electrons."""


@dataclass(frozen=True)
class Sensor:
    """What a camera adds to the light.

    Parameters
    ----------
    iso : float
        Sensitivity; 0 means no noise at all. See :func:`noise_sigma`.
    dust, hot_pixels : int
        Number of soft dark spots and of bright pixels, the same in all frames.
    vignette : float
        Loss of light in the corners, 0..1.
    bits : {8, 16}
    seed : int
    """

    iso: float
    dust: int
    hot_pixels: int
    vignette: float
    bits: int
    seed: int

    def expose(
        self, linear: FloatImage, first_row: int, height: int, rng: np.random.Generator
    ) -> Pixels:
        """Turn rows of linear light, (rows, width, channels), into uint8 or uint16.

        ``first_row`` is where the rows lie in a frame of ``height`` rows; ``linear`` is
        overwritten.
        """
        rows, width, channels = linear.shape
        lines = np.arange(first_row, first_row + rows, dtype=np.float32)[:, None]
        columns = np.arange(width, dtype=np.float32)[None, :]
        if self.vignette or self.dust:
            linear *= self._shade(columns, lines, width, height)[..., None]
        if self.iso > 0:
            sigma = noise_sigma(linear, self.iso)
            linear += sigma * rng.standard_normal(linear.shape, dtype=np.float32)
        for x, y, channel, level in self.hot_spots(width, height, channels):
            if first_row <= y < first_row + rows:
                linear[y - first_row, x, channel] = max(level, linear[y - first_row, x, channel])
        top = 255 if self.bits == 8 else 65535
        encoded = srgb_encode(np.clip(linear, 0, 1)) * np.float32(top) + np.float32(0.5)
        return encoded.astype(np.uint8 if self.bits == 8 else np.uint16)

    def _shade(self, columns: FloatImage, lines: FloatImage, width: int, height: int) -> FloatImage:
        dx, dy = columns - (width - 1) / 2, lines - (height - 1) / 2
        square = (dx * dx + dy * dy) / (((width / 2) ** 2 + (height / 2) ** 2) or 1)
        light = 1 - np.float32(self.vignette) * square * square
        for x, y, size, depth in self.dust_spots(width, height):
            square = ((columns - x) ** 2 + (lines - y) ** 2) / (size * size)
            light = light * (1 - depth * np.exp(-square * square))
        return np.asarray(light, np.float32)

    def dust_spots(self, width: int, height: int) -> list[tuple[float, float, float, float]]:
        """Where dust lies on a sensor of that size: x, y, size in px, and share of light taken.

        At distance r the light is ``1 - share * exp(-(r / size)**4)`` of what it was.
        """
        rng = np.random.default_rng([self.seed, 1002])
        spots = []
        for _ in range(self.dust):
            x, y = rng.uniform(0, width), rng.uniform(0, height)
            size = rng.uniform(0.003, 0.01) * max(width, height) + 0.5
            spots.append((x, y, size, rng.uniform(0.1, 0.4)))
        return spots

    def hot_spots(
        self, width: int, height: int, channels: int
    ) -> list[tuple[int, int, int, float]]:
        """Hot pixels on a sensor of that size: x, y, channel, and the least light they show."""
        rng = np.random.default_rng([self.seed, 1003])
        spots = []
        for _ in range(self.hot_pixels):
            x, y = int(rng.integers(width)), int(rng.integers(height))
            spots.append((x, y, int(rng.integers(channels)), float(rng.uniform(0.5, 1.0))))
        return spots


def noise_sigma(linear: FloatImage, iso: float) -> FloatImage:
    """Standard deviation of shot and read noise, in linear light where white is 1.

    ``sqrt(linear / N + (READ_NOISE / N)**2)`` with ``N = FULL_WELL * 100 / iso`` electrons.
    """
    white = np.float32(FULL_WELL * 100 / iso)
    electrons = np.maximum(linear, 0) * white + np.float32(READ_NOISE**2)
    return np.asarray(np.sqrt(electrons) / white, np.float32)


def exposure_gains(
    frames: int, flicker: float, white_balance: float, seed: int
) -> npt.NDArray[np.float64]:
    """Gain per frame and channel in linear light, float64, (frames, 3).

    Flicker is independent from frame to frame, within ``1 +- flicker``. The colour wanders within
    about ``1 +- white_balance``. The reference frame, ``frames // 2``, gets 1 exactly.
    """
    rng = np.random.default_rng([seed, 1004])
    exposure = 1 + flicker * rng.uniform(-1, 1, (frames, 1))
    colour = np.cumsum(rng.standard_normal((frames, 3)), axis=0)
    colour -= colour[frames // 2]
    colour -= colour.mean(axis=1, keepdims=True)
    largest = np.abs(colour).max()
    colour = 1 + white_balance * (colour / largest if largest > 0 else colour)
    exposure[frames // 2] = 1
    return np.asarray(exposure * colour, np.float64)
