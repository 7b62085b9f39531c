"""Sensor defects: what is found, what is repaired, what is left alone."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from focusstack import Recipe, stack
from focusstack.events import StepImage
from focusstack.steps.clean import Defects, Dust, Outliers
from focusstack.steps.clean.fill import make_fill
from focusstack.steps.read import area_average
from focusstack.synthetic import render
from truth import as_float, psnr, rendered, true_on_canvas

SIZE = (480, 320)
MOVING = {"size": SIZE, "frames": 9, "breathing": 0.04, "drift_px": 5.0}
DIRTY = {"dust": 5, "hot_pixels": 20}
QUICK = Recipe(method="pyramid", depth=False)


def facts_of(frames, recipe=QUICK):
    facts = stack(frames, recipe).facts
    return facts["hot_pixels"], facts["dust_spots"]


def drawn_defects(frames):
    """The map of defects that --save-steps would keep."""
    kept = []

    def listen(event):
        if isinstance(event, StepImage) and event.step == "clean":
            kept.append(event.make())

    stack(frames, QUICK, observer=listen)
    assert len(kept) == 1
    return kept[0]


@pytest.mark.parametrize("scene", ["plane", "steps"])
@pytest.mark.parametrize("seed", [1, 5])
def test_defects_are_found_where_they_are_and_nowhere_else(scene, seed):
    settings = {**MOVING, **DIRTY, "seed": seed}
    sensor = render(scene, **settings).sensor
    shown = drawn_defects(rendered(scene, **settings)[0])
    red = (shown == (220, 0, 0)).all(axis=2)
    hot = [(x, y) for x, y, _, _ in sensor.hot_spots(*SIZE, 3)]
    assert sum(bool(red[y, x]) for x, y in hot) >= 14
    near_hot = np.zeros(red.shape, np.uint8)
    near_hot[tuple(np.array(hot).T[::-1])] = 1
    assert not (red & (cv2.dilate(near_hot, np.ones((13, 13))) == 0)).any()
    dark = (shown[..., 0] < 245) & ~red
    rows, columns = np.indices(dark.shape)
    near_dust = np.zeros(dark.shape, bool)
    found = 0
    for x, y, size, _ in sensor.dust_spots(*SIZE):
        away = np.hypot(columns - x, rows - y)
        found += bool((dark & (away < size)).any())
        near_dust |= away < size + 10
    assert found >= 2
    assert not (dark & ~near_dust).any()


@pytest.mark.parametrize("settings", [{}, {"bits": 16}, {"channels": 1}, {"iso": 800}])
def test_repair_brings_most_of_the_quality_back(settings):
    frames, truth = rendered("plane", **MOVING, **DIRTY, **settings)
    spotless, _ = rendered("plane", **MOVING, **settings)
    untouched = replace(QUICK, clean=False)
    repaired = stack(frames, QUICK)
    runs = {
        "repaired": repaired,
        # frames are cleaned after they are aligned, so both runs find the same alignment
        "dirty": stack(frames, untouched, alignment=repaired.alignment),
        "spotless": stack(spotless, untouched),
    }
    quality = {
        name: psnr(run.image, true_on_canvas(truth.fused, truth, run.alignment))
        for name, run in runs.items()
    }
    lost = quality["spotless"] - quality["dirty"]
    assert quality["spotless"] - quality["repaired"] < 0.5 * lost


def test_float_frames_are_repaired_and_the_callers_arrays_left_alone():
    frames = [as_float(f).astype(np.float32) for f in rendered("plane", **MOVING, **DIRTY)[0]]
    before = [frame.copy() for frame in frames]
    hot, dust = facts_of(frames)
    assert hot >= 15
    assert dust >= 2
    for frame, old in zip(frames, before, strict=True):
        np.testing.assert_array_equal(frame, old)


@pytest.mark.parametrize("scene", ["plane", "steps", "still-life"])
def test_nothing_is_found_on_a_spotless_sensor(scene):
    frames, _ = rendered(scene, **MOVING)
    on = stack(frames, QUICK)
    assert (on.facts["hot_pixels"], on.facts["dust_spots"]) == (0, 0)
    off = stack(frames, replace(QUICK, clean=False), alignment=on.alignment)
    np.testing.assert_array_equal(on.image, off.image)


@pytest.mark.parametrize(
    "settings", [{"breathing": 0.0, "drift_px": 0.0, "roll_deg": 0.0}, {"frames": 2}]
)
def test_where_the_subject_cannot_be_told_from_the_sensor_nothing_is_done(settings):
    frames, _ = rendered("plane", **{**MOVING, **DIRTY, **settings})
    told = []
    result = stack(frames, QUICK, observer=told.append)
    assert (result.facts["hot_pixels"], result.facts["dust_spots"]) == (0, 0)
    assert not [event for event in told if getattr(event, "step", "") == "clean"]


def test_dots_that_move_with_the_subject_stay():
    """Specks as small and bright as hot pixels, painted onto the subject."""
    rng = np.random.default_rng(3)
    subject = np.full((300, 420, 3), 90, np.uint8)
    for _ in range(60):
        x, y = int(rng.integers(420)), int(rng.integers(300))
        subject[y : y + 2, x : x + 2] = 240
    looks = Outliers()
    places = []
    for k in range(5):
        looks.feed(subject[20:260, 5 * k : 5 * k + 360])
        places.append(np.array([[1.0, 0, 5 * k], [0, 1, 0], [0, 0, 1]]))
    assert looks.find(places) == []


def test_dots_are_not_believed_where_the_subject_is_full_of_them():
    """The same busy picture in all frames: nothing moves, so every speck stays put."""
    rng = np.random.default_rng(4)
    busy = rng.integers(0, 2, (200, 200, 1), np.uint8) * 90 + 80
    looks = Outliers()
    for _ in range(5):
        looks.feed(busy)
    moves = [np.array([[1.0, 0, 0.5 * k], [0, 1, 0], [0, 0, 1]]) for k in range(5)]
    assert looks.find(moves) == []


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("value", [0.9, 0.02])
def test_hot_and_dead_pixels_are_filled_in_from_around_them(dtype, value):
    rows, columns = np.indices((90, 120))
    top = 1.0 if dtype == np.float32 else np.iinfo(dtype).max
    smooth = (0.4 + 0.001 * rows + 0.0005 * columns)[..., None].repeat(3, 2)
    looks, places = Outliers(), []
    for k in range(5):
        frame = (smooth * top).astype(dtype)
        frame[40, 50, 1] = value * top
        looks.feed(frame)
        places.append(np.array([[1.0, 0, 4.0 * k], [0, 1, 0], [0, 0, 1]]))
    fills = looks.find(places)
    assert len(fills) == 1
    fixed = Defects(tuple(fills)).repair(frame)
    assert abs(fixed[40, 50, 1] / top - smooth[40, 50, 1]) < 0.005
    changed = np.argwhere(fixed != frame)
    np.testing.assert_array_equal(changed, [[40, 50, 1]])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_what_lies_under_dust_is_kept(dtype):
    """Dust takes a share of the light: dividing by what it leaves gives the texture back."""
    from focusstack.colour import srgb_decode, srgb_encode

    rng = np.random.default_rng(1)
    clean = rng.uniform(0.2, 0.9, (60, 80, 3)).astype(np.float32)
    rows, columns = np.indices((24, 24))
    dip = (-0.4 * np.exp(-(np.hypot(columns - 12, rows - 12) ** 4) / 7**4)).astype(np.float32)
    dirty = clean.copy()
    part = dirty[20:44, 30:54]
    part[:] = srgb_encode(srgb_decode(part) * np.exp(dip)[..., None])
    top = 1.0 if dtype == np.float32 else np.iinfo(dtype).max
    codes = np.rint(dirty * top) if dtype != np.float32 else dirty
    fixed = Defects(dust=(Dust(30, 20, dip),)).repair(codes.astype(dtype))
    assert fixed.dtype == dtype
    assert np.abs(fixed / top - clean).max() < (0.006 if dtype == np.uint8 else 0.002)
    outside = np.ones((60, 80), bool)
    outside[20:44, 30:54] = False
    np.testing.assert_array_equal(fixed[outside], codes.astype(dtype)[outside])


def test_a_fill_continues_a_slope_up_to_the_corner_of_the_frame():
    rows, columns = np.indices((12, 12))
    slope = (100 + 3 * rows + 2 * columns).astype(np.uint8)[..., None]
    for bad in ([(5, 5), (5, 6), (6, 5)], [(0, 0)], [(11, 11), (11, 10)]):
        spoilt = slope.copy()
        spoilt[tuple(np.array(bad).T)] = 255
        make_fill(bad, [0], 12, 12).apply(spoilt)
        assert np.abs(spoilt.astype(int) - slope).max() <= 4


def test_a_fill_needs_something_to_go_by():
    everything = [(y, x) for y in range(2) for x in range(2)]
    assert make_fill(everything, [0], 2, 2) is None


def test_defects_of_an_oriented_file_are_repaired_upright(tmp_path):
    """Frames are turned before defects are sought, so the camera's way of holding is no matter."""
    from PIL import Image

    folder = tmp_path / "turned"
    folder.mkdir()
    for k, frame in enumerate(rendered("plane", **MOVING, **DIRTY)[0]):
        exif = Image.Exif()
        exif[0x0112] = 6
        sideways = Image.fromarray(np.ascontiguousarray(np.rot90(frame)))
        sideways.save(folder / f"{k}.png", exif=exif)
    hot, dust = facts_of(folder)
    assert hot >= 15
    assert dust >= 2


