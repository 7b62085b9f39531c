"""Strokes: how they cover, what they copy, and that a picture is made again with them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from focusstack import InputError, Recipe, read_provenance, stack
from focusstack.cli import main
from focusstack.retouch import Painting, Region, Stroke, as_document, paint_whole, read_strokes
from focusstack.retouch.brush import built_up, coverage
from focusstack.retouched import retouched
from focusstack.steps.read import open_source
from truth import put_stack

RECIPE = Recipe(method="pyramid", clean=False, depth=False)


def stroke(points=((40, 30, 1),), frame=0, size=20.0, hardness=1.0, opacity=1.0, **more):
    return Stroke(frame, size, hardness, opacity, tuple(points), **more)


def painted_on(base, strokes, source):
    """A small picture with strokes over it."""
    height, width = base.shape[:2]

    def part(region):
        rows = slice(region.y, region.y + region.height * region.step, region.step)
        return base[rows, region.x : region.x + region.width * region.step : region.step]

    painting = Painting((width, height), part, source).follow(strokes)
    return painting.over(base, Region(0, 0, width, height))


def by_definition(one, region):
    """The largest of what a brush covers that stands at very many places of the path."""
    y, x = np.mgrid[: region.height, : region.width] * float(region.step)
    x, y = x + region.x + (region.step - 1) / 2, y + region.y + (region.step - 1) / 2
    best = np.zeros(x.shape)
    points = np.array(one.points, float)
    for a, b in zip(points, points[1:] if len(points) > 1 else points, strict=False):
        for t in np.linspace(0, 1, 400):
            px, py, pressure = a + t * (b - a)
            radius = max(0.5, one.size / 2 * pressure)
            soft = max((1 - one.hardness) * radius, 1.0)
            share = np.clip((radius - np.hypot(x - px, y - py)) / soft, 0, 1)
            best = np.maximum(best, 0.5 - 0.5 * np.cos(np.pi * share))
    return best


@pytest.mark.parametrize("hardness", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    "points",
    [
        ((40, 30, 1),),
        ((10, 10, 1), (60, 40, 1)),
        ((10, 50, 0.2), (40, 10, 1), (70, 50, 0.6)),
        ((-20, 30, 1), (30, 30, 1), (200, 31, 1)),
    ],
)
@pytest.mark.parametrize("region", [Region(0, 0, 80, 60), Region(16, 8, 20, 12, 4)])
def test_coverage_is_what_it_says(points, hardness, region):
    one = stroke(points, hardness=hardness, size=24)
    found, wanted = coverage(one, region), by_definition(one, region)
    if len({point[2] for point in points}) > 1:
        # a size that changes is that of the nearest point of the path, not of the best one
        assert np.abs(found - wanted).mean() < 0.01
    else:
        assert np.abs(found - wanted).max() < 0.02


def test_a_path_that_crosses_itself_covers_no_more_there():
    one = stroke(((10, 10, 1), (70, 50, 1), (70, 10, 1), (10, 50, 1)), hardness=0, opacity=0.5)
    base = np.zeros((60, 80, 3), np.float32)
    painted = painted_on(base, [one], lambda _s, r: np.ones_like(base))
    assert painted.max() <= 0.5


def shown(value):
    """A frame of one colour."""
    return lambda _frame, region: np.full((region.height, region.width, 3), value, np.float32)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_only_what_is_covered_changes(dtype):
    rng = np.random.default_rng(1)
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    image = (rng.random((300, 2300, 3)) * top).astype(dtype)  # wider than one part
    before = image.copy()
    strokes = [stroke(((1000, 100, 1), (1050, 120, 1))), stroke(((2290, 290, 1),), size=50)]
    painted = paint_whole(image, strokes, shown(1.0))
    np.testing.assert_array_equal(image, before)
    region = Region(0, 0, 2300, 300)
    covered = np.maximum(*(coverage(one, region) for one in strokes))
    np.testing.assert_array_equal(painted[covered == 0], image[covered == 0])
    assert (painted[covered == 1] == top).all()
    assert paint_whole(image, [], shown(1.0)) is image


def test_erasing_brings_the_fused_image_back():
    image = np.full((100, 100, 3), 90, np.uint8)
    there, back = stroke(((50, 50, 1),), size=40), stroke(((50, 50, 1),), frame=None, size=44)
    assert paint_whole(image, [there], shown(1.0)).max() == 255
    np.testing.assert_array_equal(paint_whole(image, [there, back], shown(1.0)), image)


def test_opacity_mixes_and_the_last_stroke_lies_on_top():
    image = np.zeros((60, 80, 3), np.uint8)
    half = stroke(opacity=0.5)
    assert paint_whole(image, [half], shown(1.0))[30, 40, 0] == 128
    assert paint_whole(image, [half, half], shown(1.0))[30, 40, 0] == 191


BAD = [
    {"frame": 9},
    {"frame": 1.0},
    {"frame": True},
    {"size": 0},
    {"size": "9"},
    {"size": float("nan")},
    {"hardness": 2},
    {"opacity": -1},
    {"points": []},
    {"points": [[1, 2]]},
    {"points": [[1, 2, 3]]},
    {"points": [[float("inf"), 2, 1]]},
    {"points": [[1, 2, 1]] * 5001},
    {"flow": 1.5},
    {"flow": None},
    {"matched": 1},
    {"frame": None, "result": 7},
    {"frame": None, "result": True},
    {"result": 2},
]


@pytest.mark.parametrize("wrong", BAD, ids=[str(bad)[:30] for bad in BAD])
def test_strokes_that_make_no_sense_are_refused(wrong):
    good = as_document([stroke()])[0]
    assert read_strokes([good], 3, {2}) == (stroke(),)
    with pytest.raises(InputError, match="stroke 0"):
        read_strokes([good | wrong], 3, {2})


def test_strokes_of_older_records_cover_at_once():
    old = {k: v for k, v in as_document([stroke()])[0].items() if k not in NEW}
    assert read_strokes([old], 1) == (stroke(),)


NEW = ("flow", "matched", "result")


def test_flow_builds_up_where_the_brush_passes_again():
    region = Region(0, 0, 80, 60)
    once = ((10, 30, 1), (70, 30, 1))
    thrice = (*once, *once[::-1], *once)
    full = coverage(stroke(once), region)
    little = stroke(once, flow=0.05)
    more = stroke(thrice, flow=0.05)
    shares = [built_up(one, region, coverage(one, region))[30, 40] for one in (little, more)]
    assert 0.2 < shares[0] < 0.5
    assert shares[1] == pytest.approx(1 - (1 - shares[0]) ** 3, abs=0.03)
    np.testing.assert_array_equal(built_up(stroke(once), region, full), full)
    almost = stroke(thrice, flow=0.999)
    assert np.abs(built_up(almost, region, coverage(almost, region)) - full).max() < 0.01
    soft = stroke(thrice, hardness=0, flow=0.5)
    assert (built_up(soft, region, coverage(soft, region)) <= coverage(soft, region)).all()


def test_flow_does_not_depend_on_the_part_that_is_looked_at():
    one = stroke(((10, 10, 1), (70, 50, 0.3)), flow=0.2, hardness=0.3)
    whole = built_up(one, Region(0, 0, 80, 60), coverage(one, Region(0, 0, 80, 60)))
    part = Region(33, 21, 20, 18)
    found = built_up(one, part, coverage(one, part))
    np.testing.assert_allclose(found, whole[21:39, 33:53], atol=1e-6)


def test_a_path_of_endless_length_ends():
    far = stroke(((-1e6, 30, 1), (9e6, 30, 1)), size=2, flow=0.5)
    region = Region(0, 0, 80, 60)
    assert built_up(far, region, coverage(far, region)).shape == (60, 80)


def ramp(stroke_, offset, base=0.4, size=(400, 300)):
    """A grey picture with fine detail in what is painted, lighter by ``offset``; what comes out."""
    y, x = np.mgrid[: size[1], : size[0]]
    detail = 0.05 * np.where((x + y) % 2, 1, -1).astype(np.float32)

    def painted(_stroke, region):
        rows = slice(region.y, region.y + region.height * region.step)
        columns = slice(region.x, region.x + region.width * region.step)
        fine = detail[rows, columns] if region.step == 1 else 0
        whole = np.full((region.height, region.width), base + offset, np.float32) + fine
        return np.repeat(whole[..., None], 3, axis=2).astype(np.float32)

    under = np.full((size[1], size[0], 3), base, np.float32)
    return painted_on(under, [stroke_], painted), painted(None, Region(0, 0, *size))


def test_matched_tone_leaves_no_edge_and_the_core_exact():
    """Where detail has come in by nine tenths, tone has gone less than half of the way."""
    round_ = {"points": ((200, 150, 1),), "size": 240, "hardness": 0.2}
    covered = coverage(stroke(**round_), Region(0, 0, 400, 300))
    (plain, source), (matched, _) = (
        ramp(stroke(**round_), 0.2),
        ramp(stroke(**round_, matched=True), 0.2),
    )
    core = covered == 1
    np.testing.assert_allclose(matched[core], source[core], atol=1e-6)
    assert (matched[covered == 0] == np.float32(0.4)).all()

    def gone(picture):
        """Shares of tone and of detail along the middle row, outwards from the centre."""
        row = picture[150, 200:330, 0]
        pairs = row[: len(row) // 2 * 2].reshape(-1, 2)
        return (pairs.mean(axis=1) - 0.4) / 0.2, np.ptp(pairs, axis=1) / 0.1

    tone, detail = gone(matched)
    rim = (tone > 0.05) & (tone < 0.95)
    assert (detail[rim] >= tone[rim] - 0.02).all()
    near = np.abs(detail - 0.9).argmin()
    assert detail[near] > 0.8
    assert tone[near] < 0.45
    both = gone(plain)
    assert both[0][near] == pytest.approx(both[1][near], abs=0.05)
    steepest = [np.abs(np.diff(one)).max() for one in (tone, detail)]
    assert steepest[0] < 0.6 * steepest[1]


def test_matched_tone_is_the_same_in_every_part_of_the_picture():
    rng = np.random.default_rng(2)
    image = rng.integers(80, 120, (300, 1500, 3)).astype(np.uint8)
    one = stroke(((900, 150, 1), (1200, 160, 1)), size=200, hardness=0.1, matched=True)
    whole = paint_whole(image, [one], shown(0.6))  # in two parts, 1024 px the first

    def part(region):
        rows = slice(region.y, region.y + region.height * region.step)
        columns = slice(region.x, region.x + region.width * region.step)
        values = image[rows, columns].astype(np.float32) / 255
        return values[:: region.step, :: region.step]

    assert np.abs(np.diff(whole[100:200, 1000:1050].mean(axis=(0, 2)))).max() < 8
    painting = Painting((1500, 300), part, shown(0.6)).follow([one])
    region = Region(1000, 100, 60, 40)
    again = np.rint(painting.over(part(region), region) * 255)
    assert np.abs(again - whole[100:140, 1000:1060]).max() <= 2


@pytest.fixture(scope="module")
def shots(tmp_path_factory):
    folder = tmp_path_factory.mktemp("retouch") / "shots"
    put_stack(folder, "steps", frames=5, size=(420, 280), flicker=0.05)
    return folder


def test_what_is_painted_is_the_frame_where_it_lies(shots):
    """Painting a frame where the fused image shows that frame hardly changes it."""
    plain = stack(shots, RECIPE)
    whole = stack(shots, Recipe(method="pyramid", clean=False))
    index = int(np.bincount(whole.sources.ravel()).argmax())
    result = retouched(plain, [stroke(((200, 140, 1),), frame=index, size=4000)])
    there = (whole.sources == index) & (whole.confidence > 0.9)
    off = np.abs(result.image.astype(int) - plain.image)
    assert off[there].mean() < 3
    assert off[~there].mean() > 1.5 * off[there].mean()
    assert result.provenance["retouch"][0]["frame"] == index


def test_a_retouched_picture_is_made_again_bit_for_bit(shots, tmp_path, capsys):
    strokes = [stroke(((100, 90, 1), (200, 140, 0.5)), frame=1, size=60, hardness=0.3)]
    result = retouched(stack(shots, RECIPE), strokes)
    result.save(tmp_path / "out.png")
    assert read_provenance(tmp_path / "out.png")["retouch"] == json.loads(
        json.dumps(as_document(strokes))
    )
    command = ["restack", str(tmp_path / "out.png"), "--frames", str(shots)]
    assert main(command) == 0
    assert "bit for bit" in capsys.readouterr().err
    again = open_source(tmp_path / "out-restacked.png").read(0).pixels
    np.testing.assert_array_equal(again, result.image)
    assert main([*command, "--set", "method=average", "-o", str(tmp_path / "other.png")]) == 0
    assert "the 1 stroke of its retouch goes over" in capsys.readouterr().err
    assert len(read_provenance(tmp_path / "other.png")["retouch"]) == 1
