"""The surface without a browser: heights, texture, sections, scale, exports."""

from __future__ import annotations

import io
import json
import shlex
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")
pytest.importorskip("httpx", reason="needs httpx")
from PIL import Image

from focusstack.cli import main
from focusstack.studio.project import Project, read_version
from focusstack.studio.scale import Scale, read_scale
from focusstack.surface import heights
from test_studio_app import client_of, put_version, written
from truth import put_stack

SIZE = 600, 420
VIEWS = "/api/versions/1/surface/exports"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("surface") / "shots"
    put_stack(folder, "steps", frames=5, size=SIZE)
    project = Project(folder)
    put_version(project)
    return project


@pytest.fixture
def client(project):
    return client_of(project)


def kept(project, name):
    return np.load(project.version_folder(1) / f"{name}.npy")


def test_the_grid_is_the_depth(project, client):
    said = client.get("/api/versions/1/surface").json()
    cells = said["rows"] * said["columns"]
    body = client.get("/api/versions/1/surface/heights").content
    assert len(body) == 5 * cells
    depth = np.frombuffer(body, "<f4", cells).reshape(said["rows"], said["columns"])
    sure = np.frombuffer(body, np.uint8, offset=4 * cells)
    expected = heights(kept(project, "depth"), kept(project, "confidence"))
    assert said["step"] == expected.step
    np.testing.assert_array_equal(depth, expected.depth)
    assert np.abs(sure / 255 - expected.confidence.ravel()).max() < 0.01


def test_the_texture_is_the_picture(client):
    answer = client.get("/api/versions/1/surface/texture.jpg")
    shown = np.asarray(Image.open(io.BytesIO(answer.content)))
    (version,) = client.get("/api/project").json()["versions"]
    assert shown.shape == (version["height"], version["width"], 3)
    assert shown.std() > 10


def test_a_section_is_the_depth_along_a_line(project, client):
    answer = client.get("/api/versions/1/surface/section?x0=10&y0=200&x1=500&y1=200").json()
    depth, sure = kept(project, "depth")[200, 10:501], kept(project, "confidence")[200, 10:501]
    found = np.array([np.nan if d is None else d for d in answer["depth"]])
    assert answer["distance"] == list(range(491))
    np.testing.assert_allclose(found, np.where(sure >= 0.5, depth, np.nan), atol=1e-3)
    for wrong in ("x0=1&y0=1&x1=1", "x0=-1&y0=0&x1=5&y1=5", "x0=a&y0=0&x1=5&y1=5", ""):
        assert client.get(f"/api/versions/1/surface/section?{wrong}").status_code == 422


def test_the_scale_is_kept_on_disk(project, client):
    said = {"step_um": 12.5, "pixel_um": None, "near_last": True}
    assert client.patch("/api/scale", json={"step_um": 12.5}).json()["step_um"] == 12.5
    assert client.patch("/api/scale", json={"near_last": True}).json() == said
    assert client.get("/api/project").json()["scale"] == said
    assert read_scale(project.home) == Scale(12.5, None, True)
    for wrong in (
        {"step_um": 0},
        {"step_um": -3},
        {"step_um": "1"},
        {"pixel_um": True},
        {"pixel_um": 1e30},
        {"near_last": 1},
    ):
        assert client.patch("/api/scale", json=wrong).status_code == 422
    assert read_scale(project.home) == Scale(12.5, None, True)
    client.patch("/api/scale", json={"step_um": None, "near_last": False})
    assert read_scale(project.home) == Scale()


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": "focusstack-scale", "version": 1}'])
def test_a_damaged_scale_says_nothing(tmp_path, text):
    (tmp_path / "scale.json").write_text(text)
    assert read_scale(tmp_path) == Scale()


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ({"kind": "anaglyph", "format": "png"}, (1, 1)),
        ({"kind": "pair", "format": "png", "crossed": True}, (2, 1)),
        ({"kind": "rocking", "format": "webp", "side": 480}, None),
        ({"kind": "rocking", "format": "gif", "side": 480, "strength": 4}, None),
    ],
)
def test_exports(project, client, said, size):
    name = written(client, VIEWS, **said)["name"]
    assert name.startswith(f"shots-1-{said['kind']}")
    got = Image.open(io.BytesIO(client.get(f"/api/exports/{name}").content))
    version = read_version(project.version_folder(1))
    if size is None:
        assert got.n_frames == 24
        assert max(got.size) == 480
    else:
        assert got.size == (size[0] * version.width, size[1] * version.height)
    again = written(client, VIEWS, **said)["name"]
    assert again != name  # nothing is written over


