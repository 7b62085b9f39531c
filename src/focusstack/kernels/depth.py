"""Hot loops of finding the depth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from focusstack.kernels import _kernels  # type: ignore[attr-defined]

Plane = npt.NDArray[np.float32]
Maps = npt.NDArray[np.float32]


def focus_energy(
    planar: Maps, luma: npt.NDArray[np.float32], variance: npt.NDArray[np.float32], threads: int = 1
) -> Plane:
    """Energy of luma's finest Laplacian band over the noise's variance, float32 (H, W).

    Parameters
    ----------
    planar : float32 (C, H, W)
    luma : float32 (C,)
        Share of each channel in luma.
    variance : float32 (B,)
        Of noise, at B evenly spaced lumas from 0 to 1; the nearest to the band's low-pass counts.

    Notes
    -----
    The square of the band is smoothed by a Gaussian of sigma 0.7 px (5 taps); borders mirror.
    """
    energy = np.empty(planar.shape[1:], np.float32)
    inverse = np.asarray(1 / variance, np.float32)
    _kernels.focus_energy(np.ascontiguousarray(planar), luma, inverse, energy, threads)
    return energy


def encode(energy: Plane, steps_per_octave: float, threads: int = 1) -> npt.NDArray[np.uint8]:
    """``steps_per_octave * log2(energy + 1)``, rounded, 0..255, uint8 (H, W).

    Right to a thousandth of an octave, so that a few codes are rounded to the other side.
    """
    codes = np.empty(energy.shape, np.uint8)
    _kernels.encode(energy, steps_per_octave, codes, threads)
    return codes


def follow(planes: Maps, score: Plane, fed: int, far_apart: float, rivalry: float) -> None:
    """Feed the next score, float32 (h, w), to the running peak of a curve.

    Parameters
    ----------
    planes : float32 (6, h, w)
        The best score, its index, the scores before and after it, the last score, the sum of all;
        changed in place.
    fed : int
        Index of this score.
    far_apart, rivalry : float
        A score that many more than ``far_apart`` indices after the best must be ``rivalry`` times
        as high to replace it.
    """
    _kernels.follow(planes, score, fed, far_apart, rivalry)


def colour_products(plane: Plane, guide: Maps) -> Maps:
    """The plane times each colour of the guide, float32 (h, w, 3), and the plane: (h, w, 4)."""
    out = np.empty((*plane.shape, 4), np.float32)
    _kernels.products(plane, guide, out)
    return out


def regress(products: Maps, mean: Maps, inverse: Maps) -> Maps:
    """Coefficients of a plane's regression on the guide's colours in every window.

    Parameters
    ----------
    products : float32 (h, w, 4)
        Window means of :func:`colour_products`.
    mean : float32 (h, w, 3)
        Window means of the guide.
    inverse : float32 (h, w, 6)
        Inverse covariance of the guide: rr, rg, rb, gg, gb, bb.

    Returns
    -------
    float32 (h, w, 4)
        Three slopes, and the offset.
    """
    out = np.empty_like(products)
    _kernels.regress(products, mean, inverse, out)
    return out


def predict(coefficients: Maps, guide: Maps, threads: int = 1) -> Plane:
    """Slopes times the guide's colours, plus the offset, float32 (H, W).

    ``coefficients``, float32 (h, w, 4), may be on a coarser grid that covers the same area; they
    are linear between its pixels.
    """
    out = np.empty(guide.shape[:2], np.float32)
    _kernels.predict(coefficients, guide, out, threads)
    return out
