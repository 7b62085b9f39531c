"""Dust: spots that darken the same place of the sensor in every frame.

With L_k the logarithm of frame k's light, S the subject and D the dust, L_k(x) = S(T_k x) + D(x),
so two frames k and j that see the same point of the subject at x and x' = T_j^-1 T_k x differ by
D(x) - D(x'). All pairs together give D (Kuhn, Lin & Loranz 1991, doi:10.1086/132932). Defocus
differs too, so pairs count by how well they agree, and only what explains most of the differences
is believed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from focusstack.colour import luma_of, srgb_decode, white
from focusstack.model import FloatImage, Pixels, Transform
from focusstack.steps.clean.defects import Dust
from focusstack.steps.clean.fit import fit_spot
from focusstack.steps.clean.suspects import find_suspects
from focusstack.transform import full_from_reduced

DARKEST = 0.002
PATIENCE, PATIENCE_PER_SPOT = 24, 2
"""How many suspects in a row may be none, to begin with and more for every spot that was dust."""


def log_luma(pixels: Pixels) -> FloatImage:
    """Logarithm of the light of a (reduced) frame, float32 (h, w)."""
    if pixels.dtype == np.float32:
        light = srgb_decode(np.maximum(pixels, 0))
    else:
        top = int(white(pixels.dtype))
        light = srgb_decode(np.arange(top + 1, dtype=np.float32) / np.float32(top))[pixels]
    return np.asarray(
        np.log(luma_of(light.astype(np.float32, copy=False)) + np.float32(DARKEST)), np.float32
    )


def find_dust(logs: Sequence[FloatImage], places: Sequence[Transform], scale: int) -> list[Dust]:
    """Spots of dust, at full size.

    Parameters
    ----------
    logs : log light of a few frames, reduced by ``scale``, float32 (h, w); spots are taken out of
        them as they are found
    places : per frame, reference_from_frame at full size
    scale : int

    Notes
    -----
    Cost: about K^2 warps of quarter-size maps to search, and a few ms per suspect, of which there
    are at most 64. They come the surest first: where many in a row are none, the rest is let be.
    """
    reduce = full_from_reduced(scale)
    reduced = [np.linalg.inv(reduce) @ place @ reduce for place in places]
    found: list[Dust] = []
    in_vain = 0
    for suspect in find_suspects(logs, reduced):
        if in_vain > PATIENCE + PATIENCE_PER_SPOT * len(found):
            break
        spot = fit_spot(logs, reduced, suspect)
        in_vain = in_vain + 1 if spot is None else 0
        if spot is None:
            continue
        height, width = spot.dip.shape
        for log in logs:
            log[spot.y : spot.y + height, spot.x : spot.x + width] -= spot.dip
        found.append(_at_full_size(spot, scale))
    return found


def _at_full_size(spot: Dust, scale: int) -> Dust:
    import cv2

    size = spot.dip.shape[1] * scale, spot.dip.shape[0] * scale
    dip = cv2.resize(spot.dip, size, interpolation=cv2.INTER_CUBIC)
    return Dust(spot.x * scale, spot.y * scale, np.minimum(dip, 0))
