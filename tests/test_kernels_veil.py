"""The kernels that work out a veil, against the same in plain NumPy and OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from focusstack import kernels
from focusstack.kernels.veil import Disks, Focus, Veils, lay_veils, take_off
from focusstack.steps.veil.disk import disk_kernel
from kernel_samples import CHANNELS, QUICK, SHAPES

TILE = 64
BIG = [(67, 131), (130, 77), (200, 64)]
DISKS = Disks(
    np.array([0.5, 2, 4, 9, 20, 40], np.float32),
    [1, 1, 2, 4, 8],
    [disk_kernel(radius) for radius in (1.2, 3.0, 3.1, 3.4, 3.6)],
)


def scene_of(shape, channels, seed=0):
    """Light, blobs of several radii with nothing between them, and where the veil is wanted."""
    rng = np.random.default_rng([seed, *shape, channels])
    light = rng.random((*shape, channels), dtype=np.float32)
    near = np.kron(rng.integers(0, 6, (8, 8)), np.ones((32, 32), int))[: shape[0], : shape[1]]
    radius = np.choose(near, [0, 0, 1.5, 3, 8, 50]).astype(np.float32)
    return light, radius, rng.random(shape) < 0.3


def averaged(plane, factor):
    """Means over cells; those on the border are of what there is."""
    height, width = (-(-side // factor) * factor for side in plane.shape)
    padded = np.full((height, width), np.nan)
    padded[: plane.shape[0], : plane.shape[1]] = plane
    cells = padded.reshape(height // factor, factor, width // factor, factor)
    return np.nanmean(cells, axis=(1, 3))


def interpolated(plane, factor, shape):
    for axis, side in enumerate(shape):
        at = (np.arange(side) + 0.5) / factor - 0.5
        grid = np.arange(plane.shape[axis])
        plane = np.apply_along_axis(
            lambda line, at=at, grid=grid: np.interp(at, grid, line), axis, plane
        )
    return plane


def blurred(plane, weights):
    return cv2.filter2D(plane, cv2.CV_64F, weights, borderType=cv2.BORDER_REPLICATE)


def expected(light, radius, disks=DISKS):
    """The veil (C, H, W) and what comes through, everywhere."""
    shape = radius.shape
    veil, through = np.zeros((light.shape[2], *shape)), np.ones(shape)
    layer = np.clip(np.digitize(radius, disks.edges) - 1, 0, len(disks.factors) - 1)
    for k in reversed(range(len(disks.factors))):
        matte = ((layer == k) & (radius > 0)).astype(float)
        planes = [*(matte * light[..., c] for c in range(light.shape[2])), matte]
        factor, weights = disks.factors[k], disks.weights[k].astype(float)
        wide = [interpolated(blurred(averaged(p, factor), weights), factor, shape) for p in planes]
        veil += through * np.stack(wide[:-1])
        through = through * (1 - wide[-1])
    return veil, through


def check(shape, channels, seed=0):
    light, radius, _ = scene_of(shape, channels, seed)
    found = lay_veils(light, radius, np.ones(shape, np.bool_), DISKS, 0)
    veil, through = expected(light, radius)
    np.testing.assert_allclose(found.light, veil, atol=2e-5)
    np.testing.assert_allclose(found.through, through, atol=2e-5)


@QUICK
@given(SHAPES, CHANNELS, st.integers(0, 5))
def test_small_veils_are_the_reference(shape, channels, seed):
    check(shape, channels, seed)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", BIG)
def test_big_veils_are_the_reference(rows, shape, channels):
    check(shape, channels)


def test_the_widest_is_in_front():
    """What is blurred most hides what is blurred less."""
    light = np.zeros((64, 64, 1), np.float32)
    light[:, :32], radius = 1, np.full((64, 64), 3, np.float32)
    radius[:, :32] = 8
    found = lay_veils(light, radius, np.ones((64, 64), np.bool_), DISKS, 0)
    np.testing.assert_allclose(found.light[0, :, :10], 1, atol=1e-5)
    np.testing.assert_allclose(found.through[:, :10], 0, atol=1e-5)
    assert 0.05 < found.light[0, 32, 33] < 0.5


def test_only_tiles_that_are_wanted_and_reached_are_made():
    light, radius = np.ones((200, 200, 3), np.float32), np.zeros((200, 200), np.float32)
    radius[20:40, 20:40] = 3
    wanted = np.zeros((200, 200), np.bool_)
    wanted[30, 67] = wanted[190, 190] = True
    beside = lay_veils(light, radius, wanted, DISKS, 4)
    assert np.argwhere(beside.made).tolist() == [[0, 0]]  # the one beside it is not reached
    assert lay_veils(light, radius, wanted, DISKS, 3).made.sum() == 0
    reached = beside.reached()
    assert reached[:TILE, :TILE].all()
    assert reached.sum() == TILE * TILE
    assert np.all(beside.through[~reached] == 1)
    assert np.all(beside.light[:, ~reached] == 0)


@pytest.mark.parametrize("threads", [2, 3, 100])
def test_threads_change_no_bit(threads):
    light, radius, wanted = scene_of((211, 197), 3)
    one, more = (lay_veils(light, radius, wanted, DISKS, 8, n) for n in (1, threads))
    for a, b in zip(vars(one).values(), vars(more).values(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_instruction_set_changes_no_bit():
    if not kernels.use_fast_rows(True):
        pytest.skip("this CPU has no AVX2")
    light, radius, wanted = scene_of((211, 197), 3)
    fast = lay_veils(light, radius, wanted, DISKS, 8)
    kernels.use_fast_rows(False)
    try:
        plain = lay_veils(light, radius, wanted, DISKS, 8)
    finally:
        kernels.use_fast_rows(True)
    np.testing.assert_array_equal(fast.light, plain.light)
    np.testing.assert_array_equal(fast.through, plain.through)


@pytest.mark.parametrize("toward", [1.0, -1.0])
def test_what_must_be_done_is_the_reference(toward):
    shape, frame, step, least, full = (70, 90), 5, 1.5, 0.1, 0.2
    rng = np.random.default_rng(3)
    light, through = (
        rng.random(size, dtype=np.float32) * np.float32(0.5) for size in ((3, *shape), shape)
    )
    chosen, half = (rng.random(shape, dtype=np.float32) * np.float32(n) for n in (10, 3))
    veils = Veils(light.copy(), through.copy(), np.array([[1, 0], [1, 1]], np.uint8))
    gain, replace = take_off(veils, Focus(chosen, half, frame, toward, step), (least, full))
    behind = toward * (chosen - frame) >= -step
    share = np.clip((through - least) / (full - least), 0, 1) * behind
    taken, at = share / np.maximum(through, least), veils.reached()
    np.testing.assert_allclose(gain[at], (taken + 1 - share)[at], rtol=1e-6)
    np.testing.assert_allclose(veils.light[:, at], (light * taken)[:, at], rtol=1e-6)
    stands_in = ~behind & (toward * (frame - chosen) > half)
    np.testing.assert_array_equal(replace[at], stands_in[at])
    np.testing.assert_array_equal(veils.through[at], np.where(behind, through, 1)[at])
    assert 0.1 < stands_in.mean() < 0.9
    assert np.all(gain[~at] == 1)
    assert np.all(replace[~at] == 0)
    np.testing.assert_array_equal(veils.light[:, ~at], light[:, ~at])


BAD_DISKS = [
    Disks(np.array([1, 2], np.float32), [3], [disk_kernel(2)]),
    Disks(np.array([1, 2, 3], np.float32), [1], [disk_kernel(2)]),
    Disks(np.array([1, 2], np.float32), [1], [disk_kernel(20)]),
    Disks(np.array([1, 2], np.float32), [1], [disk_kernel(2)[:-1]]),
    Disks(np.ones(1, np.float32), [], [np.zeros(0, np.float32)]),
]


@pytest.mark.parametrize("disks", BAD_DISKS)
def test_disks_that_do_not_fit_are_refused(disks):
    light, radius, wanted = scene_of((20, 30), 3)
    with pytest.raises((ValueError, TypeError)):
        lay_veils(light, radius, wanted, disks, 0)


def test_arrays_that_do_not_fit_are_refused():
    light, radius, wanted = scene_of((20, 30), 3)
    for spoilt in (
        (light[1:], radius, wanted),
        (light, radius[1:], wanted),
        (light, radius, wanted[1:]),
    ):
        with pytest.raises((ValueError, TypeError)):
            lay_veils(*spoilt, DISKS, 0)
    veils = lay_veils(light, radius, wanted, DISKS, 0)
    with pytest.raises((ValueError, TypeError)):
        take_off(veils, Focus(radius[1:], radius, 0, 1.0, 1.5), (0.1, 0.2))
    with pytest.raises((ValueError, TypeError)):
        take_off(veils, Focus(radius, radius, 0, 1.0, 1.5), (0.2, 0.1))
