"""Where near things end: their borders in depth drawn in to where their colours end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.depth.guided import Colour

STEP_FRAMES = 1.5
REACH = 4
"""How far, px, a border may lie beyond the thing itself in one round."""
ROUNDS = 2
WINDOW = 13
"""Side, px, of the window in which either side's colours are gathered."""
SOFTNESS = 1e-3
"""Variance of colour that either side may have in any case."""
LIKELIER = 1.0
"""Twice the logarithm of how much likelier the far side's colours must be."""
LEAST_SHARE = 0.02
"""Of the window that either side must fill."""
TILE, MARGIN = 256, ROUNDS * (REACH + WINDOW // 2 + 2)
"""Side, px, of what is done at a time, and how far what is around them bears on them."""

Flags = npt.NDArray[np.bool_]
Tile = tuple[slice, slice]


def draw_in(depth: FloatImage, picture: Colour, real: Flags, near_first: bool) -> FloatImage:
    """Give what looks like the far side of a step in depth to the far side.

    An edge's energy reaches some pixels beyond it, so that near things come out too wide. A pixel
    beside a step belongs to the far side if its colour is likelier among those of the far side
    nearby than among those of the near one, both taken to be normally distributed.

    Parameters
    ----------
    depth : float32 (H, W), no NaN
    picture : float32 (H, W, 3), 0..1, all in focus
    real : bool (H, W)
        Beside which steps this is done.
    near_first : bool
        Whether low positions are near.

    Returns
    -------
    float32 (H, W)
        ``depth`` where nothing changes; that is not changed itself.

    Notes
    -----
    Where both sides have one colour nothing changes. Cost: twelve box filters a round where there
    are steps; done in tiles, of which nothing shows.
    """
    toward = np.float32(1 if near_first else -1)
    drawn_in = depth.copy()
    for tile, around, inner in _tiles(depth.shape):
        far_up = depth[around] * toward
        for _ in range(ROUNDS):
            far_up = _drawn_in_once(far_up, picture[around], real[around])
        drawn_in[tile] = far_up[inner] * toward
    return drawn_in


def _tiles(shape: tuple[int, ...]) -> Iterator[tuple[Tile, Tile, Tile]]:
    """Tiles, what bears on each, and where in that it lies."""
    for y in range(0, shape[0], TILE):
        for x in range(0, shape[1], TILE):
            top, left = max(0, y - MARGIN), max(0, x - MARGIN)
            tile = slice(y, y + TILE), slice(x, x + TILE)
            around = slice(top, y + TILE + MARGIN), slice(left, x + TILE + MARGIN)
            inner = slice(y - top, y - top + TILE), slice(x - left, x - left + TILE)
            yield tile, around, inner


def _drawn_in_once(depth: FloatImage, picture: Colour, real: Flags) -> FloatImage:
    """One round, where larger depths are farther."""
    import cv2

    window = np.ones((2 * REACH + 1,) * 2, np.uint8)
    low, high = cv2.erode(depth, window), cv2.dilate(depth, window)
    beside = ((high - low) > STEP_FRAMES) & real
    near = beside & (depth < (low + high) / 2)
    far = beside & ~near
    if not near.any():
        return depth
    at = np.nonzero(near)
    colours = cv2.split(picture)
    looks = [*colours, np.sum([plane * plane for plane in colours], axis=0), depth]
    one, other = (_Side(part, looks, at) for part in (_core(near), _core(far)))
    colour = picture[at]
    wins = one.unlikeliness(colour) - other.unlikeliness(colour) > LIKELIER
    wins &= (one.share > LEAST_SHARE) & (other.share > LEAST_SHARE)
    changed = depth.copy()
    changed[at] = np.where(wins, other.depth, depth[at])
    return changed


def _core(side: Flags) -> FloatImage:
    """A side without its rim, where colours are mixed; 0 or 1."""
    import cv2

    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return np.asarray(cv2.erode(side.astype(np.float32), cross), np.float32)


class _Side:
    """Colours and depth around some pixels, of those nearby that belong to one side of a step.

    ``looks`` are planes, (H, W): three colours, the sum of their squares, and the depth.
    """

    def __init__(
        self,
        weight: FloatImage,
        looks: Sequence[FloatImage],
        at: tuple[npt.NDArray[np.intp], ...],
    ) -> None:
        import cv2

        def around(plane: FloatImage) -> FloatImage:
            return np.asarray(cv2.blur(plane, (WINDOW, WINDOW))[at], np.float32)

        self.share = around(weight)
        all_of = np.maximum(self.share, np.float32(1e-6))
        *colours, square, self.depth = (around(plane * weight) / all_of for plane in looks)
        self._mean = np.stack(colours, axis=1)
        spread = square - (self._mean**2).sum(axis=1)
        self._variance = np.maximum(spread / 3, 0) + np.float32(SOFTNESS)

    def unlikeliness(self, colour: FloatImage) -> FloatImage:
        """Minus twice the log-likelihood of colours, float32 (N, 3), but for a constant."""
        squares = ((colour - self._mean) ** 2).sum(axis=1)
        return np.asarray(squares / self._variance + 3 * np.log(self._variance), np.float32)
