"""Do the frames come in focus order? If not, which order is it?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage

CELLS = (12, 18)
SHUFFLED = 1.5
MIN_FRAMES = 4

Profile = npt.NDArray[np.float32]


def focus_profile(luma: FloatImage) -> Profile:
    """Where a frame is sharp: root mean square of fine detail in 12 x 18 cells, float32 (216,)."""
    import cv2

    detail = cv2.GaussianBlur(luma, (0, 0), 0.8) - cv2.GaussianBlur(luma, (0, 0), 2.0)
    cells = cv2.resize(detail * detail, CELLS[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(np.sqrt(cells), np.float32).ravel()


def focus_order(profiles: Sequence[Profile]) -> list[int] | None:
    """The order in which sharpness wanders smoothly through the scene, or None if given in it.

    Frames that are neighbours in focus have similar profiles, so the focus order is a short path
    through them. The order given is kept unless a path two thirds as long exists. A reversed stack
    is in order; the direction nearest to the given one is returned.

    Notes
    -----
    Spectral seriation (Atkins, Boman & Hendrickson 1998, doi:10.1137/S0097539795285771), then
    2-opt. Blind to a swap of two neighbours, and to stacks of fewer than 4 frames.
    """
    count = len(profiles)
    if count < MIN_FRAMES:
        return None
    gaps = _distances(np.stack(profiles))
    given = list(range(count))
    if _length(given, gaps) <= SHUFFLED * _shortest(gaps):
        return None
    found = _two_opt(_spectral(gaps), gaps)
    if _length(given, gaps) <= SHUFFLED * _length(found, gaps) + 1e-9:
        return None
    return found if np.corrcoef(found, given)[0, 1] >= 0 else found[::-1]


def _distances(profiles: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    relative = profiles / (profiles.max(axis=0, keepdims=True) + 1e-6)
    return np.array([np.abs(relative - p).mean(axis=1) for p in relative], np.float64)


def _length(order: Sequence[int], gaps: npt.NDArray[np.float64]) -> float:
    return float(gaps[list(order[:-1]), list(order[1:])].sum())


def _shortest(gaps: npt.NDArray[np.float64]) -> float:
    """No path can be shorter than every frame's gap to its nearest, but for one end."""
    nearest = np.sort(gaps, axis=1)[:, 1]
    return float(nearest.sum() - nearest.max())


def _spectral(gaps: npt.NDArray[np.float64]) -> list[int]:
    nearest = np.sort(gaps, axis=1)[:, 1].mean()
    likeness = np.exp(-((gaps / (2 * nearest + 1e-12)) ** 2))
    laplacian = np.diag(likeness.sum(axis=1)) - likeness
    _, vectors = np.linalg.eigh(laplacian)
    return [int(i) for i in np.argsort(vectors[:, 1], kind="stable")]


def _two_opt(order: list[int], gaps: npt.NDArray[np.float64]) -> list[int]:
    """Turn stretches round for as long as that shortens the path."""
    path, improved = np.array(order), True
    while improved:
        improved = False
        for i in range(len(path) - 1):
            saved = _savings(path, i, gaps)
            j = int(saved.argmax())
            if saved[j] > 1e-9:
                path[i : i + j + 2] = path[i : i + j + 2][::-1].copy()
                improved = True
    return [int(k) for k in path]


def _savings(
    path: npt.NDArray[np.int_], i: int, gaps: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """What turning path[i : j + 1] round saves, for each j > i; open ends cost nothing."""
    first, lasts = path[i], path[i + 1 :]
    after = path[i + 2 :]
    saved = np.zeros(len(lasts))
    saved[:-1] += gaps[lasts[:-1], after] - gaps[first, after]
    if i > 0:
        saved += gaps[path[i - 1], first] - gaps[path[i - 1], lasts]
    return saved
