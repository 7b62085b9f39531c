"""Exports of the studio: whatever is wanted, the command that is shown makes the same."""

from __future__ import annotations

import shlex
import time

import numpy as np
import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")
pytest.importorskip("httpx", reason="needs httpx")
from focusstack import InputError
from focusstack.cli import main
from focusstack.steps.read import FileSource, open_source
from focusstack.steps.write.profiles import profile
from focusstack.studio.exporting import PICTURE, Exporting
from focusstack.studio.project import Project
from test_studio_app import STROKE, client_of, put_version, written
from truth import put_stack


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "shots"
    put_stack(folder, "steps", frames=4, size=(400, 300))
    project = Project(folder)
    put_version(project)
    client = client_of(project)
    client.post("/api/versions/1/strokes", json=STROKE)
    return client


def exported(client, **said):
    made = written(client, **{"format": "png", **said})
    return client.app.state.studio.project.home / "exports" / made["name"], made


WISHES = [
    {},
    {"resize": "200"},
    {"resize": "50%", "format": "tif"},
    {"colour": "p3"},
    {"colour": "adobe", "resize": "120%"},
    {"metadata": "nogps", "format": "jpg", "quality": 80},
    {"metadata": "none", "format": "jpg"},
    {"metadata": "none", "colour": "srgb", "resize": "33%", "format": "webp", "quality": 70},
    {"format": "avif", "resize": "150px"},
]


@pytest.mark.parametrize("wish", WISHES, ids=str)
def test_the_command_that_is_shown_makes_the_same_file(client, tmp_path, wish, capsys):
    path, made = exported(client, **wish)
    again = tmp_path / f"again{path.suffix}"
    words = shlex.split(made["command"])
    assert words[:2] == ["focusstack", "restack"]
    assert main([*words[1:], "-o", str(again)]) == 0
    said = capsys.readouterr().err
    assert "bit for bit" in said
    assert "cropped or scaled" not in said
    ours, theirs = (open_source(one).read(0) for one in (path, again))
    np.testing.assert_array_equal(ours.pixels, theirs.pixels)
    assert ours.metadata.icc == theirs.metadata.icc
    colour = wish.get("colour", "keep")
    assert ours.metadata.icc == (b"" if colour == "keep" else profile(colour))
    if wish.get("metadata") == "none":
        assert FileSource([path]).read_metadata(0).exif == b""
        assert FileSource([path]).read_metadata(0).xmp == b""


def test_layers_and_report_are_exported_with_strokes(client, tmp_path, monkeypatch):
    from test_layered import layers_in

    path, made = exported(client, format="layers")
    names, planes = layers_in(path)
    assert names[0] == "retouched"
    assert len(names) == 5
    whole, _ = exported(client)
    picture = open_source(whole).read(0).pixels
    np.testing.assert_array_equal(np.dstack([planes["retouched"][k] for k in range(3)]), picture)
    page, _ = exported(client, format="report")
    assert "<dd>1 stroke</dd>" in page.read_text()
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(made["command"])[1:]) == 0
    assert layers_in(tmp_path / path.name)[0] == names


@pytest.mark.parametrize(
    "wrong",
    [
        {"resize": "huge"},
        {"resize": 50},
        {"resize": "99999"},
        {"colour": "cmyk"},
        {"colour": ["srgb"]},
        {"metadata": "some"},
        {"format": "dng"},
        {"format": "layers", "resize": "50%"},
        {"format": "report", "metadata": "none"},
    ],
    ids=str,
)
def test_exports_that_cannot_be_are_refused_in_words(client, wrong):
    answer = client.post("/api/versions/1/exports", json={"format": "png", **wrong})
    assert answer.status_code == 422
    assert answer.json()["message"]


def test_formats_are_those_of_the_command_line(client):
    from focusstack.steps.write.check import EXTENSIONS

    formats = client.get("/api/project").json()["formats"]
    known = {extension[1:] for extension in EXTENSIONS["picture"]} - {"jpeg", "tiff", "dng"}
    assert known <= set(formats)
    assert {"layers", "report"} <= set(formats)


def test_an_export_says_how_far_it_is_and_leaves_nothing_when_it_is_stopped(client):
    studio = client.app.state.studio
    exporting = Exporting(studio.news, studio.project)
    views = studio.shelf.views(1)
    exporting.start(PICTURE, views, {"format": "tif", "name": "of its own"})
    with pytest.raises(InputError, match="already"):
        exporting.start(PICTURE, views, {"format": "png"})
    while exporting.jobs.now["state"] == "working":
        time.sleep(0.05)
    assert exporting.jobs.now["name"] == "of its own.tif"
    assert exporting.jobs.now["step"] == "write"

    folder = studio.project.home / "exports"
    before = {path.name for path in folder.iterdir()}
    exporting.start(PICTURE, views, {"format": "png"})
    (folder / ".half.png.0123.part").write_bytes(b"half")  # as an encoder leaves it
    exporting.stop()
    assert exporting.jobs.now["state"] == "cancelled"
    assert {path.name for path in folder.iterdir()} == before
