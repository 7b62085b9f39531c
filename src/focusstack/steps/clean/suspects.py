"""Where dust might be: places that are darker than the subject there, as other frames see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from focusstack.model import FloatImage, Transform
from focusstack.transform import full_from_reduced

SMOOTH, WIDE = 1.0, 16.0
WINDOW = 15
MIN_DIP = 0.006
MIN_Z = 4.0
MIN_SEEN = 0.5
MAX_SUSPECTS = 64
EDGE = 1
OUTSIDE = 99.0


@dataclass(frozen=True)
class Suspect:
    """Centre and radius of a place to look at, in px of the reduced frames."""

    x: float
    y: float
    radius: float


def find_suspects(logs: Sequence[FloatImage], places: Sequence[Transform]) -> list[Suspect]:
    """Places that are darker than they should be in most frames alike, the surest first.

    Parameters
    ----------
    logs : log light, float32 (h, w)
    places : per frame, reference_from_frame of these reduced frames

    Returns
    -------
    At most 64; most of them are subject in the end.
    """
    import cv2

    size = max(1, logs[0].shape[1] // 2), max(1, logs[0].shape[0] // 2)
    halves = [cv2.resize(log, size, interpolation=cv2.INTER_AREA) for log in logs]
    half = full_from_reduced(2)
    moves = [np.linalg.inv(half) @ place @ half for place in places]
    dip, z = _common_dip([_detail(h) for h in halves], moves)
    return _peaks(dip, z)


def _detail(log: FloatImage) -> FloatImage:
    import cv2

    fine = cv2.GaussianBlur(log, (0, 0), SMOOTH)
    return np.asarray(fine - cv2.GaussianBlur(fine, (0, 0), WIDE), np.float32)


def _common_dip(
    details: Sequence[FloatImage], places: Sequence[Transform]
) -> tuple[FloatImage, FloatImage]:
    """Weighted mean over the frames of what each lacks beside the others, and its z score."""
    total, square, weight, seen = (np.zeros(details[0].shape, np.float32) for _ in range(4))
    for k in range(len(details)):
        lack, known = _beside_others(k, details, places)
        w = known * _trust(lack)
        total += w * lack
        square += w * lack * lack
        weight += w
        seen += known
    mean = total / np.maximum(weight, 1e-9)
    spread = np.maximum(square / np.maximum(weight, 1e-9) - mean * mean, 1e-6)
    z = mean / np.sqrt(spread / np.float32(len(details)))
    z[seen < MIN_SEEN * len(details)] = 0
    return np.asarray(mean, np.float32), np.asarray(z, np.float32)


def _beside_others(
    k: int, details: Sequence[FloatImage], places: Sequence[Transform]
) -> tuple[FloatImage, FloatImage]:
    """Frame k less what the others see at the same points of the subject, and where they do."""
    import cv2

    total, weight = (np.zeros(details[k].shape, np.float32) for _ in range(2))
    size = details[k].shape[::-1]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for j, other in enumerate(details):
        if j == k:
            continue
        move = np.linalg.inv(places[j]) @ places[k]
        moved = cv2.warpPerspective(other, move, size, flags=flags, borderValue=OUTSIDE)
        known = moved < OUTSIDE / 9
        difference = np.where(known, details[k] - moved, np.float32(0))
        w = known * _trust(difference)
        total += w * difference
        weight += w
    lack = np.asarray(total / np.maximum(weight, np.float32(1e-9)), np.float32)
    return lack, (weight > 0).astype(np.float32)


def _trust(difference: FloatImage) -> FloatImage:
    import cv2

    return np.asarray(1 / (cv2.blur(difference * difference, (WINDOW, WINDOW)) + 1e-4), np.float32)


def _peaks(dip: FloatImage, z: FloatImage) -> list[Suspect]:
    import cv2

    dark = ((dip < -MIN_DIP) & (z < -MIN_Z)).astype(np.uint8)
    dark[:EDGE] = dark[-EDGE:] = dark[:, :EDGE] = dark[:, -EDGE:] = 0
    count, labels, boxes, centres = cv2.connectedComponentsWithStats(dark)
    lowest = np.zeros(count)
    np.minimum.at(lowest, labels.ravel(), np.where(dark, z, 0).ravel())
    lowest[boxes[:, cv2.CC_STAT_AREA] < 2] = 0
    lowest[0] = 0
    chosen = [int(i) for i in np.argsort(lowest)[:MAX_SUSPECTS] if lowest[i] < 0]
    sides = boxes[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].max(axis=1)
    return [
        Suspect(2 * float(centres[i, 0]) + 0.5, 2 * float(centres[i, 1]) + 0.5, 1.6 * sides[i] + 5)
        for i in chosen
    ]
