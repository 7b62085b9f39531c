"""The dip in light that dust makes; runs in the caller's thread."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from focusstack.kernels import _kernels  # type: ignore[attr-defined]

Maps = npt.NDArray[np.float32]


def descend(
    difference: Maps, share: Maps, x: Maps, y: Maps, dip: npt.NDArray[np.float32], steps: int
) -> npt.NDArray[np.float32]:
    """Least squares for a dip, never above zero, by Nesterov's steps.

    Parameters
    ----------
    difference, share : float32 (P, h, w)
        What pairs of frames differ by at each point, and the share that each pair has in the
        verdict on it.
    x, y : float32 (P, h, w)
        Where in the box, or out of it, the other frame of each pair sees the point.
    dip : float32 (h, w)
        Where to begin; not changed.
    steps : int

    Returns
    -------
    float32 (h, w)
        A pair should differ by the dip at the point less the dip where the other frame sees it,
        linear between pixels and 0 outside the box.

    References
    ----------
    Nesterov 1983; Beck & Teboulle 2009, doi:10.1137/080716542.
    """
    found = np.array(dip, np.float32, order="C")
    maps = (np.ascontiguousarray(m, np.float32) for m in (difference, share, x, y))
    _kernels.descend(*maps, found, steps)
    return found
