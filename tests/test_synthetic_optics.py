"""The parts of the renderer: lens, blur, motion, resampling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from focusstack.synthetic import render
from focusstack.synthetic.blur import disk_blur, hat_weights, ladder
from focusstack.synthetic.geometry import Motion, reference_from_frame, resample
from focusstack.synthetic.layers import compose, flat_depth, paint
from focusstack.synthetic.optics import Lens
from focusstack.synthetic.view import Patch, View, Window


@pytest.mark.parametrize("frames", [1, 2, 5, 40])
@pytest.mark.parametrize("far_first", [False, True])
def test_a_point_in_focus_has_no_blur(frames: int, far_first: bool) -> None:
    lens = Lens(frames, 1.5, far_first)
    for index in range(frames):
        t = np.array([lens.focus(index)], np.float32)
        assert lens.radius(t, index)[0] < 1e-3
        assert lens.frame_index(t)[0] == pytest.approx(index if frames > 1 else 0, abs=1e-4)


def test_one_step_from_focus_is_blurred_as_asked() -> None:
    lens = Lens(11, 1.5)
    behind = np.array([lens.focus(6)], np.float32)
    assert lens.radius(behind, 5)[0] == pytest.approx(1.5, rel=1e-3)
    before = np.array([lens.focus(4)], np.float32)
    assert lens.radius(before, 5)[0] > lens.radius(behind, 5)[0]


@pytest.mark.parametrize("radius", [0.3, 0.7, 1.0, 1.9, 3.0, 4.0, 5.0, 7.5, 11.0, 20.0, 37.0])
def test_disk_blur_keeps_light_and_has_the_disks_variance(radius: float) -> None:
    for x, y in ((128, 128), (121, 134)):
        picture = np.zeros((256, 256, 4), np.float32)
        picture[y, x] = 1
        total, at_x, at_y, across, down = _moments(disk_blur(picture, radius)[..., 0])
        assert total == pytest.approx(1, rel=1e-3)
        assert (at_x, at_y) == pytest.approx((x, y), abs=0.05)
        assert (across, down) == pytest.approx((radius**2 / 4,) * 2, rel=0.03)


@pytest.mark.parametrize("radius", [0.0, 1.3, 9.0, 30.0])
def test_tiles_join_without_seams(radius: float) -> None:
    view = View(520, 300, 4, 528, 320, 7)
    grid = np.random.default_rng(5).uniform(0, 500, (60, 2))
    layer = _dots(view, grid)
    tiled = compose([layer], view, lambda t: np.full_like(t, radius))
    rungs = ladder(radius)
    whole = np.zeros_like(tiled)
    for k, rung in enumerate(rungs):
        weight = hat_weights(np.full((1, 1), radius, np.float32), rungs, k)
        whole += weight[..., None] * disk_blur(layer.crop(view.whole), float(rung))[..., :3]
    np.testing.assert_allclose(tiled, whole, atol=1e-4)


def test_no_blur_changes_nothing() -> None:
    picture = np.random.default_rng(1).random((16, 16, 4), dtype=np.float32)
    np.testing.assert_array_equal(disk_blur(picture, 0), picture)


@pytest.mark.parametrize("largest", [0.0, 0.4, 3.0, 25.0])
def test_rungs_add_up_to_one_and_to_the_right_variance(largest: float) -> None:
    rungs = ladder(largest)
    radius = np.linspace(0, largest, 501, dtype=np.float32)
    weights = np.stack([hat_weights(radius, rungs, k) for k in range(len(rungs))])
    np.testing.assert_allclose(weights.sum(axis=0), 1, atol=1e-4)
    np.testing.assert_allclose(rungs**2 @ weights, radius**2, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("frames", [1, 2, 7, 12])
def test_motion_is_what_was_asked_for(frames: int) -> None:
    size = (900, 600)
    transforms = reference_from_frame(Motion(0.04, 5.0, 0.2), frames, size, 3, False)
    np.testing.assert_array_equal(transforms[frames // 2], np.eye(3))
    inverse = [np.linalg.inv(m) for m in transforms]
    scale = np.array([np.sqrt(np.linalg.det(m)) for m in inverse])
    if frames == 1:
        return
    np.testing.assert_allclose(np.diff(scale), -0.04 / (frames - 1), atol=1e-9)
    middle = np.array([449.5, 299.5, 1])
    shifts = [np.linalg.norm((m @ middle - middle)[:2]) for m in inverse]
    rolls = [abs(np.degrees(np.arctan2(m[1, 0], m[0, 0]))) for m in inverse]
    assert max(shifts) == pytest.approx(5.0)
    assert max(rolls) == pytest.approx(0.2)


def test_breathing_follows_focus_not_the_order() -> None:
    near, far = (
        reference_from_frame(Motion(0.04, 0, 0), 5, (90, 60), 3, flip) for flip in (False, True)
    )
    np.testing.assert_allclose(near[0], far[4])
    assert near[0][0, 0] < 1 < near[4][0, 0]


def test_resampling_is_exact_on_smooth_pictures() -> None:
    def wave(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 0.5 + 0.2 * np.sin(0.7 * x + 0.2) + 0.2 * np.cos(0.6 * y + 0.3 * x)

    y, x = np.mgrid[0:120, 0:150].astype(float)
    matrix = np.array([[1.013, 0.004, 20.37], [-0.004, 1.013, 18.61], [0, 0, 1]])
    seen = resample(wave(x, y)[..., None].astype(np.float32), range(10, 60), 80, matrix)[..., 0]
    y, x = np.mgrid[10:60, 0:80].astype(float)
    expected = wave(
        matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2],
        matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2],
    )
    assert np.abs(seen - expected).max() < 2e-3
    assert np.sqrt(np.mean((seen - expected) ** 2)) < 6e-4


def test_points_land_where_the_transform_says() -> None:
    """A grid of dots in the scene, measured in each frame to within 0.02 pixels."""
    stack = render(
        "flat", size=(260, 200), frames=5, bits=16, iso=0, blur_px=0,
        breathing=0.05, drift_px=3, roll_deg=0.5, flicker=0, white_balance=0,
    )  # fmt: skip
    grid = np.array([(x, y) for x in range(20, 250, 23) for y in range(20, 190, 23)], float)
    stack = replace(stack, layers=(_dots(stack.view, grid),))
    for index, matrix in enumerate(stack.truth.transforms):
        frame = stack.frame(index)[..., 1].astype(float)
        expected = np.c_[grid, np.ones(len(grid))] @ np.linalg.inv(matrix).T
        inside = ((expected[:, :2] > 9) & (expected[:, :2] < (250, 190))).all(axis=1)
        found = np.array([_centroid(frame, *point) for point in expected[inside, :2]])
        assert inside.sum() > 50
        assert np.abs(found - expected[inside, :2]).max() < 0.02


def test_noise_is_the_same_in_every_patch() -> None:
    view = View(200, 120, 4, 224, 144, 7)
    whole = Patch(view, view.whole)
    part = Patch(view, Window(37, 21, 60, 50))
    for cell in (0.01, 0.3):
        inside = whole.noise(3, cell, 2, 0.4)[21:71, 37:97]
        np.testing.assert_allclose(part.noise(3, cell, 2, 0.4), inside, atol=2e-3)


def _dots(view: View, grid: np.ndarray):  # type: ignore[no-untyped-def]
    """A grey layer with Gaussian dots at pixels of the reference frame."""

    def painter(patch: Patch) -> tuple[np.ndarray, np.ndarray]:
        x = (patch.x * view.unit + (view.width - 1) / 2).astype(float)
        y = (patch.y * view.unit + (view.height - 1) / 2).astype(float)
        light = np.zeros(np.broadcast_shapes(x.shape, y.shape))
        for dot_x, dot_y in grid:
            light += 0.6 * np.exp(-((x - dot_x) ** 2 + (y - dot_y) ** 2) / (2 * 1.5**2))
        return np.repeat(light[..., None], 3, 2).astype(np.float32), np.ones_like(light)

    return paint(view, painter, flat_depth(0.5))


def _centroid(frame: np.ndarray, x: float, y: float) -> tuple[float, float]:
    from focusstack.synthetic import srgb_decode

    left, top = round(x) - 8, round(y) - 8
    spot = srgb_decode(frame[top : top + 17, left : left + 17] / 65535).astype(float)
    rows, columns = np.mgrid[top : top + 17, left : left + 17]
    return (spot * columns).sum() / spot.sum(), (spot * rows).sum() / spot.sum()


def _moments(spot: np.ndarray) -> tuple[float, ...]:
    spot = spot.astype(float)
    rows, columns = np.mgrid[0 : spot.shape[0], 0 : spot.shape[1]]
    total = spot.sum()
    x, y = (spot * columns).sum() / total, (spot * rows).sum() / total
    vx = (spot * (columns - x) ** 2).sum() / total
    vy = (spot * (rows - y) ** 2).sum() / total
    return total, x, y, vx, vy
