"""Parts of single frames as the canvas sees them, to compare with the fused image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from focusstack.colour import eight_bits
from focusstack.model import Pixels
from focusstack.report.look import Look
from focusstack.report.spots import Box, Spot
from focusstack.result import StackResult
from focusstack.steps import tone
from focusstack.steps.read import FrameSource
from focusstack.transform import shift


def fused_crop(result: StackResult, box: Box) -> Pixels:
    """A part of the fused image, uint8."""
    x, y, width, height = box
    return eight_bits(result.image[y : y + height, x : x + width])


def frame_crops(
    result: StackResult, frames: FrameSource, look: Look, spots: Sequence[Spot]
) -> list[Pixels]:
    """Each spot in its own frame, uint8; one whole frame is held at a time."""
    crops: dict[Spot, Pixels] = {}
    for index in sorted({spot.frame for spot in spots}):
        pixels = frames.read(index).pixels
        for spot in spots:
            if spot.frame == index:
                crops[spot] = _crop(result, pixels, look, spot)
    return [crops[spot] for spot in spots]


def _crop(result: StackResult, pixels: Pixels, look: Look, spot: Spot) -> Pixels:
    """The spot cut out of a frame, moved and exposed as the run did."""
    import cv2

    place = result.alignment.transforms[spot.frame]
    assert place is not None
    left, top, _, _ = result.alignment.crop
    x, y, width, height = spot.box
    moved = cv2.warpPerspective(
        pixels,
        shift(-left - x, -top - y) @ place,
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    ).reshape(height, width, pixels.shape[2])
    return eight_bits(_exposed(np.asarray(moved, pixels.dtype), look.gains[spot.frame]))


def _exposed(pixels: Pixels, gain: tone.Gains) -> Pixels:
    """With the gain that evens out exposures, float32 in 0..1."""
    if pixels.dtype == np.float32:
        return tone.apply_gain(pixels, gain)
    tables = tone.code_values(pixels.dtype, gain)
    return np.stack([table[pixels[..., c]] for c, table in enumerate(tables)], axis=2)
