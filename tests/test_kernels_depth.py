"""The kernels of finding the depth, against NumPy and OpenCV."""

import cv2
import numpy as np
import pytest

from focusstack import kernels
from focusstack.kernels import depth

SIZES = [(1, 1), (1, 7), (6, 1), (5, 9), (31, 40), (130, 33)]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def noise_table():
    return np.linspace(1e-4, 4e-4, 64).astype(np.float32)


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_energy_is_that_of_numpy(shape, channels, rows):
    planar = np.random.default_rng(0).random((channels, *shape), np.float32)
    share = LUMA if channels == 3 else np.ones(1, np.float32)
    luma = np.einsum("c,chw->hw", share.astype(np.float64), planar).astype(np.float32)
    low = np.zeros((1, *shape), np.float32)
    half = kernels.pyramid_down(luma[None])
    ones = np.ones(shape, np.float32)
    kernels.collapse_band(np.zeros_like(low), ones, half, low)
    band = luma - low[0]
    x = np.exp(-(np.arange(-2, 3) ** 2) / (2 * 0.7**2))
    taps = x / x.sum()
    gathered = cv2.sepFilter2D(band * band, -1, taps, taps, borderType=cv2.BORDER_REFLECT_101)
    at = np.clip(low[0] * 63 + 0.5, 0, 63).astype(int)
    expected = gathered / noise_table()[at]
    found = depth.focus_energy(planar, share, noise_table())
    near_a_bin = np.abs(low[0] * 63 + 0.5 - np.rint(low[0] * 63 + 0.5)) < 1e-4
    np.testing.assert_allclose(found[~near_a_bin], expected[~near_a_bin], rtol=2e-4, atol=1e-4)


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_and_instructions_change_no_bit(threads):
    planar = np.random.default_rng(1).random((3, 150, 70), np.float32)
    kernels.use_fast_rows(False)
    plain = depth.focus_energy(planar, LUMA, noise_table())
    kernels.use_fast_rows(True)
    np.testing.assert_array_equal(depth.focus_energy(planar, LUMA, noise_table(), threads), plain)


def test_codes_are_logarithms(rows):
    energy = np.concatenate([[0], np.geomspace(1e-6, 1e9, 9999)]).astype(np.float32)[None]
    exact = np.clip(16 * np.log2(energy.astype(np.float64) + 1), 0, 255)
    off = np.abs(depth.encode(energy, 16) - exact)
    assert off.max() < 0.52
    assert depth.encode(np.zeros((2, 2), np.float32), 16).max() == 0


def test_nothing_and_negative_energy_have_the_lowest_code():
    assert depth.encode(np.array([[-0.5, -2, np.nan]], np.float32), 16).tolist()[0][:2] == [0, 0]
    assert depth.encode(np.zeros((0, 5), np.float32), 16).shape == (0, 5)


@pytest.mark.parametrize("rivalry", [1.0, 2.5, 0.4])
def test_the_peak_is_followed_as_in_numpy(rivalry, rows):
    rng = np.random.default_rng(2)
    scores = rng.random((9, 7, 13), np.float32)
    planes = np.zeros((6, 7, 13), np.float32)
    best, index, before, after, last, total = np.zeros((6, 7, 13), np.float32)
    for k, score in enumerate(scores):
        after = np.where(index == k - 1, score, after)
        rival = np.where(k - index > 2.5, np.float32(rivalry), np.float32(1))
        better = score > rival * best
        after = np.where(better, 0, after)
        before, index = np.where(better, last, before), np.where(better, k, index)
        best = np.where(better, score, best)
        total, last = total + score, score
        depth.follow(planes, score, k, 2.5, rivalry)
    np.testing.assert_array_equal(planes, np.stack([best, index, before, after, last, total]))


@pytest.mark.parametrize("shape", [(1, 1), (5, 9), (31, 40)])
def test_regression_is_that_of_numpy(shape, rows):
    rng = np.random.default_rng(3)
    plane, guide = rng.random(shape, np.float32), rng.random((*shape, 3), np.float32)
    products = depth.colour_products(plane, guide)
    np.testing.assert_array_equal(products[..., :3], plane[..., None] * guide)
    np.testing.assert_array_equal(products[..., 3], plane)
    means, inverse = rng.random((*shape, 3), np.float32), rng.random((*shape, 6), np.float32)
    full = inverse[..., [[0, 1, 2], [1, 3, 4], [2, 4, 5]]].astype(np.float64)
    covariance = products[..., :3] - means * products[..., 3:]
    slopes = np.einsum("hwij,hwj->hwi", full, covariance)
    offset = products[..., 3] - (slopes * means).sum(2)
    found = depth.regress(products, means, inverse)
    expected = np.concatenate([slopes, offset[..., None]], 2)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("coarse", "fine"),
    [((1, 1), (3, 4)), ((5, 9), (9, 17)), ((12, 8), (12, 8)), ((6, 7), (11, 14))],
)
def test_prediction_is_linear_between_coefficients(coarse, fine, rows):
    rng = np.random.default_rng(4)
    coefficients = rng.random((*coarse, 4), np.float32)
    guide = rng.random((*fine, 3), np.float32)
    large = cv2.resize(coefficients, fine[::-1], interpolation=cv2.INTER_LINEAR).reshape(*fine, 4)
    expected = (large[..., :3] * guide).sum(2) + large[..., 3]
    for threads in (1, 2):
        found = depth.predict(coefficients, guide, threads)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("message", "call"),
    [
        ("one weight per channel", lambda a: depth.focus_energy(a[None], LUMA, noise_table())),
        ("six planes", lambda a: depth.follow(np.stack([a] * 5), a, 0, 2.5, 1)),
        ("three colours", lambda a: depth.colour_products(a, np.stack([a, a], 2))),
        ("alike", lambda a: depth.regress(*(np.zeros((2, 2, n), np.float32) for n in (4, 3, 5)))),
        (
            "by fours",
            lambda a: depth.predict(np.zeros((2, 2, 3), np.float32), np.stack([a] * 3, 2)),
        ),
    ],
)
def test_what_does_not_fit_is_refused(message, call):
    with pytest.raises(ValueError, match=message):
        call(np.zeros((6, 8), np.float32))
