"""Confidence is what is right as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from focusstack import Recipe, stack
from focusstack.steps.depth import confidence_of
from truth import rendered, true_on_canvas

FLAT = np.full((20, 30), 4, np.float32)


def level(prominence, depth=FLAT):
    return confidence_of(np.full(depth.shape, prominence, np.float32), depth)


def test_what_stands_out_more_is_surer():
    sure = [float(level(p).min()) for p in np.linspace(0, 1, 21)]
    assert sure == sorted(sure)
    assert sure[0] == 0
    assert 0.99 < sure[-1] <= 1


@pytest.mark.parametrize("prominence", [0.0, 0.1, 0.2])
def test_noise_is_known_to_say_nothing(prominence):
    assert level(prominence).max() < 0.05


def test_beside_a_step_less_is_sure():
    depth = FLAT.copy()
    depth[:, 15:] = 9
    row = level(0.6, depth)[10]
    assert np.all(np.diff(row[:14]) <= 1e-6)
    assert np.all(np.diff(row[16:]) >= -1e-6)
    assert row[14] < row[0] - 0.05


@pytest.mark.parametrize(
    ("scene", "settings"),
    [("steps", {}), ("steps", {"iso": 1600, "far_first": True}), ("sparse", {})],
    ids=str,
)
def test_as_much_is_right_as_is_claimed(scene, settings):
    frames, truth = rendered(scene, size=(720, 480), frames=10, seed=5, **settings)
    result = stack(frames, Recipe(method="average", clean=False))
    true = true_on_canvas(truth.depth, truth, result.alignment)
    known = np.isfinite(result.depth)
    right = (np.abs(result.depth - true) <= 1)[known]
    assert right.mean() == pytest.approx(result.confidence[known].mean(), abs=0.06)