def test_a_mesh_is_the_one_that_its_command_makes(project, client, tmp_path):
    client.patch("/api/scale", json={"step_um": 20, "pixel_um": 2.5, "near_last": True})
    said = written(client, VIEWS, kind="mesh", format="ply", sure_only=True)
    path = project.home / "exports" / said["name"]
    words = shlex.split(said["command"])
    for option in ("-o", "--mesh"):
        at = words.index(option) + 1
        words[at] = str(tmp_path / words[at])
    assert main(words[1:]) == 0
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "mesh", "format": "obj"},
        {"kind": "film", "format": "webp"},
        {"kind": ["pair"], "format": "png"},
        {"kind": "pair", "format": "gif"},
        {"kind": "rocking", "format": "../x"},
        {"kind": "rocking", "format": "webp", "side": 9000},
        {"kind": "rocking", "format": "webp", "side": "big"},
        {"kind": "anaglyph", "format": "png", "strength": 0},
        {"kind": "anaglyph", "format": "png", "strength": 50},
        {"kind": "anaglyph", "format": "png", "strength": None},
    ],
)
def test_exports_that_cannot_be_are_refused(project, client, said):
    before = {path.name for path in project.home.rglob("*")}
    assert client.post("/api/versions/1/surface/exports", json=said).status_code == 422
    assert {path.name for path in project.home.rglob("*")} == before


def test_strokes_are_on_texture_and_exports(project, client):
    before = client.get("/api/versions/1/surface/texture.jpg").content
    stroke = {"frame": 0, "size": 200, "hardness": 1, "opacity": 1, "points": [[300, 200, 1]]}
    client.post("/api/versions/1/strokes", json=stroke)
    plain, painted = (
        np.asarray(Image.open(io.BytesIO(one))).astype(int)
        for one in (before, client.get("/api/versions/1/surface/texture.jpg").content)
    )
    difference = np.abs(plain - painted).max(axis=2)
    assert difference[150:250, 250:350].mean() > 1
    assert difference[:, :150].mean() < 1
    client.post("/api/versions/1/strokes/undo", json={})


def test_a_result_without_depth_or_that_is_not_there(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=3, size=(120, 80))
    project = Project(tmp_path / "shots")
    put_version(project)
    path = project.version_folder(1) / "version.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"has_depth": False}))
    assert read_version(path.parent) == replace(read_version(path.parent), has_depth=False)
    client = client_of(project)
    for number in (1, 7):
        for rest in ("", "/heights", "/texture.jpg", "/section?x0=0&y0=0&x1=1&y1=1"):
            assert client.get(f"/api/versions/{number}/surface{rest}").status_code == 422
        said = {"kind": "pair", "format": "png"}
        answer = client.post(f"/api/versions/{number}/surface/exports", json=said)
        assert answer.status_code == 422


def test_depth_of_which_nothing_is_known_is_said(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=3, size=(120, 80))
    project = Project(tmp_path / "shots")
    put_version(project)
    folder = project.version_folder(1)
    depth = np.load(folder / "depth.npy")
    np.save(folder / "depth.npy", np.full_like(depth, np.nan))
    answer = client_of(project).post(
        "/api/versions/1/surface/exports", json={"kind": "pair", "format": "png"}
    )
    assert answer.status_code == 422
    assert "nothing is known" in answer.json()["message"]
