"""Frames that are blurred as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from focusstack.steps.align.order import Profile

BLURRED = 0.75
MIN_SHARE = 0.3
TEXTURED_PERCENTILE = 25
SHAKEN = "it is blurred all over, unlike the frames before and after it"


def shaken(profiles: Sequence[Profile], order: Sequence[int]) -> list[int]:
    """Frames in which much of the picture is less sharp than in both neighbours in focus.

    As focus wanders, each part of a picture becomes sharp once and blurred again. So no frame is
    less sharp somewhere than the one before and the one after, unless the camera shook.

    Parameters
    ----------
    profiles : per frame where it is sharp, see :func:`focus_profile`
    order : frame indices in focus order

    Returns
    -------
    list of int
        Never the first or the last frame, which have but one neighbour.
    """
    sharp = np.stack([profiles[i] for i in order])
    found = []
    for k in range(1, len(order) - 1):
        lesser = np.minimum(sharp[k - 1], sharp[k + 1])
        textured = lesser > np.percentile(sharp, TEXTURED_PERCENTILE)
        worse = textured & (sharp[k] < BLURRED * lesser)
        if worse.sum() > MIN_SHARE * max(int(textured.sum()), 1):
            found.append(order[k])
    return found
