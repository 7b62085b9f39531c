"""How dark a suspected spot is, and whether it is dust at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.kernels import dust
from focusstack.model import FloatImage, Transform
from focusstack.steps.clean.defects import Dust
from focusstack.steps.clean.pairs import Box, Pairs, look_at
from focusstack.steps.clean.suspects import Suspect

WINDOW = 9
MAX_RIM, RIM_WIDTH = 0.1, 5
NOISE = 1e-5
RIM_SHARE, RIM_PX, MIN_RADIUS, MAX_RADIUS = 0.3, 2.5, 4.0, 16.0
MIN_DIP = 0.02
MIN_EXPLAINED, MIN_CONTRAST = 0.35, 0.005
SMALL_SPREAD, MAX_SPREAD, SPREAD_COSTS = 0.05, 0.1, 3.0
DARKEST, STILL_CONTRAST, DARKEST_STILL = -0.9, 0.1, -0.6
SCREEN_FRAMES, SCREEN_STEPS, SCREEN_EXPLAINED = 5, 16, 0.2
FRAMES, ROUNDS, STEPS = 8, 2, 30

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Evidence:
    """How well a dip explains what differs between frames.

    Attributes
    ----------
    explained : float
        Share of the weighted squared differences.
    contrast : float
        Share of the dip that shows in the differences; little where the subject hardly moves.
    spread : float
        Standard deviation over the frames of how strong the dip is in each; the mean is about 1.
    darkest : float
        The lowest value of the dip.
    rim : float
        The median near the rim of where it was looked for, as a share of ``darkest``.
    """

    explained: float
    contrast: float
    spread: float

    darkest: float
    rim: float

    @property
    def strong(self) -> bool:
        """Whether it is dust beyond doubt.

        The more the frames disagree, the more must be explained. Where the subject hardly moves,
        deep dips are not believed: the edges of a subject make them, dust seldom does.
        """
        doubt = max(0.0, self.spread - SMALL_SPREAD)
        limit = DARKEST if self.contrast > STILL_CONTRAST else DARKEST_STILL
        return (
            self.explained > MIN_EXPLAINED + SPREAD_COSTS * doubt
            and self.contrast > MIN_CONTRAST
            and self.spread < MAX_SPREAD
            and self.darkest > limit
            and self.rim < MAX_RIM
        )


def fit_spot(
    logs: Sequence[FloatImage], places: Sequence[Transform], suspect: Suspect
) -> Dust | None:
    """The dip at a suspected place, or None if it is not dust.

    Parameters
    ----------
    logs : log light of the frames, float32 (h, w)
    places : per frame, reference_from_frame of these frames
    suspect : where to look

    Returns
    -------
    Dust or None
        In pixels of these frames.
    """
    some, more = _few(len(logs), SCREEN_FRAMES), _few(len(logs), FRAMES)
    quick = _fit([logs[k] for k in some], [places[k] for k in some], suspect, 1, SCREEN_STEPS)
    if quick is None or quick[1].explained < SCREEN_EXPLAINED:
        return None
    suspect = _narrowed(quick[0])
    if suspect.radius > MAX_RADIUS:
        return None
    fitted = _fit([logs[k] for k in more], [places[k] for k in more], suspect, ROUNDS, STEPS)
    return fitted[0] if fitted is not None and fitted[1].strong else None


def _few(count: int, wanted: int) -> list[int]:
    return sorted({round(k) for k in np.linspace(0, count - 1, min(wanted, count))})


def _fit(
    logs: Sequence[FloatImage],
    places: Sequence[Transform],
    suspect: Suspect,
    rounds: int,
    steps: int,
) -> tuple[Dust, Evidence] | None:
    """The dip within the suspect's radius, and how good it is; None if there is hardly any."""
    box = Box.around(suspect.x, suspect.y, min(suspect.radius, MAX_RADIUS), logs[0].shape)
    pairs = look_at(logs, places, box)
    inside = box.disc(suspect.x, suspect.y, min(suspect.radius, MAX_RADIUS))
    dip = np.zeros(inside.shape, np.float32)
    difference = pairs.difference
    for _ in range(rounds):
        difference = _levelled(pairs, dip, inside)
        weight = _weights(pairs, difference - pairs.lost(dip))
        dip = _descend(pairs, difference, weight, inside, dip, steps)
    if dip.min() > -MIN_DIP:
        return None
    return Dust(box.x, box.y, dip), _evidence(pairs, difference, dip, inside)


