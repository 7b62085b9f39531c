"""A place on the sensor in every frame, beside the same points of the subject in the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage, Transform
from focusstack.transform import apply

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

    points, shape = box.points(), (box.height, box.width)
    here = [log[box.y : box.y + box.height, box.x : box.x + box.width] for log in logs]
    differences, known, maps, first = [], [], [], []
    for k in range(len(logs)):
        for j in range(len(logs)):
            if j == k:
                continue
            there = apply(np.linalg.inv(places[j]) @ places[k], points).astype(np.float32)
            x, y = there[:, 0].reshape(shape), there[:, 1].reshape(shape)
            seen = cv2.remap(logs[j], x, y, cv2.INTER_LINEAR, borderValue=OUTSIDE)
            reached = seen < OUTSIDE / 9
            differences.append(np.where(reached, here[k] - seen, np.float32(0)))
            known.append(reached)
            maps.append((x - box.x, y - box.y))
            first.append(k)
    return Pairs(
        np.stack(differences),
        np.stack(known),
        np.concatenate([x for x, _ in maps]),
        np.concatenate([y for _, y in maps]),
        np.array(first, np.int64),
    )
