"""Do the frames come in focus order? If not, which order is it?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from focusstack.steps.align.profile import Profile
from focusstack.steps.align.shake import shaken

SHUFFLED = 1.4
MIN_FRAMES = 4
STRANGER = 3.0
SWAPPED = 1.15
"""By how much swapping neighbours back must shorten the path: in order, it makes it longer."""
MIN_BREATHING = 0.01
ABOUT = 1.15
MAX_STARTS = 8
TINY = 1e-9

Path = npt.NDArray[np.int_]


def focus_order(profiles: Sequence[Profile]) -> list[int] | None:
    """The order in which sharpness wanders smoothly through the scene, or None if given in it.

    Frames that are neighbours in focus have similar profiles, so the focus order is a short path
    through them. The order given is kept unless a clearly shorter path exists. A reversed stack
    is in order; the direction nearest to the given one is returned. Frames unlike all others
    (black ones, or of another scene) have no say and come last; where only neighbours have changed
    places, they stay where they are.

    Notes
    -----
    Spectral seriation (Atkins, Boman & Hendrickson 1998, doi:10.1137/S0097539795285771), then
    2-opt and single moves. Blind to stacks of fewer than 4 frames, and to a swap of two neighbours
    that are much more like each other than like the next ones.
    """
    gaps = _distances(np.stack(profiles)) if len(profiles) >= MIN_FRAMES else np.zeros((0, 0))
    usual, strangers = _split(gaps)
    if len(usual) < MIN_FRAMES:
        return None
    gaps = gaps[np.ix_(usual, usual)]
    given = list(range(len(usual)))
    found = _shorter(given, gaps)
    if found is not None:
        return [usual[i] for i in found] + strangers
    # a shaken frame is far from both its neighbours, and can look like one at the wrong place
    odd = shaken(profiles, usual)
    calm = [i for i in given if usual[i] not in odd]
    back = _swapped_back(list(range(len(calm))), gaps[np.ix_(calm, calm)])
    straight = _in_between([usual[calm[i]] for i in back], [*strangers, *odd])
    return None if straight == sorted(straight) else straight


def _shorter(given: list[int], gaps: npt.NDArray[np.float64]) -> list[int] | None:
    """The shortest path found, if it is much shorter than the given one."""
    if _length(given, gaps) <= SHUFFLED * _shortest(gaps):
        return None
    tried = [_improved(start, gaps) for start in _starts(gaps)]
    found = min(tried, key=lambda path: _length(path, gaps))
    if _length(given, gaps) <= SHUFFLED * _length(found, gaps) + TINY:
        return None
    return found[::-1] if np.corrcoef(found, given)[0, 1] < 0 else found


def _swapped_back(path: list[int], gaps: npt.NDArray[np.float64]) -> list[int]:
    """Neighbours change places where that clearly shortens the way in and out."""
    path = list(path)
    for k in range(len(path) - 1):
        before, after = path[k - 1 : k] if k else [], path[k + 2 : k + 3]
        one, other = path[k : k + 2]
        now = sum(gaps[i, one] for i in before) + sum(gaps[other, i] for i in after)
        then = sum(gaps[i, other] for i in before) + sum(gaps[one, i] for i in after)
        if now > SWAPPED * then + TINY:
            path[k : k + 2] = other, one
    return path


def _in_between(path: list[int], others: Sequence[int]) -> list[int]:
    """The path with the others at the places that they had."""
    for i in sorted(others):
        path.insert(i, i)
    return path


def by_magnification(
    order: Sequence[int], scales: Sequence[float | None], profiles: Sequence[Profile]
) -> list[int]:
    """The order by magnification, in the direction of ``order``, where breathing decides.

    Magnification changes steadily with focus, while sharpness is alike at both ends of a stack.
    Where it changes by at least a per cent, and sharpness wanders about as smoothly, it decides.
    Frames without a magnification keep their places. Else the order is left as it is.
    """
    known = [i for i in order if scales[i] is not None]
    logs = {i: float(np.log(scales[i] or 1.0)) for i in known}
    found = sorted(known, key=lambda i: logs[i])
    if len(found) < MIN_FRAMES or logs[found[-1]] - logs[found[0]] < MIN_BREATHING:
        return list(order)
    gaps = _distances(np.stack(profiles))
    if _length(found, gaps) > ABOUT * _length(known, gaps):
        return list(order)
    places = [found.index(i) for i in known]
    if np.corrcoef(places, range(len(places)))[0, 1] < 0:
        found = found[::-1]
    left = iter(found)
    return [i if scales[i] is None else next(left) for i in order]


def _distances(profiles: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Mean absolute difference of log sharpness, softened below a twentieth of what is usual."""
    soft = 0.05 * float(np.median(profiles.max(axis=0))) + TINY
    logs = np.log(profiles.astype(np.float64) + soft)
    return np.array([np.abs(logs - one).mean(axis=1) for one in logs])


