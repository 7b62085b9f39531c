"""The studio's brush without a browser: from frames, from other results, with tones matched."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")
pytest.importorskip("httpx", reason="needs httpx")
from focusstack import Recipe
from focusstack.cli import main
from focusstack.steps.read import open_source
from focusstack.studio.project import Project
from focusstack.synthetic import render, write_stack
from test_studio_app import QUICK, STROKE, client_of, ended, picture, put_version, written
from truth import put_stack

FROM_2 = STROKE | {"frame": None, "result": 2}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two results of one canvas, one of another, a preview."""
    folder = tmp_path_factory.mktemp("mend") / "shots"
    put_stack(folder, "steps", frames=4, size=(400, 300))
    project = Project(folder)
    for more in ({}, {"method": "average"}, {"crop": False}, {"reference": 0}):
        put_version(project, Recipe(**{"method": "pyramid", "clean": False, **more}))
    return folder


@pytest.fixture
def project(made, tmp_path):
    shutil.copytree(made.parent, tmp_path / "here")
    return Project(tmp_path / "here" / "shots")


@pytest.fixture
def client(project):
    return client_of(project)


def paint(client, stroke, number=1):
    return client.post(f"/api/versions/{number}/strokes", json=stroke)


def tile(client, number=1):
    return picture(client.get(f"/api/versions/{number}/tiles/0/0_0.jpg"))


def test_what_another_result_shows_is_painted(client):
    plain, other = tile(client), tile(client, 2)
    assert paint(client, FROM_2 | {"hardness": 1}).status_code == 201
    core = np.s_[140:160, 190:215]
    assert np.abs(tile(client)[core] - other[core]).mean() < 3
    assert np.abs(plain[core] - other[core]).mean() > 4
    np.testing.assert_array_equal(tile(client, 2), other)  # which stays as it is


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (1, "cannot be painted from itself"),
        (3, "result 3 has another canvas"),
        (4, "result 4 has another canvas"),
        (9, "there is no result 9"),
        (-1, "there is no result -1"),
        ("2", "there is no result 2 to copy from"),
        (True, "there is no result True"),
        ([2], "there is no result"),
    ],
)
def test_what_cannot_be_painted_from_is_refused_and_said(client, result, message):
    said = paint(client, FROM_2 | {"result": result})
    assert said.status_code == 422
    assert message in said.json()["message"]
    assert client.get("/api/project").json()["versions"][0]["retouch"]["total"] == 0


def test_the_page_is_told_which_results_lie_alike(client):
    canvases = [one["canvas"] for one in client.get("/api/project").json()["versions"]]
    assert canvases[0] == canvases[1]
    assert len(set(canvases)) == 3


def test_strokes_from_a_result_that_is_gone_are_said_and_come_back(project, client):
    plain = tile(client)
    paint(client, FROM_2)
    painted = tile(client)
    folder = project.version_folder(2)
    folder.rename(project.home / "away")
    assert np.abs(tile(client) - plain).max() == 0
    (version, *_) = client.get("/api/project").json()["versions"]
    assert "strokes copy from result 2, which is gone" in version["warnings"]
    refused = ended(client, format="png")
    assert refused["state"] == "failed"
    assert "result 2, which is gone" in refused["message"]
    (project.home / "away").rename(folder)
    np.testing.assert_array_equal(tile(client), painted)


def test_an_export_with_all_kinds_of_strokes_is_made_again(project, client, capsys):
    for more in (
        {"frame": 1, "flow": 0.3, "hardness": 0},
        {"frame": 3, "matched": True, "hardness": 0.1, "size": 90},
        {"frame": None, "result": 2, "matched": True, "hardness": 0.1, "size": 90},
        {"frame": None, "opacity": 0.4},
    ):
        assert paint(client, STROKE | more).status_code == 201
    said = written(client, format="tif")
    path = project.home / "exports" / said["name"]
    shown, exported = tile(client), open_source(path).read(0).pixels.astype(int)
    assert np.abs(shown - exported[: shown.shape[0], : shown.shape[1]]).mean() < 2
    again = path.with_name("again.png")
    assert main(["restack", str(path), "--frames", str(project.folder), "-o", str(again)]) == 0
    assert "bit for bit" in capsys.readouterr().err


def test_the_picture_with_strokes_is_the_same_at_every_level(client):
    """Up to what reducing before and after painting makes of edges."""
    paint(client, STROKE | {"matched": True, "hardness": 0, "size": 200, "frame": 0})
    project = client.app.state.studio
    views = project.shelf.views(1)
    painting = project.shelf.painting(views)
    from focusstack.retouch import Region

    fine = painting.over(np.full((256, 256, 3), 0.5, np.float32), Region(100, 20, 256, 256))
    half = painting.over(np.full((128, 128, 3), 0.5, np.float32), Region(100, 20, 128, 128, 2))
    reduced = fine.reshape(128, 2, 128, 2, 3).mean(axis=(1, 3))
    assert np.abs(half - reduced).mean() < 0.01


def test_dust_is_not_painted_back(tmp_path):
    dirty = {"frames": 7, "size": (480, 320), "breathing": 0.04, "drift_px": 5.0}
    stack = render("plane", **dirty, dust=0, hot_pixels=20)
    write_stack(stack, tmp_path / "shots", format="png")
    project = Project(tmp_path / "shots")
    put_version(project, Recipe(method="pyramid"))
    client = client_of(project)
    views = client.app.state.studio.shelf.views(1)
    assert len(views.defects.pixels) > 5
    index = views.alignment.reference_index
    frame = picture(client.get(f"/api/versions/1/frames/{index}/0/0_0.jpg"))
    x, y = views.alignment.crop[:2]
    spots = [
        (c - x, r - y) for c, r, _, level in stack.sensor.hot_spots(480, 320, 3) if level > 0.5
    ]
    height, width = frame.shape[:2]
    inside = [(c, r) for c, r in spots if 4 < c < width - 4 and 4 < r < height - 4]
    luma = frame.max(axis=2)
    lone = [luma[r, c] - np.median(luma[r - 2 : r + 3, c - 2 : c + 3]) for c, r in inside]
    assert np.mean(np.array(lone) > 50) < 0.25


def test_strokes_of_an_older_studio_are_read(project, client):
    old = {k: STROKE[k] for k in ("frame", "size", "hardness", "opacity", "points")}
    document = {"format": "focusstack-retouch", "version": 1, "revision": 4, "shown": 1}
    text = json.dumps(document | {"strokes": [old, old]})
    (project.version_folder(1) / "retouch.json").write_text(text)
    (version, *_) = client.get("/api/project").json()["versions"]
    assert version["retouch"]["total"] == 2
    assert paint(client, STROKE).json()["marks"][-1][-1] == 5
    assert QUICK.method == "pyramid"
