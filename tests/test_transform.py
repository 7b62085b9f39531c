"""Transforms, the rectangle that all frames cover, and focus order: the plain arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from focusstack import AlignmentError, transform
from focusstack.steps.align import common_rectangle, focus_order

SMALL = st.floats(-0.2, 0.2)
SHIFT = st.floats(-50, 50)
AFFINE = st.builds(
    lambda a, b, c, d, x, y: np.array([[1 + a, b, x], [c, 1 + d, y], [0, 0, 1]]),
    SMALL,
    SMALL,
    SMALL,
    SMALL,
    SHIFT,
    SHIFT,
)
POINTS = np.array([[0, 0], [10.5, -3], [300, 200], [-7, 4.25]])


@given(AFFINE, AFFINE)
def test_transforms_compose_from_the_right(a_from_b, b_from_c):
    at_once = transform.apply(a_from_b @ b_from_c, POINTS)
    in_steps = transform.apply(a_from_b, transform.apply(b_from_c, POINTS))
    np.testing.assert_allclose(at_once, in_steps, atol=1e-6)


@given(AFFINE)
def test_the_inverse_leads_back(matrix):
    there = transform.apply(matrix, POINTS)
    np.testing.assert_allclose(transform.apply(np.linalg.inv(matrix), there), POINTS, atol=1e-6)


@given(SHIFT, SHIFT)
def test_a_shift_shifts(x, y):
    np.testing.assert_allclose(
        transform.apply(transform.shift(x, y), POINTS), POINTS + np.array([x, y])
    )
    moved = transform.displacement(transform.shift(x, y), np.eye(3), 40, 30)
    np.testing.assert_allclose(moved, np.hypot(x, y), atol=1e-9)


def test_perspective_is_divided_out():
    matrix = np.array([[1, 0, 0], [0, 1, 0], [0.01, 0, 1]])
    np.testing.assert_allclose(transform.apply(matrix, np.array([[100.0, 50]])), [[50, 25]])


@given(st.integers(1, 16), st.integers(1, 30))
def test_a_reduced_pixel_is_the_middle_of_what_it_averages(scale, k):
    averaged = np.arange(k * scale, (k + 1) * scale).mean()
    found = transform.apply(transform.full_from_reduced(scale), np.array([[k, k]]))
    np.testing.assert_allclose(found, [[averaged, averaged]], atol=1e-9)


@given(AFFINE, st.sampled_from([1, 2, 4, 8, 2.5]))
def test_a_transform_means_the_same_at_full_size(reduced, scale):
    full = transform.at_full_size(reduced, scale)
    up = transform.full_from_reduced(scale)
    via_reduced = transform.apply(up @ reduced, POINTS)
    np.testing.assert_allclose(transform.apply(full @ up, POINTS), via_reduced, atol=1e-6)
    np.testing.assert_allclose(transform.at_full_size(full, 1 / scale), reduced, atol=1e-8)


def test_a_shift_grows_with_the_scale_and_nothing_stays_nothing():
    np.testing.assert_allclose(
        transform.at_full_size(transform.shift(1.5, -2), 4), transform.shift(6, -8)
    )
    np.testing.assert_allclose(transform.at_full_size(np.eye(3), 8), np.eye(3), atol=1e-12)


@given(st.integers(1, 500), st.integers(1, 500))
def test_a_grid_spans_the_frame(width, height):
    points = transform.grid(width, height)
    assert points.shape == (81, 2)
    assert points.min() == 0
    np.testing.assert_array_equal(points.max(axis=0), [width - 1, height - 1])


@given(st.floats(0.5, 2), st.floats(-3, 3), SHIFT)
def test_magnification_sees_scale_only(scale, turn, x):
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[cos, -sin, x], [sin, cos, -x], [0, 0, 1]])
    assert transform.magnification(matrix) == pytest.approx(scale)
    assert transform.magnification(matrix * 7) == pytest.approx(scale)


# ---------------------------------------------------------------- the common rectangle


MOTION = st.tuples(
    st.floats(0.9, 1.1), st.floats(-0.1, 0.1), st.floats(-20, 20), st.floats(-20, 20)
)


def similarity(motion, width, height):
    scale, turn, x, y = motion
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    middle = transform.shift((width - 1) / 2, (height - 1) / 2)
    return middle @ np.array([[cos, -sin, x], [sin, cos, y], [0, 0, 1]]) @ np.linalg.inv(middle)


@settings(deadline=None)
@given(st.lists(MOTION, min_size=1, max_size=5), st.integers(100, 200), st.integers(100, 200))
def test_every_corner_lies_in_every_frame(motions, width, height):
    transforms = [np.eye(3)] + [similarity(m, width, height) for m in motions]
    x, y, w, h = common_rectangle(transforms, width, height)
    corners = np.array([[x, y], [x + w - 1, y], [x, y + h - 1], [x + w - 1, y + h - 1]], float)
    for matrix in transforms:
        seen = transform.apply(np.linalg.inv(matrix), corners)
        assert seen.min() >= -1e-5
        assert (seen <= np.array([width - 1, height - 1]) + 1e-5).all()


@given(st.lists(st.tuples(SHIFT, SHIFT), min_size=1, max_size=5), st.integers(120, 300))
def test_for_shifts_it_is_as_large_as_it_can_be(shifts, side):
    found = common_rectangle([np.eye(3)] + [transform.shift(*s) for s in shifts], side, side)
    xs, ys = ([0.0] + [s[axis] for s in shifts] for axis in (0, 1))
    for offsets, start, length in ((xs, found[0], found[2]), (ys, found[1], found[3])):
        low, high = max(offsets), side - 1 + min(offsets)
        assert -1e-5 <= start - low < 1 + 1e-5
        assert -1e-5 <= high - (start + length - 1) < 1 + 1e-5


def test_frames_that_do_not_move_lose_nothing():
    assert common_rectangle([np.eye(3)] * 3, 40, 30) == (0, 0, 40, 30)
    assert common_rectangle([np.eye(3), transform.shift(1e-9, -1e-9)], 40, 30) == (0, 0, 40, 30)


def test_frames_without_a_common_part_are_an_error():
    with pytest.raises(AlignmentError) as error:
        common_rectangle([np.eye(3), transform.shift(35, 0)], 40, 30)
    assert "keep-size" in error.value.hint


# ---------------------------------------------------------------- focus order


def profiles(count, cells=120, width=0.12, seed=0):
    """A tilted scene: every cell is sharpest at its own depth, spread evenly over the stack."""
    rng = np.random.default_rng(seed)
    depth, strength = rng.uniform(0, 1, cells), rng.uniform(0.2, 1, cells)
    focus = np.linspace(0, 1, count)[:, None]
    sharp = np.exp(-(((focus - depth) / width) ** 2))
    return list((strength * (0.1 + sharp)).astype(np.float32))


@given(st.integers(12, 24), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_a_shuffled_stack_is_put_in_order(count, seed):
    given_order = np.random.default_rng(seed).permutation(count)
    steps = np.abs(np.diff(given_order))
    assume(steps.mean() > 3)
    made = profiles(count)
    found = focus_order([made[i] for i in given_order])
    assert found is not None
    true = given_order[found]
    assert np.abs(np.diff(true)).max() == 1, true


@pytest.mark.parametrize("count", range(2, 20))
def test_a_stack_in_order_or_reversed_is_left_alone(count):
    made = profiles(count)
    assert focus_order(made) is None
    assert focus_order(made[::-1]) is None


@pytest.mark.parametrize("count", [2, 5, 10])
def test_frames_that_look_all_the_same_are_left_alone(count):
    flat = [np.full(216, 0.01, np.float32)] * count
    assert focus_order(flat) is None
    assert focus_order([np.zeros(216, np.float32)] * count) is None
    rng = np.random.default_rng(0)
    alike = [(0.01 + 1e-4 * rng.random(216)).astype(np.float32) for _ in range(count)]
    assert focus_order(alike) is None


def test_the_direction_nearest_to_the_given_one_is_kept():
    made = profiles(12)
    given_order = [3, 0, 1, 2, 4, 5, 9, 6, 7, 11, 8, 10]
    found = focus_order([made[i] for i in given_order])
    assert found is not None
    assert [given_order[i] for i in found] == list(range(12))
