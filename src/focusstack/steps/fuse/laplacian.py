"""The original method: every pixel copied from the frame with the largest blurred Laplacian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.colour import LUMA
from focusstack.model import FloatImage
from focusstack.recipe import Recipe
from focusstack.steps.fuse.method import Aligned, Canvas, FusionContext, MethodEntry


@dataclass
class LaplacianState:
    """The sharpest value seen so far at each pixel, and how sharp it was (-1: none yet)."""

    best: FloatImage
    fused: FloatImage


class Laplacian:
    """Arg-max of |Laplacian(GaussianBlur(luma))| over frames per pixel; ties keep the earlier one.

    Parameters
    ----------
    gaussian, laplacian : int
        Odd kernel sizes.

    Notes
    -----
    State: 4 (1 + C) bytes per canvas pixel. Weak spots: in flat areas the choice is pure noise, and
    neighbouring pixels may come from far-apart frames.

    References
    ----------
    Nayar & Nakagawa 1994, doi:10.1109/34.308479 (sum-modified Laplacian), in its simplest form.
    """

    def __init__(self, gaussian: int, laplacian: int) -> None:
        self._gaussian, self._laplacian = gaussian, laplacian

    def start(self, canvas: Canvas) -> LaplacianState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        shape = canvas.height, canvas.width
        return LaplacianState(
            np.full(shape, -1, np.float32), np.zeros((canvas.channels, *shape), np.float32)
        )

    def feed(self, state: LaplacianState, frame: Aligned) -> None:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        planar = frame.planar
        response = np.abs(self._response(np.tensordot(LUMA[len(planar)], planar, 1)))
        if frame.valid is not None:
            response[frame.valid == 0] = -1
        _keep_larger(state, response, planar)

    def merge(self, first: LaplacianState, second: LaplacianState) -> LaplacianState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        _keep_larger(first, second.best, second.fused)
        return first

    def finish(self, state: LaplacianState) -> FloatImage:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        return state.fused

    @staticmethod
    def state_bytes(canvas: Canvas) -> int:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        return canvas.height * canvas.width * 4 * (1 + canvas.channels)

    def _response(self, luma: FloatImage) -> FloatImage:
        import cv2

        blurred = cv2.GaussianBlur(luma, (self._gaussian, self._gaussian), 0)
        if self._laplacian <= 3:  # OpenCV has kernels of their own for these sizes
            return np.asarray(cv2.Laplacian(blurred, cv2.CV_32F, ksize=self._laplacian), np.float32)
        # cv2.Laplacian of size 5 rounds differently with the address of the picture in memory
        across = cv2.Sobel(blurred, cv2.CV_32F, 2, 0, ksize=self._laplacian)
        return np.asarray(
            across + cv2.Sobel(blurred, cv2.CV_32F, 0, 2, ksize=self._laplacian), np.float32
        )


def _keep_larger(state: LaplacianState, response: FloatImage, planar: FloatImage) -> None:
    better = response > state.best
    np.copyto(state.best, response, where=better)
    np.copyto(state.fused, planar, where=better)


def _make(recipe: Recipe, _context: FusionContext) -> Laplacian:
    return Laplacian(recipe.gaussian, recipe.laplacian)


def _work_bytes(canvas: Canvas) -> int:
    """Luma, its blur, the response and its absolute value, and one mask."""
    return canvas.width * canvas.height * 20


ENTRY = MethodEntry(_make, Laplacian.state_bytes, _work_bytes)