def _split(gaps: npt.NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """Frames that have a near neighbour, and those that have none."""
    if len(gaps) == 0:
        return [], []
    nearest = np.sort(gaps, axis=1)[:, 1]
    strange = nearest > STRANGER * np.median(nearest) + TINY
    return [int(i) for i in np.flatnonzero(~strange)], [int(i) for i in np.flatnonzero(strange)]


def _length(order: Sequence[int] | Path, gaps: npt.NDArray[np.float64]) -> float:
    return float(gaps[list(order[:-1]), list(order[1:])].sum())


def _shortest(gaps: npt.NDArray[np.float64]) -> float:
    """No path can be shorter than every frame's gap to its nearest, but for one end."""
    nearest = np.sort(gaps, axis=1)[:, 1]
    return float(nearest.sum() - nearest.max())


def _starts(gaps: npt.NDArray[np.float64]) -> list[list[int]]:
    """Paths to improve: by the spectrum, and from some frames always on to the nearest one left."""
    every = max(1, len(gaps) // MAX_STARTS)
    return [_spectral(gaps), *(_greedy(first, gaps) for first in range(0, len(gaps), every))]


def _greedy(first: int, gaps: npt.NDArray[np.float64]) -> list[int]:
    path, left = [first], set(range(len(gaps))) - {first}
    while left:
        path.append(min(left, key=lambda i: (float(gaps[path[-1], i]), i)))
        left.remove(path[-1])
    return path


def _spectral(gaps: npt.NDArray[np.float64]) -> list[int]:
    nearest = np.sort(gaps, axis=1)[:, 1].mean()
    likeness = np.exp(-((gaps / (2 * nearest + 1e-12)) ** 2))
    laplacian = np.diag(likeness.sum(axis=1)) - likeness
    _, vectors = np.linalg.eigh(laplacian)
    return [int(i) for i in np.argsort(vectors[:, 1], kind="stable")]


def _improved(order: list[int], gaps: npt.NDArray[np.float64]) -> list[int]:
    """Shorten the path until neither turning a stretch round nor moving one frame helps."""
    path, length = np.array(order), np.inf
    while (now := _length(path, gaps)) < length - TINY:
        length = now
        path = _moved(_turned(path, gaps), gaps)
    return [int(k) for k in path]


def _turned(path: Path, gaps: npt.NDArray[np.float64]) -> Path:
    """Turn every stretch round whose turning shortens the path (2-opt), once through."""
    for i in range(len(path) - 1):
        saved = _savings(path, i, gaps)
        j = int(saved.argmax())
        if saved[j] > TINY:
            path[i : i + j + 2] = path[i : i + j + 2][::-1].copy()
    return path


def _savings(path: Path, i: int, gaps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What turning path[i : j + 1] round saves, for each j > i; open ends cost nothing."""
    first, lasts, after = path[i], path[i + 1 :], path[i + 2 :]
    saved = np.zeros(len(lasts))
    saved[:-1] += gaps[lasts[:-1], after] - gaps[first, after]
    if i > 0:
        saved += gaps[path[i - 1], first] - gaps[path[i - 1], lasts]
    return saved


def _moved(path: Path, gaps: npt.NDArray[np.float64]) -> Path:
    """Move every frame to where it fits best, once through."""
    for frame in path.copy():
        rest = path[path != frame]
        to_rest = gaps[frame, rest]
        cost = np.r_[
            to_rest[0], to_rest[:-1] + to_rest[1:] - gaps[rest[:-1], rest[1:]], to_rest[-1]
        ]
        best = np.insert(rest, int(cost.argmin()), frame)
        if _length(best, gaps) < _length(path, gaps) - TINY:
            path = best
    return path
