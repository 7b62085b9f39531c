"""Where depth jumps, and how far off that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.veil.model import BlurModel

STEP_FRAMES = 1.5
"""A change of depth over 3 x 3 px that counts as a step; what is nearer by more than it veils."""
EDGE_ENERGY, EDGE_PX = 12.0, 9
"""Energy of detail, in units of the noise, that an edge has within that many pixels."""
ALONG_PX, BACKED_SHARE = 25, 0.6
"""An edge must go with this share of a step's length in a window of that many pixels."""
OFF_PX = 3.0
GROWTH_SHARE = 0.5
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
    depth: FloatImage, detail: FloatImage, blur: BlurModel, near_first: bool
) -> DepthEdges:
    """Depth steps and what follows from them.

    Parameters
    ----------
    depth : float32 (H, W), no NaN
    detail : float32 (H, W)
        Energy of the fused picture's detail, in units of the noise. A step counts where there is
        an edge in the picture too: where things were never in focus, depth jumps anywhere.
    blur : BlurModel, in px of this grid
    near_first : whether low positions are near
    """
    import cv2

    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    widen = cv2.erode if near_first else cv2.dilate
    square = np.ones((3, 3), np.uint8)
    jump = (cv2.dilate(depth, square) - cv2.erode(depth, square)) > STEP_FRAMES
    smooth = ~(jump & _backed(jump, detail))
    distance = cv2.distanceTransform(smooth.astype(np.uint8), cv2.DIST_L2, 5)
    np.minimum(distance, np.float32(sum(depth.shape)), out=distance)  # huge where there is no step
    frames = (distance - OFF_PX) * (GROWTH_SHARE / max(blur.growth, 0.05))
    half = np.maximum(frames, LEAST_HALF).astype(np.float32)
    chosen = np.asarray(widen(depth, cross), np.float32)
    return DepthEdges(depth, chosen, half, np.asarray(distance, np.float32))


def _backed(jump: npt.NDArray[np.bool_], detail: FloatImage) -> npt.NDArray[np.bool_]:
    """Where a step in depth goes along an edge in the picture, and does not just cross a speck."""
    import cv2

    window, along = np.ones((EDGE_PX, EDGE_PX), np.uint8), (ALONG_PX, ALONG_PX)
    edge = jump & (cv2.dilate(detail, window) > EDGE_ENERGY)
    share = cv2.blur(edge.astype(np.float32), along)
    length = cv2.blur(jump.astype(np.float32), along)
    return np.asarray(share >= BACKED_SHARE * length, np.bool_)
