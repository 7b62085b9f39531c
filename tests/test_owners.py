"""Depth where things without texture meet: whose edge it is."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from focusstack import Recipe, stack
from focusstack.steps.depth.along import smooth_along
from focusstack.steps.depth.owners import settle
from truth import rendered, true_on_canvas

SIZE, WALL, ROD = (300, 480), 9.0, 2.0
LEFT, RIGHT = 200, 260


def made_up(near_first=True, marks=True):
    """A smooth rod before a smooth wall, both with marks: picture, energy, depth and truth.

    The depth is what gathered votes make of it: the edge's within 30 px on both sides of it.
    """
    rng = np.random.default_rng(1)
    picture = np.full((*SIZE, 3), (0.6, 0.55, 0.5), np.float32)
    picture[:, LEFT:RIGHT] = (0.2, 0.4, 0.2)
    truth = np.full(SIZE, WALL, np.float32)
    truth[:, LEFT:RIGHT] = ROD
    depth = truth.copy()
    depth[:, LEFT - 30 : RIGHT + 30] = ROD
    energy = np.full(SIZE, 1.5, np.float32)
    for edge in (LEFT, RIGHT):
        energy[:, edge - 3 : edge + 3] = 200
    for _ in range(60 if marks else 0):
        y, x = rng.integers(10, SIZE[0] - 10), rng.integers(10, SIZE[1] - 10)
        if min(abs(x - LEFT), abs(x - RIGHT)) > 15:
            at = np.s_[y - 2 : y + 3, x - 2 : x + 3]
            picture[at], energy[at], depth[at] = 0.05, 80, truth[at]
    if not near_first:
        depth, truth = 11 - depth, 11 - truth
    return picture, energy, depth, truth


@pytest.mark.parametrize("near_first", [True, False])
def test_a_wall_does_not_take_the_depth_of_the_rod_before_it(near_first):
    picture, energy, depth, truth = made_up(near_first)
    assert (np.abs(depth - truth) > 1).mean() > 0.1
    confidence = np.full(SIZE, 0.97, np.float32)
    found, sure = settle(depth, confidence, energy, picture)
    assert (np.abs(found - truth) > 1).mean() < 0.005
    changed = found != depth
    assert (sure[changed] >= 0.9).mean() > 0.95
    np.testing.assert_array_equal(depth[:, 225:235], found[:, 225:235])


def test_without_marks_nothing_is_known_better():
    picture, energy, depth, _ = made_up(marks=False)
    confidence = np.full(SIZE, 0.8, np.float32)
    found, sure = settle(depth, confidence, energy, picture)
    np.testing.assert_array_equal(found, depth)
    np.testing.assert_array_equal(sure[:, :150], confidence[:, :150])
    assert sure[:, LEFT - 3 : LEFT + 3].max() < 0.5  # whose edge it is does not show


def test_an_edge_against_all_marks_is_doubtful_if_which_way_is_far_does_not_show():
    picture, energy, depth, _ = made_up()
    other = made_up(near_first=False)[2]
    depth = np.concatenate([depth, other])  # near is first above and last below
    picture, energy = np.concatenate([picture] * 2), np.concatenate([energy] * 2)
    confidence = np.full(depth.shape, 0.97, np.float32)
    found, sure = settle(depth, confidence, energy, picture)
    np.testing.assert_array_equal(found, depth)
    beside = np.s_[:250, LEFT - 8 : LEFT - 3]
    assert (sure[beside] < 0.5).mean() > 0.9
    assert sure[:250, 225:235].min() > 0.9


def test_textured_sides_keep_what_they_know():
    picture, energy, depth, _ = made_up()
    energy = np.maximum(energy, 60)
    confidence = np.full(SIZE, 0.8, np.float32)
    found, sure = settle(depth, confidence, energy, picture)
    np.testing.assert_array_equal(found, depth)
    np.testing.assert_array_equal(sure, confidence)


def test_smoothing_goes_along_a_colour_and_not_across():
    guide = np.full((60, 90, 3), 0.3, np.float32)
    guide[:, 45:] = 0.7
    plane = np.zeros((2, 60, 90), np.float32)
    plane[0], plane[1, :, :45] = 1, 1
    found = smooth_along(plane, guide, 30, 0.1)
    np.testing.assert_allclose(found[0], 1, atol=1e-5)
    np.testing.assert_allclose(found[1, :, :45], 1, atol=0.02)
    np.testing.assert_allclose(found[1, :, 45:], 0, atol=0.02)


def test_smoothing_goes_round_a_corner():
    guide = np.full((60, 60, 3), 0.2, np.float32)
    guide[:40, 28:32] = 0.9  # a wall with a gap below
    plane = np.zeros((1, 60, 60), np.float32)
    plane[0, :, :28] = 1
    found = smooth_along(plane, guide, 20, 0.1)[0]
    assert found[5, 34] < 0.1 * found[55, 34]


@cache
def sparse(far_first):
    """A whole run on smooth things, and its true depth."""
    frames, truth = rendered("sparse", size=(720, 480), frames=10, seed=3, far_first=far_first)
    result = stack(frames, Recipe(method="average", clean=False))
    return result, true_on_canvas(truth.depth, truth, result.alignment)


@pytest.mark.parametrize("far_first", [False, True])
def test_a_smooth_scene_is_right_nearly_everywhere(far_first):
    result, true = sparse(far_first)
    known = np.isfinite(result.depth)
    assert known.mean() > 0.9
    assert (np.abs(result.depth - true) <= 1)[known].mean() > 0.85
