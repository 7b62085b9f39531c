"""A place on the sensor in every frame, beside the same points of the subject in the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage, Transform

MARGIN = 5
OUTSIDE = 99.0


@dataclass(frozen=True)
class Box:
    """Pixels x .. x + width - 1, y .. y + height - 1 of a frame."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def around(cls, x: float, y: float, radius: float, shape: tuple[int, ...]) -> Box:
        """The box around a disc, with a margin, within a frame of ``shape``."""
        reach = radius + MARGIN
        left, top = max(0, round(x - reach)), max(0, round(y - reach))
        right, bottom = min(shape[1], round(x + reach) + 1), min(shape[0], round(y + reach) + 1)
        return cls(left, top, right - left, bottom - top)

    def points(self) -> npt.NDArray[np.float64]:
        """Its pixels as (x, y), float64 (h * w, 2), row by row."""
        rows, columns = np.mgrid[: self.height, : self.width]
        return np.stack([columns.ravel() + self.x, rows.ravel() + self.y], 1).astype(np.float64)

    def disc(self, x: float, y: float, radius: float) -> npt.NDArray[np.bool_]:
        """Where it lies within ``radius`` of a point, bool (h, w)."""
        away = np.hypot(*(self.points() - (x, y)).T)
        return np.asarray(away <= radius).reshape(self.height, self.width)


@dataclass(frozen=True)
class Pairs:
    """Every frame beside every other.

    Attributes
    ----------
    difference : float32 (P, h, w)
        Log light of the one frame less that of the other; 0 where the other does not reach.
    known : bool (P, h, w)
    x, y : float32 (P * h, w)
        Where in the box, or out of it, the other frame sees each point.
    first : int64 (P,)
        Which frame is the one.
    """

    difference: FloatImage
    known: npt.NDArray[np.bool_]
    x: FloatImage
    y: FloatImage
    first: npt.NDArray[np.int64]

    def lost(self, dip: FloatImage) -> FloatImage:
        """What differs if the dust is ``dip`` (h, w): the dip here less that there, (P, h, w)."""
        import cv2

        there = cv2.remap(dip, self.x, self.y, cv2.INTER_LINEAR, borderValue=0)
        return np.asarray(dip - there.reshape(self.difference.shape), np.float32)


def look_at(logs: Sequence[FloatImage], places: Sequence[Transform], box: Box) -> Pairs:
    """Pair up the frames in a box.

    Parameters
    ----------
    logs : log light of the frames, float32 (h, w)
    places : per frame, reference_from_frame of these frames
    """
    import cv2

    count, shape = len(logs), (box.height, box.width)
    here = np.stack([log[box.y : box.y + box.height, box.x : box.x + box.width] for log in logs])
    points = np.c_[box.points(), np.ones(box.height * box.width)].T
    moved = np.stack([place @ points for place in places])
    differences = np.empty((count, count - 1, *shape), np.float32)
    known = np.empty(differences.shape, np.bool_)
    maps = np.empty((2, count, count - 1, *shape), np.float32)
    for j in range(count):
        x, y, w = np.moveaxis(np.linalg.inv(places[j]) @ np.delete(moved, j, axis=0), 1, 0)
        there = (np.stack([x, y]) / w).astype(np.float32).reshape(2, (count - 1) * shape[0], -1)
        seen = cv2.remap(logs[j], there[0], there[1], cv2.INTER_LINEAR, borderValue=OUTSIDE)
        seen = seen.reshape(count - 1, *shape)
        others = np.array([k for k in range(count) if k != j])
        at = others, np.where(others > j, j, j - 1)
        known[at] = seen < OUTSIDE / 9
        differences[at] = np.where(known[at], here[others] - seen, np.float32(0))
        maps[(slice(None), *at)] = there.reshape(2, count - 1, *shape)
    rows = count * (count - 1) * shape[0]
    return Pairs(
        differences.reshape(-1, *shape),
        known.reshape(-1, *shape),
        maps[0].reshape(rows, -1) - np.float32(box.x),
        maps[1].reshape(rows, -1) - np.float32(box.y),
        np.repeat(np.arange(count), count - 1),
    )
