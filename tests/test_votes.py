"""Focus measures, and the depth that is gathered from them."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from focusstack.colour import luma_of
from focusstack.steps import depth, focus
from focusstack.steps.depth.guided import GuidedFilter
from truth import EVEN, STILL, as_float, rendered

# ---------------------------------------------------------------- guided filter


def brute_force(guide, plane, radius, epsilon):
    """Each window's own least squares; windows mirror at the border with the edge repeated."""
    height, width, channels = guide.shape
    rows, columns = (np.pad(np.arange(n), radius, mode="symmetric") for n in (height, width))
    coefficients = np.empty((height, width, channels + 1))
    side = 2 * radius + 1
    for y in range(height):
        for x in range(width):
            at = np.ix_(rows[y : y + side], columns[x : x + side])
            colours, values = guide[at].reshape(-1, channels), plane[at].ravel()
            centred = colours - colours.mean(axis=0)
            spread = centred.T @ centred / len(values) + epsilon * np.eye(channels)
            slope = np.linalg.solve(spread, centred.T @ (values - values.mean()) / len(values))
            coefficients[y, x] = [*slope, values.mean() - slope @ colours.mean(axis=0)]
    padded = coefficients[np.ix_(rows, columns)]
    mean = np.lib.stride_tricks.sliding_window_view(padded, (side, side), (0, 1)).mean((-1, -2))
    return (mean[..., :-1] * guide).sum(axis=2) + mean[..., -1]


@pytest.mark.parametrize("radius", [1, 3])
def test_a_guided_filter_is_local_regression(radius):
    rng = np.random.default_rng(1)
    guide = rng.random((13, 17, 3), dtype=np.float32)
    plane = rng.random((13, 17), dtype=np.float32)
    found = GuidedFilter(guide, radius, 0.01)(plane)
    np.testing.assert_allclose(found, brute_force(guide, plane, radius, 0.01), atol=2e-4)


@pytest.mark.parametrize("subsample", [1, 2])
def test_a_constant_stays_what_it_is(subsample):
    guide = np.random.default_rng(2).random((41, 60, 3), dtype=np.float32)
    found = GuidedFilter(guide, 10, 1e-3, subsample)(np.full((41, 60), 0.7, np.float32))
    np.testing.assert_allclose(found, 0.7, atol=1e-3)


@pytest.mark.parametrize("subsample", [1, 2])
def test_noise_is_smoothed_up_to_an_edge_of_the_guide_and_not_across(subsample):
    rng = np.random.default_rng(3)
    guide = np.full((80, 120, 3), 0.2, np.float32)
    guide[:, 60:] = (0.8, 0.6, 0.5)
    plane = (guide[..., 0] > 0.5).astype(np.float32)
    found = GuidedFilter(guide, 8, 1e-3, subsample)(
        plane + 0.2 * rng.standard_normal(plane.shape).astype(np.float32)
    )
    off = np.abs(found - plane)
    off[:, 59:61] = 0
    assert off.max() < 0.15
    assert off[10:-10].std() < 0.05


# ---------------------------------------------------------------- volume


def test_a_byte_holds_an_energy_within_four_per_cent():
    energy = np.geomspace(1, 6e4, 997, dtype=np.float32)[np.newaxis]
    volume = depth.FocusVolume()
    volume.feed(energy)
    found = depth.decode_table()[volume.slices[0]]
    np.testing.assert_allclose(found, energy, rtol=0.045)
    assert np.all(np.abs(found / energy - 1) < 0.04 + 0.045 / energy)


def test_the_volume_knows_its_peak_and_where_frames_have_no_data():
    rng = np.random.default_rng(4)
    volume = depth.FocusVolume()
    valid = [None, np.asarray(rng.random((7, 9)) < 0.5, np.uint8), None]
    for mask in valid:
        volume.feed(100 * rng.random((7, 9), dtype=np.float32) + 1, mask)
    np.testing.assert_array_equal(volume.peak, np.max(volume.slices, axis=0))
    assert not volume.slices[1][valid[1] == 0].any()
    assert volume.slices[1][valid[1] > 0].all()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("sigma", [0.002, 0.03])
def test_noise_alone_has_energy_one(channels, sigma):
    rng = np.random.default_rng(5)
    planar = (0.5 + sigma * rng.standard_normal((channels, 120, 150))).astype(np.float32)
    quiet = [focus.quiet_variance(luma_of(planar.transpose(1, 2, 0)))]
    noise = focus.noise_model(quiet, np.dtype(np.float32))
    energy = depth.focus_energy(planar, noise)
    assert energy.mean() == pytest.approx(1, rel=0.25)


# ---------------------------------------------------------------- depth


@cache
def solved(scene):
    """Depth of a motionless stack, solved with its true picture, and the truth."""
    frames, truth = rendered(scene, frames=9, **STILL, **EVEN)
    quiet = [focus.quiet_variance(luma_of(frame)) for frame in frames[::4]]
    noise = focus.noise_model(quiet, frames[0].dtype)
    volume = depth.FocusVolume()
    for frame in frames:
        planar = as_float(frame).astype(np.float32).transpose(2, 0, 1)
        volume.feed(depth.focus_energy(np.ascontiguousarray(planar), noise))
    return depth.solve_depth(volume, truth.fused), truth.depth


@pytest.mark.parametrize("scene", ["plane", "steps"])
def test_textured_things_are_right_within_a_frame(scene):
    found, true = solved(scene)
    right = np.abs(found.depth - true) <= 1
    assert right.mean() >= 0.95
    assert found.depth.shape == found.confidence.shape == true.shape
    assert found.confidence.min() >= 0
    assert found.confidence.max() <= 1
    # what is right is known to be
    assert found.confidence[right].mean() > 0.9
    if not right.all():
        assert found.confidence[right].mean() > found.confidence[~right].mean()


def test_near_hairs_are_hardly_too_wide():
    found, true = solved("steps")
    square = np.ones((5, 5), np.uint8)  # 2 px to every side
    near, said = true < 2, found.depth < 2
    around = cv2.dilate(near.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    allowed = cv2.dilate(near.astype(np.uint8), square) > 0
    assert near.sum() > 300
    assert (said & around & ~allowed).sum() < 0.05 * (around & ~allowed).sum()


def test_progress_is_told_once_per_frame():
    volume, told = depth.FocusVolume(), []
    rng = np.random.default_rng(6)
    for _ in range(5):
        volume.feed(30 * rng.random((40, 50), dtype=np.float32))
    picture = rng.random((40, 50, 3), dtype=np.float32)
    depth.solve_depth(volume, picture, 1.0, lambda: told.append(1))
    assert len(told) == 5
