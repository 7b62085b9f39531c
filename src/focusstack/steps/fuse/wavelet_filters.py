"""Orthonormal wavelet filters in pairs half a sample apart, worked out rather than tabulated."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from math import comb

import numpy as np
import numpy.typing as npt

Filter = npt.NDArray[np.float64]


@cache
def filter_pair(zeros: int, delay: int) -> tuple[Filter, Filter]:
    """Two orthonormal low-pass filters, the second half a sample later than the first.

    Parameters
    ----------
    zeros : int
        Vanishing moments K of the wavelets.
    delay : int
        Order L of the maximally flat approximation of the half-sample delay; with 0 both filters
        are a nearly symmetric Daubechies filter.

    Returns
    -------
    Two float64 (2 (K + L),) with sum sqrt(2).

    References
    ----------
    Selesnick 2001, doi:10.1109/97.923042. Of all spectral factors the most compact is taken.
    """
    fractional = _half_sample(delay)
    flat = np.array([comb(zeros, k) for k in range(zeros + 1)], float)
    product_filter = np.convolve(np.convolve(flat, flat), np.convolve(fractional, fractional[::-1]))
    factors = _spectral_factors(_to_halfband(product_filter))
    common = min((np.convolve(flat, q) for q in factors), key=_spread)
    pair = np.convolve(common, fractional), np.convolve(common, fractional[::-1])
    scale = np.sqrt(2) / pair[0].sum()
    return pair[0] * scale, pair[1] * scale


def high_pass(low: Filter) -> Filter:
    """The wavelet filter that belongs to an orthonormal low-pass filter."""
    return low[::-1] * (-1.0) ** np.arange(low.size)


def _half_sample(order: int) -> Filter:
    """Denominator of Thiran's all-pass filter for a delay of 1/2."""
    taps = [1.0]
    for n in range(order):
        taps.append(taps[-1] * (order - n) * (order - n - 0.5) / ((n + 1) * (n + 1.5)))
    return np.array(taps)


def _to_halfband(given: Filter) -> Filter:
    """Symmetric r for which ``given`` * r is 1 at its centre and 0 at every other even lag."""
    count = given.size - 2
    rows = np.zeros((count, count))
    for k in range(count):
        full = np.convolve(given, np.eye(count)[k])
        rows[:, k] = full[1::2]
    wanted = np.zeros(count)
    wanted[count // 2] = 1
    found = np.linalg.solve(rows, wanted)
    return np.asarray((found + found[::-1]) / 2, np.float64)


def _spectral_factors(symmetric: Filter) -> Iterator[Filter]:
    """Every real q with q * reversed(q) = ``symmetric`` up to scale."""
    roots = np.roots(symmetric)
    inner = [r for r in roots[np.abs(roots) < 1] if r.imag >= 0]
    for flips in product((False, True), repeat=len(inner)):
        chosen = [1 / r if flip else r for r, flip in zip(inner, flips, strict=True)]
        pairs = [x for r in chosen for x in ((r, r.conjugate()) if r.imag else (r,))]
        yield np.asarray(np.poly(pairs).real, np.float64)


def _spread(taps: Filter) -> float:
    """How far a filter's energy lies from its centre; least for the least dispersion."""
    energy = taps**2 / (taps**2).sum()
    at = np.arange(taps.size)
    return float(round((energy * at**2).sum() - (energy * at).sum() ** 2, 9))
