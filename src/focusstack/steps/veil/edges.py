"""Where depth jumps, and how far off that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.veil.model import BlurModel

STEP_FRAMES = 1.5
"""A change of depth over 3 x 3 px that counts as a step; what is nearer by more than it veils."""
OFF_PX = 3.0
GROWTH_SHARE = 0.3
LEAST_HALF = 1.0


@dataclass(frozen=True)
class DepthEdges:
    """What fusion must know of depth steps; all float32 (H, W).

    Attributes
    ----------
    depth : positions among the frames
    chosen : the same with near things one pixel wider, so that mixed edge pixels go with them
    half : half-width, in frames, of the window around ``chosen`` in which a frame shows this pixel
        undisturbed: 1 beside a step, growing with the distance from it
    distance : px to the nearest step
    """

    depth: FloatImage
    chosen: FloatImage
    half: FloatImage
    distance: FloatImage


def find_edges(
    depth: FloatImage, real: npt.NDArray[np.bool_], blur: BlurModel, near_first: bool
) -> DepthEdges:
    """Depth steps and what follows from them.

    Parameters
    ----------
    depth : float32 (H, W), no NaN
    real : bool (H, W)
        Where a step counts, see :mod:`~focusstack.steps.veil.steps`: where things were never in
        focus, depth jumps anywhere.
    blur : BlurModel, in px of this grid
    near_first : whether low positions are near
    """
    import cv2

    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    widen = cv2.erode if near_first else cv2.dilate
    square = np.ones((3, 3), np.uint8)
    jump = (cv2.dilate(depth, square) - cv2.erode(depth, square)) > STEP_FRAMES
    smooth = ~(jump & real)
    distance = cv2.distanceTransform(smooth.astype(np.uint8), cv2.DIST_L2, 5)
    np.minimum(distance, np.float32(sum(depth.shape)), out=distance)  # huge where there is no step
    frames = (distance - OFF_PX) * (GROWTH_SHARE / max(blur.growth, 0.05))
    half = np.maximum(frames, LEAST_HALF).astype(np.float32)
    chosen = np.asarray(widen(depth, cross), np.float32)
    return DepthEdges(depth, chosen, half, np.asarray(distance, np.float32))
