"""Veils: how defocus grows, which end is near, and what comes off a frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import reference
from focusstack.steps import veil
from focusstack.steps.veil.disk import disk_blur, disk_kernel, round_radius

SIZE = 200, 300
FRAMES = 9

# ---------------------------------------------------------------- disks


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.7, 3.2, 5.0, 11.0])
def test_a_disk_has_the_variance_of_a_disk(radius):
    kernel = disk_kernel(radius)
    at = np.arange(len(kernel)) - len(kernel) // 2
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert (kernel.sum(axis=0) * at).sum() == pytest.approx(0, abs=1e-5)
    assert (kernel.sum(axis=0) * at**2).sum() == pytest.approx(radius**2 / 4, rel=0.08)


@pytest.mark.parametrize("radius", [0.2, 1.3, 4.0, 9.0, 25.0])
def test_blur_keeps_the_light(radius):
    plane = np.zeros((160, 200, 3), np.float32)
    plane[60:100, 80:120] = np.random.default_rng(1).random((40, 40, 3))
    blurred = disk_blur(plane, radius)
    assert blurred.shape == plane.shape
    np.testing.assert_allclose(blurred.sum(axis=(0, 1)), plane.sum(axis=(0, 1)), rtol=2e-3)
    np.testing.assert_allclose(
        disk_blur(np.full((50, 70), 0.3, np.float32), radius), 0.3, atol=1e-5
    )


@pytest.mark.parametrize("radius", [7.0, 13.0, 27.0])
def test_a_large_disk_on_a_coarser_grid_is_near_the_direct_one(radius):
    plane = np.zeros((192, 256), np.float32)
    plane[70:120, 90:180] = 1
    kernel = disk_kernel(round_radius(radius))
    direct = cv2.filter2D(plane, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    off = np.abs(disk_blur(plane, radius) - direct)
    assert off.max() < 0.08
    assert off.mean() < 0.01


def test_a_small_picture_takes_a_large_disk():
    assert np.isfinite(disk_blur(np.ones((3, 5), np.float32), 40.0)).all()


# ---------------------------------------------------------------- growth of defocus


def texture(seed, shape=SIZE):
    rng = np.random.default_rng(seed)
    fine = sum(
        sigma * cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), sigma)
        for sigma in (0.6, 1.5, 4)
    )
    return np.clip(0.4 + 0.1 * fine / fine.std(), 0.02, 1).astype(np.float32)


def detail(planar):
    luma = planar.mean(axis=0)
    band = luma - cv2.pyrUp(cv2.pyrDown(luma), dstsize=luma.shape[::-1])
    return cv2.GaussianBlur(band * band, (5, 5), 0.7) / np.float32(1e-6)


def slabs(growth):
    """Flat strips at depths 0, 2, 4, ...: depth, the sharp picture, and a frame's view of it."""
    height, width = SIZE
    depth = np.repeat(np.arange(0, FRAMES, 2, dtype=np.float32), width // 5)[np.newaxis]
    depth = np.repeat(depth, height, axis=0)
    sharp = texture(1)

    def frame(k):
        seen = np.empty_like(sharp)
        for d in np.unique(depth):
            np.copyto(seen, disk_blur(sharp, growth * abs(float(d) - k)), where=depth == d)
        return seen

    return depth, sharp[np.newaxis], frame


def look(depth, sharp, frame):
    noise = np.float32(1)  # an energy of 1 is what noise makes
    return veil.Look(
        1,
        depth,
        lambda radius: detail(disk_blur(sharp[0], radius)[None]),
        lambda k: detail(frame(k)[None]) + noise,
    )


@pytest.mark.parametrize("growth", [0.5, 0.8, 1.2])
def test_a_known_growth_is_found(growth):
    found = veil.fit_blur([look(*slabs(growth))], FRAMES)
    assert found.growth == pytest.approx(growth, rel=0.05)
    assert found.radius(4.0, 6) == pytest.approx(2 * growth, rel=0.05)


def test_slopes_of_a_deep_stack_tell_as_well():
    """Depth that changes everywhere, by a frame every 20 px: little for a stack of 60."""
    frames, growth, sharp = 60, 0.3, texture(1)
    depth = np.repeat(20 + np.arange(SIZE[1] // 20, dtype=np.float32), 20)[np.newaxis]
    depth = np.repeat(np.pad(depth, ((0, 0), (0, SIZE[1] % 20)), "edge"), SIZE[0], axis=0)

    def frame(k):
        seen = np.empty_like(sharp)
        for d in np.unique(depth):
            np.copyto(seen, disk_blur(sharp, growth * abs(float(d) - k)), where=depth == d)
        return seen

    found = veil.fit_blur([look(depth, sharp[np.newaxis], frame)], frames)
    assert found.radius(26.0, 40) == pytest.approx(14 * growth, rel=0.07)
    assert veil.fit_blur([look(depth, sharp[np.newaxis], frame)], FRAMES).growth == 0


def test_a_growth_that_changes_along_the_stack_is_found():
    """As of a lens whose focus goes from twice to three times its focal length."""
    true = veil.BlurModel(0.8, -0.05, -0.08, (FRAMES - 1) / 2)
    depth, sharp, _ = slabs(1)

    def frame(k):
        seen = np.empty_like(sharp[0])
        for d in np.unique(depth):
            np.copyto(seen, disk_blur(sharp[0], true.radius(float(d), k)), where=depth == d)
        return seen

    found = veil.fit_blur([look(depth, sharp, frame)], FRAMES)
    for d, k in [(0.0, 3), (0.0, 8), (4.0, 1), (8.0, 5), (8.0, 0)]:
        assert found.radius(d, k) == pytest.approx(true.radius(d, k), rel=0.07)


def test_a_coarser_grid_tells_radii_of_the_finer_one():
    one = look(*slabs(0.8))
    coarse = veil.Look(2, one.depth, one.blurred, one.frame)
    assert veil.fit_blur([coarse], FRAMES).growth == pytest.approx(1.6, rel=0.05)


def test_without_texture_there_is_no_growth():
    depth, _, _ = slabs(1.0)
    flat = np.full((1, *SIZE), 0.4, np.float32)
    found = veil.fit_blur([look(depth, flat, lambda _k: flat[0])], FRAMES)
    assert found.growth == 0


def test_frames_that_never_blur_have_no_growth():
    depth, sharp, _ = slabs(1.0)
    found = veil.fit_blur([look(depth, sharp, lambda _k: sharp[0])], FRAMES)
    assert found.growth < 0.05


# ---------------------------------------------------------------- an occluder before a background

GROWTH = 1.5
NEAR, FAR = 0.0, 8.0


def occluded(near_first=True):
    """Depth, the sharp scene in linear light (H, W, 3), and what frame k sees of it."""
    covered = np.zeros(SIZE, np.float32)
    for x in range(30, SIZE[1], 75):
        covered[20:-20, x : x + 18] = 1
    front = 0.25 * texture(2)[..., None] * np.array([1.0, 0.9, 0.8], np.float32)
    back = texture(3)[..., None] * np.array([0.7, 0.9, 1.0], np.float32)
    matte = covered[..., None]
    near, far = (NEAR, FAR) if near_first else (FAR, NEAR)
    depth = np.where(covered > 0, near, far).astype(np.float32)

    def frame(k):
        radius = GROWTH * abs(near - k), GROWTH * abs(far - k)
        veil_of, through = disk_blur(front * matte, radius[0]), disk_blur(covered, radius[0])
        return veil_of + (1 - through[..., None]) * disk_blur(back, radius[1])

    return depth, front * matte + back * (1 - matte), back, frame


def everywhere(depth):
    """Every step of the depth counts."""
    return np.ones(depth.shape, np.bool_)


def model(growth=GROWTH):
    return veil.BlurModel(growth, 0.0, 0.0, (FRAMES - 1) / 2)


@pytest.mark.parametrize("near_first", [True, False])
def test_the_near_end_is_found(near_first):
    depth, _, _, frame = occluded(near_first)
    found = veil.judge_steps(depth, frame, FRAMES, model())
    assert found.near_first is near_first
    steps = cv2.dilate(depth, np.ones((3, 3))) - cv2.erode(depth, np.ones((3, 3))) > 1
    assert found.real[steps].mean() > 0.9


def test_grey_frames_tell_as_well():
    depth, _, _, frame = occluded()
    found = veil.judge_steps(depth, lambda k: frame(k).mean(axis=2, keepdims=True), FRAMES, model())
    assert found.near_first is True


def test_a_tilted_plane_does_not_tell_which_end_is_near():
    depth = np.tile(np.linspace(0, FRAMES - 1, SIZE[1], dtype=np.float32), (SIZE[0], 1))
    sharp = np.repeat(texture(4)[..., None], 3, axis=2)
    found = veil.judge_steps(depth, lambda _k: sharp, FRAMES, model())
    assert found.near_first is None
    assert not found.real.any()


def test_steps_that_no_frame_bears_out_are_not_real():
    """Depth jumps where nothing is: half of the occluders are made up."""
    depth, _, back, frame = occluded()
    half = SIZE[1] // 2

    def seen(k):
        light = frame(k)
        light[:, half:] = disk_blur(back, GROWTH * abs(FAR - k))[:, half:]
        return light

    found = veil.judge_steps(depth, seen, FRAMES, model())
    steps = cv2.dilate(depth, np.ones((3, 3))) - cv2.erode(depth, np.ones((3, 3))) > 1
    assert found.real[:, : half - 20][steps[:, : half - 20]].mean() > 0.9
    assert found.real[:, half + 20 :][steps[:, half + 20 :]].mean() < 0.45


def test_nothing_is_real_where_everything_is_made_up():
    depth, _, back, _ = occluded()
    found = veil.judge_steps(
        depth, lambda k: disk_blur(back, GROWTH * abs(FAR - k)), FRAMES, model()
    )
    assert found.near_first is None


@pytest.mark.parametrize("near_first", [True, False])
def test_what_comes_off_is_the_veil(near_first):
    depth, sharp, back, frame = occluded(near_first)
    k = int(FAR if near_first else NEAR)
    edges = veil.find_edges(depth, everywhere(depth), model(), near_first)
    found = veil.unveiling(veil.Scene(edges, sharp, model(), near_first), k)
    seen = frame(k)
    clean = seen * found.gain[..., None] - found.offset.transpose(1, 2, 0)
    known = (depth == k) & (found.through > 0.2)
    veiled = known & (found.through < 0.9)
    assert veiled.sum() > 3000
    before, after = (np.abs(p - back)[veiled].mean() for p in (seen, clean))
    assert after < 0.15 * before
    assert np.abs(clean - back)[known].mean() < 0.01


def test_the_veil_is_worked_out_where_the_frame_counts_only():
    depth, sharp, _, _ = occluded()
    scene = veil.Scene(
        veil.find_edges(depth, everywhere(depth), model(), True), sharp, model(), True
    )
    assert veil.unveiling(scene, 0) is None  # nothing is nearer than the first frame's focus
    # in between nothing is in focus beside the edges
    np.testing.assert_array_equal(veil.unveiling(scene, 4).gain, 1)


def test_a_window_is_wide_far_from_steps_and_narrow_beside_them():
    depth, _, _, _ = occluded()
    edges = veil.find_edges(depth, everywhere(depth), model(), True)
    middle, beside = (100, 90), (100, 50)
    assert depth[middle] == depth[beside] == FAR
    assert edges.half[beside] < edges.half[middle]
    power = 16
    weights = [veil.window_prior(edges, k, power)[beside] ** power for k in range(FRAMES)]
    assert weights[8] == 1
    assert weights[0] == pytest.approx(1e-12, rel=0.01)
    assert np.all(np.diff(weights) >= 0)


def test_without_a_step_every_frame_may_count():
    depth = np.full((40, 50), 3, np.float32)
    edges = veil.find_edges(depth, everywhere(depth), model(), True)
    assert np.isfinite(edges.distance).all()
    for k in range(7):
        np.testing.assert_array_equal(veil.window_prior(edges, k, 16), 1)


def test_near_things_are_taken_a_pixel_wider():
    depth = np.full((9, 12), 5, np.float32)
    depth[:, :6] = 1
    for near_first, width in ((True, 7), (False, 5)):
        chosen = veil.find_edges(depth, everywhere(depth), model(), near_first).chosen
        np.testing.assert_array_equal((chosen == 1).sum(axis=1), width)


def test_a_step_that_is_not_real_does_not_count():
    depth, _, _, _ = occluded()
    edges = veil.find_edges(depth, np.zeros(SIZE, np.bool_), model(), True)
    assert edges.distance.min() > 0
    assert edges.half.min() > FRAMES


def test_light_is_linear():
    """The reference that kernels are held to encodes what it decodes."""
    values = np.linspace(0, 1, 100)
    np.testing.assert_allclose(
        reference.srgb_encode(reference.srgb_decode(values)), values, atol=1e-9
    )
