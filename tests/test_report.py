"""The report of a run: one page that holds everything, whatever the frames were."""

from __future__ import annotations

import re
import threading
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import simplejpeg

from focusstack import (
    Cancelled,
    InputError,
    OutputError,
    OutputExists,
    Recipe,
    save_report,
    stack,
)
from focusstack.cli import main
from focusstack.events import StepAdvanced, StepStarted, ignore
from focusstack.execute import Run
from focusstack.model import Rejection
from focusstack.report.charts import Chart, Series, draw, groups, nice_ticks, number
from focusstack.report.frames import frames_section
from focusstack.report.look import look_again
from focusstack.report.overlays import on_canvas
from focusstack.report.relief import relief
from focusstack.report.spots import find_spots
from focusstack.steps.read import open_source
from focusstack.synthetic import render, write_stack
from truth import rendered

LARGEST = 8_000_000
EMPTY = {"img", "meta", "link", "br", "input"}


class Outline(HTMLParser):
    """Every tag with its attributes; complains about tags that are not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def page_of(path):
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_size < LARGEST
    return Outline(text)


@pytest.fixture(scope="module")
def still_life():
    frames, _ = rendered("still-life", size=(360, 240), frames=6)
    return frames, stack(frames)


@pytest.fixture
def page(still_life, tmp_path):
    frames, result = still_life
    save_report(result, tmp_path / "page.html", source=frames, title="A <still> life & more")
    return page_of(tmp_path / "page.html")


def test_nothing_refers_to_the_outside(page):
    for tag, attributes in page.tags:
        for name in ("src", "href", "srcset", "action", "poster", "data"):
            value = attributes.get(name, "")
            assert value == "" or value.startswith(("data:", "#")), (tag, name, value[:80])
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'")


def test_ids_are_unique_and_what_points_at_them_finds_them(page):
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        for name in ("aria-labelledby", "aria-describedby", "data-copy", "for"):
            assert set(attributes.get(name, "").split()) <= set(ids)
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids


def test_every_picture_and_control_has_a_name(page):
    assert all("alt" in a for a in page.all("img"))
    assert all("aria-label" in a for a in page.all("input") if a["type"] == "range")
    assert all({"aria-labelledby"} <= set(a) for a in page.all("svg"))


def test_titles_are_text_not_markup(page):
    assert "A <still> life & more" in page.words
    assert "still" not in {tag for tag, _ in page.tags}


def test_the_picture_inside_is_the_fused_image(page, still_life):
    _, result = still_life
    uri = next(a["src"] for a in page.all("img") if a.get("data-layer") == "picture")
    shown = simplejpeg.decode_jpeg(b64decode(uri.partition(",")[2]))
    assert shown.shape == result.image.shape
    assert np.abs(shown.astype(int) - result.image).mean() < 3


def test_the_single_frame_beside_it_lies_where_the_fused_image_does(page):
    befores = [a["src"] for a in page.all("img") if a.get("class") == "before"]
    afters = [a["src"] for a in page.all("img") if a.get("class") == "after"]
    assert len(befores) == len(afters) >= 3
    for before, after in zip(befores, afters, strict=True):
        single, fused = (
            simplejpeg.decode_jpeg(b64decode(uri.partition(",")[2]))[4:-4, 4:-4].mean(2)
            for uri in (before, after)
        )
        shifted = np.roll(fused, 6, axis=1)
        assert np.corrcoef(single.ravel(), fused.ravel())[0, 1] > 0.8
        assert np.abs(single - fused).mean() < np.abs(single - shifted).mean()


def test_recipe_and_numbers_are_there(page, still_life):
    _, result = still_life
    assert any(result.recipe.to_json() in words for words in page.words)
    assert len(page.all("tr")) == 1 + 6
    assert len(page.all("svg")) == 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("stack")
    write_stack(render("plane", size=(300, 200), frames=3), where / "frames")
    return where


def test_the_command_line_writes_one_and_keeps_what_exists(folder, capsys):
    out, report = folder / "out.jpg", folder / "new" / "report.html"
    arguments = [str(folder / "frames"), "-o", str(out), "--report", str(report), "-q"]
    assert main(arguments) == 0
    page = page_of(report)
    assert any("--report" in words and str(out) in words for words in page.words)
    assert sorted(path.name for path in report.parent.iterdir()) == ["report.html"]
    before = report.read_bytes()
    out.unlink()
    assert main(arguments) == 5
    assert "report.html exists" in capsys.readouterr().err
    assert report.read_bytes() == before
    assert not out.exists()


def test_another_extension_is_refused_before_work_begins(folder, capsys):
    arguments = [str(folder / "frames"), "-o", str(folder / "other.jpg"), "--report", "r.pdf"]
    assert main(arguments) == 5
    assert ".html" in capsys.readouterr().err


def test_a_left_out_frame_is_marked_with_its_reason(tmp_path):
    frames, _ = rendered(size=(300, 200), frames=6)
    frames[2] = np.random.default_rng(1).integers(0, 256, frames[2].shape, np.uint8)
    result = stack(frames)
    [rejected] = result.alignment.rejected
    save_report(result, tmp_path / "page.html", source=frames)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = page_of(tmp_path / "page.html")
    assert text.count('<rect class="out"') == 6
    assert any(rejected.reason in words and "was left out" in words for words in page.words)
    assert "5 of 6" in page.words


@pytest.mark.parametrize("kind", ["grey", "uint16", "float32"])
def test_frames_of_every_kind_without_depth(tmp_path, kind):
    frames, _ = rendered(size=(300, 200), frames=3)
    convert = {
        "grey": lambda f: f[..., 1].copy(),
        "uint16": lambda f: f.astype(np.uint16) * 257,
        "float32": lambda f: (f / 255).astype(np.float32),
    }
    frames = [convert[kind](frame) for frame in frames]
    result = stack(frames, Recipe(method="pyramid", depth=False))
    save_report(result, tmp_path / "page.html", source=frames)
    page = page_of(tmp_path / "page.html")
    layers = [a["data-layer"] for a in page.all("img") if "data-layer" in a]
    assert layers == ["picture"]
    assert [a for a in page.all("img") if a.get("class") == "after"]


def test_a_preview_is_reported_at_its_own_size(folder, monkeypatch):
    monkeypatch.setattr("focusstack.pipeline.PREVIEW_PIXELS", 20_000)
    result = stack(folder / "frames", Recipe(preview=True))
    save_report(result, folder / "preview.html")
    page = page_of(folder / "preview.html")
    height, width = result.image.shape[:2]
    assert width < 200
    assert f"{width} × {height}" in page.words


def test_many_frames_stay_small(tmp_path):
    frames = [np.roll(rendered(size=(96, 72), frames=5)[0][k % 5], 0) for k in range(120)]
    result = stack(frames, Recipe(method="average", align="none", depth=False, clean=False))
    save_report(result, tmp_path / "page.html", source=frames)
    assert len(page_of(tmp_path / "page.html").all("tr")) == 121


def test_frames_that_are_not_those_of_the_result_are_refused(still_life, tmp_path):
    frames, result = still_life
    with pytest.raises(InputError, match="6 frames, but there are 5"):
        save_report(result, tmp_path / "page.html", source=frames[1:])
    (tmp_path / "page.html").write_text("mine")
    with pytest.raises(OutputExists):
        save_report(result, tmp_path / "page.html", source=frames)
    with pytest.raises(OutputError):
        save_report(result, tmp_path / "page.txt", source=frames)
    assert (tmp_path / "page.html").read_text() == "mine"


def test_spots_lie_in_the_picture_and_do_not_overlap(still_life):
    _, result = still_life
    height, width = result.image.shape[:2]
    covered = np.zeros((height, width), int)
    for spot in find_spots(result):
        x, y, w, h = spot.box
        assert covered[y : y + h, x : x + w].size == w * h
        covered[y : y + h, x : x + w] += 1
        assert result.alignment.transforms[spot.frame] is not None
    assert covered.max() == 1 or (covered > 1).mean() < 0.01


def test_a_relief_is_lit_from_the_upper_left_and_hatched_where_nothing_is_known():
    y, x = np.mgrid[:120, :120].astype(np.float32)
    hill = np.hypot(x - 60, y - 60) / np.float32(10)  # frame 0 is taken as the nearest
    hill[:20] = np.nan
    drawn = relief(hill, 10, (120, 120)).astype(int)
    assert drawn[90, 90].sum() < drawn[30, 30].sum()
    greys = drawn[:20].reshape(-1, 3)
    assert set(map(tuple, greys)) == {(150,) * 3, (118,) * 3}


def test_cells_of_the_reference_frame_are_found_again_on_the_canvas():
    region = np.zeros((4, 6), bool)
    region[1, 2] = True
    seen = on_canvas(region, 10, (15, 5, 40, 30), (40, 30))
    rows, columns = np.nonzero(seen)
    assert (rows.min(), rows.max()) == (5, 14)
    assert (columns.min(), columns.max()) == (5, 14)


def test_ticks_are_round_and_reach_over_the_range():
    assert nice_ticks(-1.7, 1.6) == [-2, -1, 0, 1, 2]
    assert nice_ticks(0, 0.1)[-1] == pytest.approx(0.1)
    assert number(-0.001) == "0.00"
    assert number(None) == "–"


def test_a_plot_breaks_where_there_is_no_value():
    values = [1.0, 2.0, None, 4.0]
    names = ("a", "b<c", "d", "e")
    svg = draw(Chart("k", "T", "px", (Series("", values),), names, 1.0, False, {2: "no"}, 0))
    path = re.search(r'class="line a" d="([^"]*)"', svg)[1]
    assert path.count("M") == 2
    assert path.count("L") == 1
    assert "2 d: left out: no" in svg
    assert "b&lt;c" in svg


# ---------------------------------------------------------------- many frames


@pytest.mark.parametrize("count", [0, 1, 150, 151, 300, 1000])
def test_many_frames_share_bars_and_tips(count):
    shared = groups(count)
    assert len(shared) <= 150
    assert [place for group in shared for place in group] == list(range(count))


def test_a_plot_of_many_frames_has_no_more_parts_than_can_be_told_apart():
    values = [float(k % 7) for k in range(300)]
    values[10] = None
    names = tuple(f"f{k}.jpg" for k in range(300))
    chart = Chart("a", "A", "px", (Series("", values),), names, 1.0, bars=True)
    svg = draw(chart)
    assert svg.count('class="bar') == 150
    assert svg.count('class="tip') == 150
    for k in (0, 10, 299):
        assert f"{k} f{k}.jpg: " in svg
    out = draw(replace(chart, left_out=dict.fromkeys(range(100), "shaken")))
    assert out.count('class="out"') == 100
    assert "×" not in out


def test_many_findings_are_folded(still_life):
    frames, result = still_life
    rejected = tuple(Rejection(k, f"f{k}", "it was shaken") for k in range(40))
    alignment = replace(result.alignment, rejected=rejected)
    look = look_again(result, open_source(frames), Run(ignore, None, 1))
    section = frames_section(replace(result, alignment=alignment), look)
    outline = Outline(section)
    assert len(outline.all("li")) >= 40
    assert f"{len(outline.all('li')) - 12} more like these" in section


def test_three_hundred_frames_make_a_small_page(tmp_path):
    made = rendered("plane", size=(64, 48), frames=4, drift_px=0.0, roll_deg=0.0)[0]
    frames = [made[k % 4] for k in range(300)]
    recipe = Recipe(method="average", align="none", clean=False, depth=False, match_exposure=False)
    told = []
    save_report(stack(frames, recipe), tmp_path / "p.html", source=frames, observer=told.append)
    page = page_of(tmp_path / "p.html")
    assert (tmp_path / "p.html").stat().st_size < 700_000
    assert len(page.tags) < 8000
    assert [e for e in told if isinstance(e, StepStarted)] == [StepStarted("report", 300)]
    assert sum(isinstance(e, StepAdvanced) for e in told) == 300


def test_a_report_can_be_stopped(still_life, tmp_path):
    frames, result = still_life
    enough = threading.Event()

    def stop(event):
        if isinstance(event, StepAdvanced):
            enough.set()

    with pytest.raises(Cancelled):
        save_report(result, tmp_path / "p.html", source=frames, observer=stop, cancel=enough)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_how_far_the_report_is(tmp_path, capsys):
    write_stack(render("steps", size=(96, 64), frames=3), tmp_path / "frames")
    line = [str(tmp_path / "frames"), "-o", str(tmp_path / "a.png"), "-v", "--align", "none"]
    assert main([*line, "--report", str(tmp_path / "a.html")]) == 0
    said = capsys.readouterr().err
    assert "report: started" in said
    assert "report: 3 of 3" in said
