"""Smoothing that follows the edges of a colour picture: the guided filter."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from focusstack.kernels import depth
from focusstack.model import FloatImage

Colour = npt.NDArray[np.float32]


class GuidedFilter:
    """Local linear regression of a plane on the colours of a guide.

    Parameters
    ----------
    guide : float32 (H, W, 3), 0..1
    radius : int
        Half side of the square window, px.
    epsilon : float
        Colour variance below which the guide does not count as structured.
    subsample : int
        The regression is done on every ``subsample``-th pixel, which changes little.

    Notes
    -----
    Cost per plane: 8 box filters at the subsampled size. A pixel takes over what
    pixels of its colour say within two radii, and nearly nothing across an edge. Fails where near
    and far have the same colour.

    References
    ----------
    He, Sun & Tang 2013, doi:10.1109/TPAMI.2012.213. He & Sun 2015 (fast guided filter),
    arXiv:1505.00996. Hosni et al. 2013 (cost volumes), doi:10.1109/TPAMI.2012.156.
    """

    def __init__(self, guide: Colour, radius: int, epsilon: float, subsample: int = 1) -> None:
        self._guide, self._size = guide, guide.shape[1::-1]
        self._subsample = max(1, min(subsample, min(self._size) // 8))
        self._small = self._reduced(guide)
        self._window = 2 * max(1, radius // self._subsample) + 1
        self._mean = self._box(self._small)
        self._inverse = self._inverse_covariance(epsilon)

    def __call__(self, plane: FloatImage) -> FloatImage:
        """The plane, float32 (H, W), smoothed; may overshoot its range."""
        products = self._box(depth.colour_products(self._reduced(plane), self._small))
        coefficients = self._box(depth.regress(products, self._mean, self._inverse))
        return depth.predict(coefficients, self._guide)

    def _inverse_covariance(self, epsilon: float) -> FloatImage:
        """Of the guide's colours in each window, plus epsilon; by the adjugate: six planes."""
        g, m = self._small, self._mean
        v = {
            (i, j): self._box(g[..., i] * g[..., j]) - m[..., i] * m[..., j] + epsilon * (i == j)
            for i in range(3)
            for j in range(i, 3)
        }
        a, b, c, d, e, f = (v[k] for k in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)))
        top = d * f - e * e, c * e - b * f, b * e - c * d
        determinant = a * top[0] + b * top[1] + c * top[2]
        rest = a * f - c * c, b * c - a * e, a * d - b * b
        return np.stack([plane / determinant for plane in (*top, *rest)], 2).astype(np.float32)

    def _box(self, plane: FloatImage) -> FloatImage:
        import cv2

        window = (self._window, self._window)
        return np.asarray(cv2.blur(plane, window, borderType=cv2.BORDER_REFLECT), np.float32)

    def _reduced(self, plane: FloatImage) -> FloatImage:
        import cv2

        if self._subsample == 1:
            return plane
        width, height = self._size
        small = -(-width // self._subsample), -(-height // self._subsample)
        return np.asarray(cv2.resize(plane, small, interpolation=cv2.INTER_AREA), np.float32)
