"""A front object before a back one, checked against what a disk-shaped aperture must give."""

from __future__ import annotations

import numpy as np
import pytest

from focusstack.synthetic.layers import Layer, compose, flat_depth, front_depth, paint
from focusstack.synthetic.view import Patch, View

VIEW = View(120, 88, 4, 128, 96, 1)
FRONT, BACK = 0.8, 0.1
NEAR, FAR = 0.1, 0.9


@pytest.mark.parametrize("radius", [2.0, 7.0, 15.0])
def test_a_defocused_front_object_veils_the_back_by_its_share_of_the_disk(radius: float) -> None:
    seen = compose(_step(0.0), VIEW, lambda t: np.where(t < 0.5, radius, 0).astype(np.float32))
    share = _share_of_disk((_columns() - 63.5) / radius)
    expected = FRONT * share + BACK * (1 - share)
    np.testing.assert_allclose(seen[48, :, 0], expected, atol=0.03)


def test_a_defocused_back_does_not_bleed_over_a_sharp_front() -> None:
    layers = _step(0.0)
    sharp = compose(layers, VIEW, np.zeros_like)
    seen = compose(layers, VIEW, lambda t: np.where(t > 0.5, 9, 0).astype(np.float32))
    np.testing.assert_allclose(seen, sharp, atol=1e-3)
    assert seen[48, :63, 0] == pytest.approx(FRONT, abs=1e-3)
    assert seen[48, 65:, 0] == pytest.approx(BACK, abs=1e-3)


def test_nothing_in_between_when_all_is_sharp() -> None:
    row = compose(_step(0.25), VIEW, np.zeros_like)[48, :, 0]
    assert row[63] == pytest.approx(FRONT, abs=1e-3)
    assert row[64] == pytest.approx(0.25 * FRONT + 0.75 * BACK, abs=2e-3)
    assert row[65] == pytest.approx(BACK, abs=1e-3)


@pytest.mark.parametrize(("covered", "depth"), [(0.3, FAR), (0.7, NEAR)])
def test_depth_is_that_of_what_covers_half_a_pixel(covered: float, depth: float) -> None:
    found = front_depth(_step(covered), VIEW, VIEW.whole)
    assert found[48, 63] == pytest.approx(NEAR)
    assert found[48, 64] == pytest.approx(depth)
    assert found[48, 65] == pytest.approx(FAR)


def _step(covered: float) -> list[Layer]:
    """A front plane up to column 63 and ``covered`` of column 64, over a back plane."""

    def back(patch: Patch) -> tuple[np.ndarray, np.ndarray]:
        return _uniform(patch, BACK), np.ones(_shape(patch), np.float32)

    def front(patch: Patch) -> tuple[np.ndarray, np.ndarray]:
        edge = np.broadcast_to(patch.x - covered / VIEW.unit, _shape(patch))
        return _uniform(patch, FRONT), patch.cover(edge)

    return [paint(VIEW, back, flat_depth(FAR)), paint(VIEW, front, flat_depth(NEAR))]


def _shape(patch: Patch) -> tuple[int, int]:
    return patch.window.height, patch.window.width


def _uniform(patch: Patch, light: float) -> np.ndarray:
    return np.full((*_shape(patch), 3), light, np.float32)


def _columns() -> np.ndarray:
    return np.arange(VIEW.canvas_width, dtype=float)


def _share_of_disk(at: np.ndarray) -> np.ndarray:
    """Share of a unit disk's area that lies to the left of -at."""
    u = np.clip(at, -1, 1)
    return 0.5 - (u * np.sqrt(1 - u * u) + np.arcsin(u)) / np.pi
