"""Near things end where their colours end."""

from __future__ import annotations

import numpy as np
import pytest

from focusstack.steps.depth import borders, draw_in

SIZE = (80, 120)
REAL, UNREAL = np.ones(SIZE, np.bool_), np.zeros(SIZE, np.bool_)


def scene(wide=3, near=1.0, far=8.0, contrast=0.4, grain=0.05):
    """A textured post before a textured wall, its depth ``wide`` px too wide on both sides."""
    rng = np.random.default_rng(2)
    picture = 0.7 + grain * rng.standard_normal((*SIZE, 3)).astype(np.float32)
    picture[:, 50:70] -= contrast
    truth = np.full(SIZE, far, np.float32)
    truth[:, 50:70] = near
    depth = np.full(SIZE, far, np.float32)
    depth[:, 50 - wide : 70 + wide] = near
    return np.clip(picture, 0, 1), depth, truth


def share_wrong(found, truth):
    return float((np.abs(found - truth) > 1).mean())


@pytest.mark.parametrize("wide", [1, 2, 3])
@pytest.mark.parametrize("near_first", [True, False])
def test_what_looks_like_the_far_side_goes_to_it(wide, near_first):
    near, far = (1.0, 8.0) if near_first else (8.0, 1.0)
    picture, depth, truth = scene(wide, near, far)
    found = draw_in(depth, picture, REAL, near_first)
    assert share_wrong(found, truth) < 0.25 * share_wrong(depth, truth)


def test_the_depth_given_is_not_changed():
    picture, depth, _ = scene()
    before = depth.copy()
    draw_in(depth, picture, REAL, True)
    np.testing.assert_array_equal(depth, before)


def test_near_things_are_never_widened_and_hardly_eaten():
    picture, depth, truth = scene(wide=0)
    found = draw_in(depth, picture, REAL, True)
    assert np.all(found >= depth)
    assert share_wrong(found, truth) < 0.01


def test_one_colour_tells_nothing():
    picture, depth, _ = scene(contrast=0.0, grain=0.0)
    np.testing.assert_array_equal(draw_in(depth, picture, REAL, True), depth)


def test_steps_that_are_not_real_stay():
    picture, depth, _ = scene()
    np.testing.assert_array_equal(draw_in(depth, picture, UNREAL, True), depth)


def test_tiles_change_no_bit(monkeypatch):
    picture, depth, _ = scene()
    whole = draw_in(depth, picture, REAL, True)
    monkeypatch.setattr(borders, "TILE", 17)
    np.testing.assert_array_equal(draw_in(depth, picture, REAL, True), whole)


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (9, 2), (5, 5)])
def test_tiny_maps(shape):
    rng = np.random.default_rng(3)
    depth = (9 * rng.random(shape)).astype(np.float32)
    picture = rng.random((*shape, 3), dtype=np.float32)
    assert draw_in(depth, picture, np.ones(shape, np.bool_), True).shape == shape
