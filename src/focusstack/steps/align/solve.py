"""All pairs together -> one transform per frame, by sparse-structured least squares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from focusstack.model import Transform
from focusstack.steps.align.pair import Pair
from focusstack.transform import displacement

OUTLIER_PX = 2.0
EVERYWHERE = 0.02


def connected(pairs: Sequence[Pair], count: int) -> list[set[int]]:
    """Groups of frames that pairs link together, largest first (ties: lowest frame first)."""
    groups: list[set[int]] = [{i} for i in range(count)]
    for pair in pairs:
        a = next(g for g in groups if pair.fixed in g)
        b = next(g for g in groups if pair.moving in g)
        if a is not b:
            a |= b
            groups.remove(b)
    return sorted(groups, key=lambda g: (-len(g), min(g)))


def solve(
    pairs: Sequence[Pair], members: Sequence[int], anchor: int, width: int, height: int
) -> dict[int, Transform]:
    """Transforms ``anchor_from_frame`` that agree best with all pairs.

    The rows of each affine transform enter linearly: X_moving = X_fixed @ fixed_from_moving.
    Coordinates are centred and scaled first so that all six parameters weigh alike. Pairs that end
    up more than 2 px off are dropped, unless that breaks the chain, and it is solved again.

    Parameters
    ----------
    pairs : sequence of Pair, affine, linking all members
    members : frames to place
    anchor : the frame that stays where it is
    width, height : of the frames, px

    Returns
    -------
    dict frame -> 3x3. O(pairs * frames^2) time.
    """
    scale = np.array(
        [
            [max(width, height) / 2, 0, (width - 1) / 2],
            [0, max(width, height) / 2, (height - 1) / 2],
            [0, 0, 1],
        ]
    )
    found = _least_squares(pairs, members, anchor, scale)
    kept = [p for p in pairs if _misfit(p, found, width, height) <= OUTLIER_PX]
    if len(kept) < len(pairs) and len(connected(kept, max(members) + 1)[0]) == len(members):
        found = _least_squares(kept, members, anchor, scale)
    return found


def _misfit(pair: Pair, found: dict[int, Transform], width: int, height: int) -> float:
    """How far the pair and the solution disagree, at the corner where they do so most; px."""
    chained = found[pair.fixed] @ pair.motion.fixed_from_moving
    return float(displacement(found[pair.moving], chained, width, height).max())


def _least_squares(
    pairs: Sequence[Pair], members: Sequence[int], anchor: int, scale: Transform
) -> dict[int, Transform]:
    column = {frame: 3 * k for k, frame in enumerate(sorted(members))}
    normal = np.zeros((3 * len(column), 3 * len(column)))
    right = np.zeros((3 * len(column), 2))
    for pair in pairs:
        step = np.linalg.inv(scale) @ pair.motion.fixed_from_moving @ scale
        weight = _weight(pair, scale)
        _add_equation(normal, column[pair.fixed], column[pair.moving], step, weight)
    a = column[anchor]
    fixed = np.zeros(len(normal), bool)
    fixed[a : a + 3] = True
    right[~fixed] = -normal[np.ix_(~fixed, fixed)] @ np.eye(3)[:, :2]
    rows: npt.NDArray[np.float64] = np.zeros_like(right)
    rows[a : a + 3] = np.eye(3)[:, :2]
    if (~fixed).any():
        rows[~fixed] = np.linalg.solve(normal[np.ix_(~fixed, ~fixed)], right[~fixed])
    back = np.linalg.inv(scale)
    return {f: scale @ np.vstack([rows[c : c + 3].T, [0, 0, 1]]) @ back for f, c in column.items()}


def _weight(pair: Pair, scale: Transform) -> Transform:
    """The pair's certainty on points of the moving frame, and a little of it everywhere else."""
    into = np.linalg.inv(pair.motion.fixed_from_moving @ scale)
    weight = pair.weight * into @ pair.motion.certainty @ into.T
    return np.asarray(weight + EVERYWHERE * np.trace(weight) * np.eye(3))


def _add_equation(normal: Transform, i: int, j: int, step: Transform, weight: Transform) -> None:
    """Normal equations of x_j - step^T x_i = 0, the rows of both transforms sharing one matrix."""
    both = np.hstack([-step.T, np.eye(3)])
    block = both.T @ weight @ both
    at = np.r_[i : i + 3, j : j + 3]
    normal[np.ix_(at, at)] += block