def _levelled(pairs: Pairs, dip: FloatImage, inside: Mask) -> FloatImage:
    """The differences without what exposure and vignetting make: none around the spot."""
    rest = (pairs.difference - pairs.lost(dip)) * pairs.known
    around = pairs.known & ~inside
    count = np.maximum(around.sum(axis=(1, 2)), 1)
    offset = (rest * around).sum(axis=(1, 2)) / count
    return np.asarray(pairs.difference - offset[:, None, None], np.float32) * pairs.known


def _weights(pairs: Pairs, rest: FloatImage) -> FloatImage:
    """How far each pair is to be trusted at each pixel: the inverse of what it leaves open."""
    import cv2

    energy = np.stack([cv2.blur(r * r, (WINDOW, WINDOW)) for r in rest])
    return np.asarray(pairs.known / (energy + NOISE), np.float32)


def _descend(
    pairs: Pairs,
    difference: FloatImage,
    weight: FloatImage,
    inside: Mask,
    dip: FloatImage,
    steps: int,
) -> FloatImage:
    """Weighted least squares for the dip, zero outside and never above zero (Nesterov's steps).

    Each pair comes in both orders, so the mean of what is missing here is half the gradient.
    """
    share = weight * inside / np.maximum(weight.sum(axis=0), 1e-9)
    x, y = (axis.reshape(difference.shape) for axis in (pairs.x, pairs.y))
    return dust.descend(difference, share, x, y, dip, steps)


def _evidence(pairs: Pairs, difference: FloatImage, dip: FloatImage, inside: Mask) -> Evidence:
    import cv2

    lost = pairs.lost(dip)
    weight = _weights(pairs, difference) * (dip < 0.3 * dip.min())
    explained = 1 - _energy(weight, difference - lost) / _energy(weight, difference)
    contrast = _energy(weight, lost) / _energy(weight, np.broadcast_to(dip, lost.shape))
    trust = _weights(pairs, difference - lost)
    both = (trust * difference * lost).sum(axis=(1, 2))
    alone = (trust * lost * lost).sum(axis=(1, 2))
    frames = range(int(pairs.first.max()) + 1)
    strengths = [
        both[pairs.first == k].sum() / (alone[pairs.first == k].sum() + 1e-9) for k in frames
    ]
    core = cv2.erode(inside.astype(np.uint8), np.ones((RIM_WIDTH, RIM_WIDTH), np.uint8))
    rim = float(np.median(dip[inside & (core == 0)])) / float(dip.min())
    return Evidence(explained, contrast, float(np.std(strengths)), float(dip.min()), rim)


def _energy(weight: FloatImage, values: FloatImage) -> float:
    return float((weight * values * values).sum(dtype=np.float64)) + 1e-9


def _narrowed(spot: Dust) -> Suspect:
    """Around what is a spot in one piece with the darkest pixel."""
    import cv2

    _, labels = cv2.connectedComponents((spot.dip < RIM_SHARE * spot.dip.min()).astype(np.uint8))
    darkest = np.unravel_index(np.argmin(spot.dip), spot.dip.shape)
    rows, columns = np.nonzero(labels == labels[darkest])
    x, y = (columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2
    radius = float(np.hypot(columns - x, rows - y).max()) + RIM_PX
    return Suspect(float(spot.x + x), float(spot.y + y), max(radius, MIN_RADIUS))
