"""Exposure and white balance: curves, and gains against what was rendered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from focusstack import colour, transform
from focusstack.steps import tone
from truth import EVEN, STILL, rendered


def found_gains(frames, truth, reference=3):
    thumbs = {i: tone.thumbnail(frame) for i, frame in enumerate(frames)}
    width = frames[0].shape[1]
    return tone.estimate_gains(thumbs, dict(enumerate(truth.transforms)), reference, width)


@given(st.floats(0, 1))
def test_the_curve_and_its_inverse_cancel(value):
    there = colour.srgb_decode(np.array([value]))
    np.testing.assert_allclose(colour.srgb_encode(there), value, atol=2e-7)


def test_the_curve_is_srgb():
    np.testing.assert_allclose(
        colour.srgb_decode(np.array([0, 0.04045, 0.5, 1])), [0, 0.0031308, 0.2140411, 1], atol=1e-6
    )


def test_overshoot_survives_the_curves():
    values = np.array([-0.1, -0.01, 1.0, 1.2])
    there = colour.srgb_decode(values)
    assert np.isfinite(there).all()
    assert np.all(np.diff(there) > 0)
    np.testing.assert_allclose(colour.srgb_encode(there), values, atol=1e-6)


@pytest.mark.parametrize("scene", ["plane", "steps"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"flicker": 0.2, "white_balance": 0.08},
        {"bits": 16, "flicker": 0.1},
        {"channels": 1, "flicker": 0.1},
        {"iso": 1600, "flicker": 0.1},
        {"frames": 9, "breathing": 0.06},
    ],
    ids=str,
)
def test_gains_undo_the_flicker(scene, settings):
    frames, truth = rendered(scene, **settings)
    reference = truth.reference_index
    gains = found_gains(frames, truth, reference)
    channels = frames[0].shape[2]
    for i, gain in gains.items():
        assert gain.shape == (channels,)
        # 0.8 %: half a code of 8 bits; defocus carries light over the border of the frame
        np.testing.assert_allclose(gain * truth.gains[i][:channels], 1, atol=0.008)
    np.testing.assert_allclose(gains[reference], 1, atol=1e-12)


def test_any_frame_can_be_the_reference():
    frames, truth = rendered("plane", flicker=0.1)
    gains = found_gains(frames, truth, reference=0)
    # transforms need not be relative to the reference as long as they share one canvas
    for i, gain in gains.items():
        np.testing.assert_allclose(gain * truth.gains[i] / truth.gains[0], 1, atol=0.01)


@pytest.mark.parametrize("scene", ["plane", "steps", "flat"])
def test_even_frames_are_left_exactly_as_they_are(scene):
    frames, truth = rendered(scene, **EVEN)
    for gain in found_gains(frames, truth).values():
        np.testing.assert_array_equal(gain, np.ones(3))


def test_places_near_white_do_not_mislead():
    frames, truth = rendered("plane", **STILL, **EVEN)
    light = np.array(
        [
            colour.srgb_decode(f / 255.0) * g
            for f, g in zip(frames, (1, 1.5, 1, 1, 1, 1, 1), strict=True)
        ]
    )
    light[:, 60:140, 100:200] *= 6
    clipped = [np.rint(255 * colour.srgb_encode(np.clip(x, 0, 1))).astype(np.uint8) for x in light]
    gains = found_gains(clipped, truth)
    np.testing.assert_allclose(gains[1], 1 / 1.5, rtol=0.02)


def test_frames_with_nothing_in_common_keep_their_exposure():
    bright = {0: np.full((60, 90, 3), 0.5, np.float32), 1: np.full((60, 90, 3), 0.2, np.float32)}
    away = {0: np.eye(3), 1: transform.shift(1e4, 0)}
    assert np.all(tone.estimate_gains(bright, away, 0, 90)[1] == 1)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_black_and_white_frames_keep_their_exposure(level):
    thumbs = {i: np.full((60, 90, 1), level, np.float32) for i in range(3)}
    gains = tone.estimate_gains(thumbs, {i: np.eye(3) for i in range(3)}, 0, 90)
    assert all(np.all(g == 1) for g in gains.values())


def test_gains_stay_within_four_stops_of_sense():
    thumbs = {0: np.full((60, 90, 1), 0.8, np.float32), 1: np.full((60, 90, 1), 0.01, np.float32)}
    gains = tone.estimate_gains(thumbs, {0: np.eye(3), 1: np.eye(3)}, 0, 90)
    assert gains[1] == 4


# ---------------------------------------------------------------- thumbnails


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(200, 300, 3), (50, 30, 1), (8, 400, 3), (96, 96, 1)])
def test_a_thumbnail_keeps_the_light(dtype, shape):
    y, x, c = np.indices(shape)
    pixels = (0.5 + 0.45 * np.sin(x / 9 + c) * np.cos(y / 7)).astype(np.float32)
    top = 1 if dtype is np.float32 else np.iinfo(dtype).max
    coded = pixels if dtype is np.float32 else np.rint(pixels * top).astype(dtype)
    small = tone.thumbnail(coded)
    assert small.dtype == np.float32
    assert max(small.shape) <= 96
    assert small.shape[2] == shape[2]
    light = colour.srgb_decode(coded.astype(float) / top)
    np.testing.assert_allclose(small.mean(), light.mean(), rtol=0.02)


# ---------------------------------------------------------------- applying gains


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_codes_stand_for_themselves_without_a_gain(dtype):
    values = tone.code_values(np.dtype(dtype), np.ones(3))
    top = np.iinfo(dtype).max
    assert values.shape == (3, top + 1)
    np.testing.assert_array_equal(values[1], (np.arange(top + 1) / top).astype(np.float32))


@given(st.floats(0.25, 4), st.floats(0.25, 4))
def test_a_gain_multiplies_light(first, second):
    values = tone.code_values(np.dtype(np.uint8), np.array([first, second, 1]))
    light = colour.srgb_decode(np.arange(256) / 255)
    for row, gain in zip(values, (first, second, 1), strict=True):
        np.testing.assert_allclose(
            colour.srgb_decode(row.astype(float)), light * gain, atol=2e-6, rtol=2e-6
        )
        assert np.all(np.diff(row) > 0)


def test_floats_get_the_same_gain_as_codes():
    gain = np.array([0.8, 1.1, 1.3])
    codes = np.arange(256, dtype=np.uint8)
    by_table = tone.code_values(np.dtype(np.uint8), gain)[:, codes]
    pixels = np.repeat((codes / np.float32(255))[None, :, None], 3, axis=2).astype(np.float32)
    by_formula = tone.apply_gain(pixels, gain)
    np.testing.assert_allclose(by_formula[0].T, by_table, atol=1e-6)
    assert tone.apply_gain(pixels, np.ones(3)) is pixels
    assert tone.code_values(np.dtype(np.float32), gain).shape == (3, 0)
