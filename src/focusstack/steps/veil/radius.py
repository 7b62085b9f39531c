"""How fast defocus grows along the stack, fitted to the frames: no lens data needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.veil.model import BlurModel

LADDER = (0.0, 0.4, 0.7, 1.0, 1.4, 1.9, 2.5, 3.3, 4.4)
"""Radii, px, at which the fused picture is blurred to see what that does to its detail."""
JUDGED = (0.9, 3.3)
"""Radii, px, between which one is believed: narrower ones drown in the blur that the fused picture
has itself, of wider ones little detail is left."""
TEXTURED = 10.0
"""Energy, in units of the noise, above which a pixel tells how blurred it is."""
SEEN = 3.0
"""Energy above the noise, in units of it, that a depth range must have left in a frame."""
CLEAR_PX = 20
"""Distance from steps in depth, px of the finest grid."""
FLAT = 1 / 30
"""Of the stack, that depth may change within that distance; and by a frame anyway."""
SAMPLES = 60_000
LEAST_PIXELS = 150
LEAST_DISTANCE = 1.2
"""In frames: nearer ones are hardly more blurred than the fused picture itself."""
LEAST_ROWS = 6
FRAME_SHARE = 1.5
"""The growth changes this much faster with the frame than with the depth: by thin-lens optics it
goes as 1 / (z (s - f)), so 1 at a long distance and 2 at life size."""
PRIOR = 0.1
"""Weight of that, and of no change at all, beside what the frames say of a change."""
ITERATIONS, EXACT = 15, 0.03
"""Rounds of re-weighting, and the relative error below which all radii are alike."""

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Look:
    """The stack on one grid.

    Attributes
    ----------
    factor : how many times coarser than the grid on which radii are wanted
    depth : float32 (h, w)
    blurred : from a radius, px, to the energy of the detail that the fused picture has on this grid
        once it is blurred by such a disk; float32 (h, w), in noise units
    frame : from a position to the energy of that frame's detail, the same way
    """

    factor: int
    depth: FloatImage
    blurred: Callable[[float], FloatImage]
    frame: Callable[[int], FloatImage]


def fit_blur(looks: Iterable[Look], frames: int) -> BlurModel:
    """Fit the growth of defocus from how the detail of flat-lying places fades.

    Returns
    -------
    BlurModel
        With growth 0 when there is too little texture to tell.

    Notes
    -----
    The picture is blurred by a ladder of disks; in each depth range the share of detail that a
    frame has left is looked up in the share that each disk leaves. That tells radii of one to three
    pixels of a grid well, so wider ones are told by coarser grids: with two of them a background
    tells how it is blurred in nearly all frames. Then one robust regression over all grids, ranges
    and frames.
    """
    found = [row for look in looks for row in _rows(look, frames)]
    return _robust_fit(np.array(found, np.float64).reshape(-1, 4), (frames - 1) / 2)


def _rows(look: Look, frames: int) -> Iterator[tuple[float, float, float, float]]:
    """(depth, frame, radius per frame of distance, pixels) of all depth ranges and frames."""
    rungs = [look.blurred(radius) for radius in LADDER]
    where = _samples(look, rungs[0], max(1.0, FLAT * frames))
    depths = look.depth.ravel()[where].astype(np.float64)
    ranges = _Ranges(depths, frames)
    left = np.maximum([ranges.sums(rung.ravel()[where]) for rung in rungs], 1e-3)
    for k in range(frames):
        now = ranges.sums(look.frame(k).ravel()[where]) - ranges.count
        far = ranges.distance(k)
        told = (ranges.count >= LEAST_PIXELS) & (far > LEAST_DISTANCE) & (now > SEEN * ranges.count)
        for of in np.flatnonzero(told):
            share = np.log(left[0, of] / left[:, of])
            radius = float(np.interp(np.log(left[0, of] / now[of]), share, LADDER))
            if JUDGED[0] < radius < JUDGED[1]:
                apart = look.factor * radius / far[of]
                yield float(ranges.depth[of]), float(k), float(apart), float(ranges.count[of])


def _samples(look: Look, detail: FloatImage, most: float) -> npt.NDArray[np.intp]:
    """Indices of textured pixels around which depth changes by ``most`` frames at most."""
    import cv2

    square = np.ones((2 * (CLEAR_PX // look.factor) + 1,) * 2, np.uint8)
    flat = cv2.dilate(look.depth, square) - cv2.erode(look.depth, square) <= most
    found = np.flatnonzero(flat & (detail > TEXTURED))
    return found[:: max(1, len(found) // SAMPLES)]


class _Ranges:
    """Samples put together by the frame that they are nearest to; float64 (frames,) each."""

    def __init__(self, depths: Rows, frames: int) -> None:
        self._frames = frames
        self._nearest = np.clip(np.rint(depths), 0, frames - 1).astype(np.intp)
        self.count = self.sums(np.ones_like(depths))
        each = np.maximum(self.count, 1)
        self.depth = self.sums(depths) / each
        self._square = self.sums(depths * depths) / each
        self._own = self.sums((depths - self._nearest) ** 2) / each

    def sums(self, of: npt.NDArray[np.floating]) -> Rows:
        """Sums of what samples have, range by range."""
        return np.asarray(np.bincount(self._nearest, of, self._frames), np.float64)

    def distance(self, frame: int) -> Rows:
        """From a frame to each range, in frames, beyond what parts the sharpest frame from it: the
        fused picture is blurred by that much already, and squares of radii add up."""
        square = self._square - 2 * frame * self.depth + frame * frame - self._own
        return np.asarray(np.sqrt(np.maximum(square, 0)))


def _robust_fit(rows: Rows, middle: float) -> BlurModel:
    """Least absolute errors of the logarithm by re-weighting; ranges with more pixels count more.

    What the frames do not tell of how the growth changes, thin-lens optics does.
    """
    if len(rows) < LEAST_ROWS:
        return BlurModel(0.0, 0.0, 0.0, middle)
    depth, frame, growth, pixels = rows.T
    wanted = np.log(growth)
    terms = np.stack([np.ones_like(depth), depth - middle, frame - middle], axis=1)
    alike, still = np.array([0, FRAME_SHARE, -1]), np.array([0, 1, 0])
    prior = (PRIOR * middle) ** 2 * (np.outer(alike, alike) + np.outer(still, still))
    found = np.array([np.median(wanted), 0, 0])
    for _ in range(ITERATIONS):
        weight = np.sqrt(pixels) / np.maximum(np.abs(wanted - terms @ found), EXACT)
        weighted = terms.T * weight
        found = np.linalg.solve(weighted @ terms + weight.sum() * prior, weighted @ wanted)
    return BlurModel(float(np.exp(found[0])), float(found[1]), float(found[2]), middle)
