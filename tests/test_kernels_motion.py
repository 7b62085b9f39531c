"""The kernels behind Gauss-Newton between two frames, against NumPy."""

import numpy as np
import pytest

from focusstack.kernels import motion

SIZES = [(4, 4), (5, 9), (12, 13), (31, 40), (33, 17)]


def pictures(shape, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.normal(0, 0.1, shape).astype(np.float32)
    return a, (a + rng.normal(0, 0.03, shape)).astype(np.float32)


def moments(weight):
    """Sums times 1, x, y, x^2, x y, y^2, in coordinates of about -1..1."""
    height, width = weight.shape
    half = max(width, height) / 2
    y, x = np.mgrid[:height, :width]
    x, y = (x - (width - 1) / 2) / half, (y - (height - 1) / 2) / half
    return np.array([(weight * part).sum() for part in (1, x, y, x * x, x * y, y * y)])


def gradient(picture):
    wide = np.pad(picture.astype(np.float64), 1, mode="edge")

    def across(k):
        return wide[k : k + picture.shape[0], 2:] - wide[k : k + picture.shape[0], :-2]

    def along(k):
        return wide[2:, k : k + picture.shape[1]] - wide[:-2, k : k + picture.shape[1]]

    return tuple((f(0) + 2 * f(1) + f(2)) / 8 for f in (across, along))


def trusted(trust, shape, border, matrix):
    """The map between cell centres, 0 near either frame's border."""
    height, width = shape
    rows, columns = ((np.arange(n) - 1.5) / 4 for n in shape)
    rows, columns = (
        np.clip(at, 0, n - 1) for at, n in zip((rows, columns), trust.shape, strict=True)
    )
    r0, c0 = (
        np.minimum(at.astype(int), n - 1)
        for at, n in ((rows, trust.shape[0]), (columns, trust.shape[1]))
    )
    r1, c1 = np.minimum(r0 + 1, trust.shape[0] - 1), np.minimum(c0 + 1, trust.shape[1] - 1)
    fr, fc = (rows - r0)[:, None], (columns - c0)[None, :]
    upper = trust[np.ix_(r0, c0)] * (1 - fc) + trust[np.ix_(r0, c1)] * fc
    lower = trust[np.ix_(r1, c0)] * (1 - fc) + trust[np.ix_(r1, c1)] * fc
    full = upper * (1 - fr) + lower * fr
    y, x = np.mgrid[:height, :width]
    sx, sy = (matrix[k, 0] * x + matrix[k, 1] * y + matrix[k, 2] for k in (0, 1))
    inner = (x >= border) & (x < width - border) & (y >= border) & (y < height - border)
    there = (np.rint(sx) >= border) & (np.rint(sx) < width - border)
    there &= (np.rint(sy) >= border) & (np.rint(sy) < height - border)
    return np.where(inner & there, full, 0)


@pytest.mark.parametrize("shape", SIZES)
def test_products_are_summed_over_whole_cells(shape, rows):
    a, b = pictures(shape)
    whole = np.s_[: shape[0] // 4 * 4, : shape[1] // 4 * 4]
    for plane, product in zip(motion.cell_products(a, b), (a * a, a * b, b * b), strict=True):
        cells = product[whole].reshape(shape[0] // 4, 4, shape[1] // 4, 4).sum((1, 3))
        np.testing.assert_allclose(plane, cells, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("shift", [0.0, 2.3])
def test_slopes_and_sums_are_those_of_numpy(shape, shift, rows):
    a, b = pictures(shape, 1)
    border = 2
    matrix = np.array([[1.01, 0.002, shift], [-0.002, 1.01, -shift / 2], [0, 0, 1]])
    trust = (
        np.random.default_rng(2).uniform(0, 2, (shape[0] // 4, shape[1] // 4)).astype(np.float32)
    )
    made = motion.make_slopes(a, b, trust, matrix, border)
    t = trusted(trust, shape, border, matrix)
    half = max(shape) / 2
    right, down = (slope * t * half for slope in gradient((a + b) / 2))
    for plane, wanted in zip(made.planes, (right, down, a * t, t), strict=True):
        np.testing.assert_allclose(plane[:, : shape[1]], wanted, rtol=1e-4, atol=1e-5)
        assert not plane[:, shape[1] :].any()
    normal = np.concatenate([moments(p) for p in (right * right, right * down, down * down)])
    np.testing.assert_allclose(made.normal, normal, rtol=1e-4, atol=1e-4 * (1 + abs(normal).max()))
    gx, gy = gradient(a)
    energy = moments((gx * gx + gy * gy) * t * t)
    np.testing.assert_allclose(made.energy, energy, rtol=1e-4, atol=1e-4 * (1e-6 + energy[0]))
    n = b * t
    expected = [*moments(right * n)[:3], *moments(down * n)[:3], (n * n).sum(), (n * a * t).sum()]
    np.testing.assert_allclose(made.project(b), expected, rtol=1e-4, atol=1e-4)


def test_both_instruction_sets_give_the_same_bits():
    from focusstack import kernels

    a, b = pictures((37, 51), 3)
    trust = np.ones((9, 12), np.float32)

    def everything():
        made = motion.make_slopes(a, b, trust, np.eye(3), 3)
        parts = [made.planes, made.normal, made.energy, made.project(b), motion.cell_products(a, b)]
        return [*parts, np.array(motion.correlation(a, b, 2))]

    kernels.use_fast_rows(False)
    plain = everything()
    kernels.use_fast_rows(True)
    for one, other in zip(plain, everything(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("margin", [0, 3])
def test_correlation_is_that_of_numpy(margin, rows):
    a, b = pictures((41, 30), 4)
    inner = np.s_[margin : 41 - margin, margin : 30 - margin]
    expected = np.corrcoef(a[inner].ravel(), b[inner].ravel())[0, 1]
    assert motion.correlation(a, b, margin) == pytest.approx(expected, abs=1e-6)


def test_flat_pictures_do_not_correlate():
    assert motion.correlation(np.ones((8, 8), np.float32), np.ones((8, 8), np.float32)) == 0


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("alike", lambda a: motion.cell_products(a, a[:, :-1].copy())),
        ("alike", lambda a: motion.correlation(a, a[:-1].copy())),
        ("margins", lambda a: motion.correlation(a, a, 10)),
        ("quarter", lambda a: motion.make_slopes(a, a, a, np.eye(3), 1)),
    ],
)
def test_what_does_not_fit_is_refused(name, call):
    with pytest.raises(ValueError, match=name):
        call(np.zeros((20, 20), np.float32))
