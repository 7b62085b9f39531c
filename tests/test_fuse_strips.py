"""Strips of rows fused by themselves: the same bits as in the whole picture."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from focusstack import Recipe, pipeline, stack
from focusstack.events import StepStarted
from focusstack.model import NoiseModel
from focusstack.steps.focus import band_noise_gains
from focusstack.steps.fuse import Aligned, Canvas
from focusstack.steps.fuse.bands import level_sizes
from focusstack.steps.fuse.pyramid import Pyramid
from focusstack.steps.fuse.strips import (
    Strip,
    StripState,
    even_rows,
    joined,
    prior_at,
)
from kernel_samples import CHANNELS
from truth import rendered

GAINS = band_noise_gains()
NOISE = NoiseModel(np.full(64, 1e-4 * GAINS[0], np.float32), GAINS)
SCALE = 4
SIZES = settings(max_examples=20, deadline=None)


def frames_of(shape, channels=3, count=3, holes=True):
    """Frames of noise at all scales, each with a prior on a coarser grid and a mask."""
    rng = np.random.default_rng([*shape, channels])
    small = tuple(-(-side // SCALE) for side in shape)
    for k in range(count):
        picture = rng.random((channels, *shape), dtype=np.float32)
        picture *= np.linspace(0, 1, shape[0], dtype=np.float32)[:, None] ** k
        valid = (rng.random(shape) < 0.999).astype(np.uint8) if holes and k else None
        prior = rng.random(small, dtype=np.float32) + np.float32(0.1)
        yield Aligned(k, picture, valid, prior, SCALE)


def whole(shape, channels, **how):
    method = Pyramid(16, NOISE, 2)
    state = method.start(Canvas(shape[1], shape[0], channels))
    for frame in frames_of(shape, channels, **how):
        method.feed(state, frame)
    return method.finish(state)


def in_strips(shape, channels, strips, depth, **how):
    """Each strip by itself, then what they hand on, then each strip's picture."""
    canvas, method = Canvas(shape[1], shape[0], channels), Pyramid(16, NOISE, 2)
    unit = 1 << depth
    strips = [Strip(canvas, rows, depth) for rows in even_rows(shape[0], strips, unit)]
    states, frames = (
        [StripState(strip) for strip in strips],
        list(frames_of(shape, channels, **how)),
    )
    handed = [[state.feed(frame, method.weighing) for frame in frames] for state in states]
    coarse = method.start_coarse(canvas, depth)
    for frame, parts in zip(frames, zip(*handed, strict=True), strict=True):
        method.feed_coarse(coarse, joined(parts, prior_at(frame.prior, SCALE, depth, 2)))
    fused = method.finish_coarse(coarse)
    return np.concatenate([state.finish(fused, 2) for state in states], axis=1)


@pytest.mark.parametrize("height", [200, 401, 640])
@pytest.mark.parametrize("strips", [1, 2, 3, 1000])
@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("holes", [False, True])
def test_strips_that_hand_on_their_coarser_levels(height, strips, depth, holes):
    shape = height, 70
    made = in_strips(shape, 3, strips, depth, holes=holes)
    np.testing.assert_array_equal(made, whole(shape, 3, holes=holes))


@SIZES
@given(st.integers(130, 900), st.integers(64, 90), st.integers(1, 9), st.integers(2, 4), CHANNELS)
def test_strips_of_any_size(height, width, strips, depth, channels):
    assume(depth < len(level_sizes(height, width)))
    made = in_strips((height, width), channels, strips, depth)
    np.testing.assert_array_equal(made, whole((height, width), channels))


@given(st.integers(1, 3000), st.integers(1, 50), st.sampled_from([2, 8, 64]))
def test_strips_are_all_rows_in_order_and_nearly_alike(height, count, unit):
    rows = even_rows(height, count, unit)
    assert rows[0][0] == 0
    assert rows[-1][1] == height
    assert all(a[1] == b[0] and b[0] % unit == 0 for a, b in pairwise(rows))
    sizes = [-(-(end - first) // unit) for first, end in rows]
    assert max(sizes) - min(sizes) <= 1
    assert len(rows) == min(count, -(-height // unit))


@pytest.mark.parametrize("settings", [{}, {"crop": False}, {"method": "pyramid"}], ids=str)
def test_a_run_in_parts_makes_the_same_picture_and_maps(monkeypatch, settings):
    frames, _ = rendered("steps", frames=4, size=(420, 300))
    recipe = Recipe(depth=True, **settings)
    whole = stack(frames, recipe)
    plan = pipeline.make_plan
    monkeypatch.setattr(pipeline, "make_plan", lambda *given: replace(plan(*given), parts=3))
    told = []
    parted = stack(frames, recipe, observer=told.append)
    assert [e.total for e in told if isinstance(e, StepStarted) and e.step == "fuse"] == [20]
    np.testing.assert_array_equal(parted.image, whole.image)
    np.testing.assert_array_equal(parted.depth, whole.depth)
    if whole.lost is not None:
        np.testing.assert_array_equal(parted.lost, whole.lost)
