"""Frames that are blurred as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from focusstack.steps.align.profile import Profile

BLURRED = 0.75
MIN_SHARE = 0.2
MAX_SHARE = 0.05
TEXTURED_PERCENTILE = 25
SHAKEN = "it is blurred all over, unlike the frames before and after it"


def shaken(profiles: Sequence[Profile], order: Sequence[int]) -> list[int]:
    """Frames in which much of the picture is less sharp than in both neighbours in focus.

    As focus wanders, each part of a picture becomes sharp once and blurred again. So no frame is
    less sharp somewhere than the one before and the one after, unless the camera shook. A frame
    that is in another one's place is sharper than both elsewhere; a shaken one hardly anywhere.

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
        lesser, greater = np.sort(sharp[[k - 1, k + 1]], axis=0)
        textured = lesser > np.percentile(sharp, TEXTURED_PERCENTILE)
        worse = textured & (sharp[k] < BLURRED * lesser)
        better = textured & (sharp[k] > greater)
        count = max(int(textured.sum()), 1)
        if worse.sum() > MIN_SHARE * count and better.sum() < MAX_SHARE * count:
            found.append(order[k])
    return found