def test_the_summary_tells_what_was_repaired():
    from focusstack.cli.summary import _defects

    rows = [list(_defects({"hot_pixels": h, "dust_spots": d})) for h, d in ((0, 0), (1, 3), (2, 0))]
    assert rows == [
        [],
        [("repaired", "1 hot pixel, 3 spots of dust")],
        [("repaired", "2 hot pixels")],
    ]


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_reduced_frames_are_repaired_as_whole_ones_are(scale):
    rows, columns = np.mgrid[:97, :131]
    clean = (90 + rows * 0.5 + columns * 0.3).astype(np.float32)[..., np.newaxis].repeat(3, axis=2)
    away = np.hypot(rows[:24, :24] - 12, columns[:24, :24] - 12)
    dip = -0.3 * np.clip(1 - away / 9, 0, 1).astype(np.float32)
    defects = Defects((make_fill([(50, 77), (50, 78)], [0, 1, 2], 97, 131),), (Dust(30, 21, dip),))
    light = ((clean / 255) ** 2.2)[21:45, 30:54] * np.exp(dip)[..., np.newaxis]
    dirty = clean.copy()
    dirty[21:45, 30:54] = 255 * light ** (1 / 2.2)
    dirty[50, 77:79] = 255
    small = area_average(dirty.round().astype(np.uint8), scale)
    before = small.copy()
    fixed = defects.reduced(97, 131, scale).repair(small)
    np.testing.assert_array_equal(small, before)
    assert np.abs(small - area_average(clean, scale)).max() > 8
    np.testing.assert_allclose(fixed, area_average(clean, scale), atol=1.6)
    assert defects.reduced(97, 131, scale).repair(small, in_place=True) is small
    np.testing.assert_array_equal(small, fixed)


@pytest.mark.parametrize("row", [0, 1, 500, 503, 510, 511, 512, 513, 520, 1023, 1024, 1100])
def test_dots_are_found_wherever_they_lie(row):
    """Also where they lie on two of the strips that pictures are searched in."""
    rng, looks = np.random.default_rng(3), Outliers()
    places = [np.array([[1.0, 0, 9 * k], [0, 1, 5 * k], [0, 0, 1]]) for k in range(5)]
    for _ in places:
        frame = rng.integers(90, 110, (1103, 90, 3), dtype=np.uint8)
        frame[row : row + 3, 40:42] = 220
        looks.feed(frame)
    (fill,) = looks.find(places)
    assert {row, min(row + 2, 1102)} <= set(fill.bad[:, 0].tolist())
