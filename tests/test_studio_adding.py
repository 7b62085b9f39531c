"""Frames dropped onto the page: they arrive whole, beside the others, and nothing else does."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")
pytest.importorskip("httpx", reason="needs httpx")
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image

from focusstack import InputError
from focusstack.steps.read import PICTURE_EXTENSIONS
from focusstack.studio import adding, security
from focusstack.studio.adding import LONGEST, safe_name
from focusstack.studio.project import Project
from test_studio_app import HOME, PORT, client_of
from truth import put_stack

SENT = {"content-type": "application/octet-stream"}


@pytest.fixture
def project(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=3, size=(120, 80))
    return Project(tmp_path / "shots")


@pytest.fixture
def client(project):
    return client_of(project)


def jpeg(colour=0):
    data = io.BytesIO()
    Image.new("RGB", (120, 80), (colour, 90, 20)).save(data, "JPEG")
    return data.getvalue()


def send(client, name, data, **headers):
    return client.post("/api/frames", params={"name": name}, content=data, headers=SENT | headers)


def everything(folder):
    """All files around a project, and what is in them."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_arrives_is_a_frame_at_once_and_after_opening_again(project, client):
    data = jpeg()
    assert send(client, "frame_03.jpg", data).json() == {"name": "frame_03.jpg"}
    assert (project.folder / "frame_03.jpg").read_bytes() == data
    names = [frame["name"] for frame in client.get("/api/project").json()["frames"]]
    assert names == [f"frame_0{k}.jpg" for k in range(4)]
    assert client.get("/api/frames/3/thumb.jpg").status_code == 200
    assert len(Project(project.folder).frames) == 4
    assert not (project.home / "arriving").exists()


def test_a_folder_may_be_empty_until_frames_are_dropped(tmp_path):
    (tmp_path / "new").mkdir()
    client = client_of(Project(tmp_path / "new"))
    said = client.get("/api/project").json()
    assert said["frames"] == said["versions"] == []
    assert "dng" not in said["formats"]
    assert client.post("/api/inspection", json={}).status_code == 202
    for count in range(2):
        answer = client.post("/api/jobs", json={})
        assert answer.status_code == 422
        assert "needs two frames" in answer.json()["message"]
        assert send(client, f"frame_0{count}.jpg", jpeg(count)).status_code == 201
    assert len(client.get("/api/project").json()["frames"]) == 2


def test_nothing_that_is_there_is_replaced(project, client):
    before = everything(project.folder)
    first = (project.folder / "frame_01.jpg").read_bytes()
    assert send(client, "frame_01.jpg", first).json() == {"name": "frame_01.jpg"}
    assert everything(project.folder) == before
    assert send(client, "frame_01.jpg", jpeg()).json() == {"name": "frame_01-2.jpg"}
    assert send(client, "FRAME_01.jpg", jpeg(9)).json() == {"name": "FRAME_01-3.jpg"}
    after = everything(project.folder)
    assert {path: after[path] for path in before} == before


def test_a_picture_with_the_name_of_a_raw_does_not_hide_it(tmp_path):
    folder = tmp_path / "shots"
    folder.mkdir()
    for k in range(2):  # what is in them does not matter here
        (folder / f"img{k}.dng").write_bytes(b"raw")
    client = client_of(Project(folder))
    assert send(client, "img1.jpg", jpeg()).json() == {"name": "img1-2.jpg"}
    assert len(client.app.state.studio.project.frames) == 3


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.jpg",
        "..\\..\\evil.jpg",
        "/etc/evil.jpg",
        "C:\\evil.jpg",
        "shots/../../evil.jpg",
        ".evil.jpg",
        "....//evil.jpg",
        "%2e%2e%2fevil.jpg",
        "ev\0il.jpg",
        "ev\nil.jpg",
        "ev\u202eil.jpg",
        "con.jpg",
        "NUL.tar.jpg",
        "evil.jpg#3.jpg",
        " evil .jpg ",
        "e" * 3000 + ".jpg",
        "\u202e\u200b../evil.jpg",
    ],
)
def test_names_that_attack_become_plain_ones_in_the_folder(project, client, tmp_path, name):
    before = everything(tmp_path)
    answer = send(client, name, jpeg())
    assert answer.status_code == 201
    (new,) = set(everything(tmp_path)) - set(before)
    assert new.parent == project.folder
    assert new.name == answer.json()["name"]
    assert not new.name.startswith(".")
    assert len(new.name) <= LONGEST + 5
    assert not set(new.name) & set('/\\#<>:"|?*\0\n\u202e\u200b')
    assert new.stem.casefold().split(".")[0] not in ("con", "nul")
    assert len(Project(project.folder).frames) == 4


@settings(max_examples=300, deadline=None)
@given(some.text(max_size=60), some.sampled_from(sorted(PICTURE_EXTENSIONS)))
def test_any_name_is_safe_or_refused(text, extension):
    try:
        name = safe_name(text + extension)
    except InputError:
        return
    assert Path(name).name == name
    assert name not in (".", "..")
    assert name[0] not in ". "
    assert Path(name).suffix.lower() in PICTURE_EXTENSIONS
    assert safe_name(name) == name


@pytest.mark.parametrize("name", ["", "evil", "evil.exe", ".jpg", "...", "evil.jpg/", "x.jpg.html"])
def test_what_is_not_named_as_a_picture_is_refused(client, tmp_path, name):
    before = everything(tmp_path)
    answer = send(client, name, jpeg())
    assert answer.status_code == 422
    assert "picture" in answer.json()["message"]
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "data", [b"", b"<script>alert(1)</script>", b"\xff\xd8\xff", jpeg()[:60], b"PK\3\4" * 99]
)
def test_what_is_no_picture_is_refused_and_gone(client, tmp_path, data):
    before = everything(tmp_path)
    answer = send(client, "evil.jpg", data)
    assert answer.status_code == 422
    assert str(tmp_path) not in answer.text
    assert everything(tmp_path) == before


def test_a_link_in_the_folder_leads_nowhere(project, client, tmp_path):
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"mine")
    (project.folder / "link.jpg").symlink_to(outside)
    (project.folder / "dangling.jpg").symlink_to(tmp_path / "nowhere.jpg")
    for name in ("link.jpg", "dangling.jpg"):
        assert send(client, name, jpeg()).json() == {"name": name.replace(".", "-2.")}
    assert outside.read_bytes() == b"mine"
    assert not (tmp_path / "nowhere.jpg").exists()


def test_size_number_and_room_are_limited(project, client, tmp_path, monkeypatch):
    before = everything(tmp_path)
    huge = {"content-length": str(security.MOST_UPLOADED + 1)}
    assert send(client, "a.jpg", b"x", **huge).status_code == 413
    assert send(client, "a.jpg", b"x", **{"content-length": "-1"}).status_code == 413
    chunks = (jpeg() for _ in range(1))  # sent without a length
    assert send(client, "a.jpg", chunks).status_code == 413
    monkeypatch.setattr(adding, "MOST_UPLOADED", 100)  # a body that is longer than it said
    assert send(client, "a.jpg", jpeg()).status_code == 422
    monkeypatch.undo()
    monkeypatch.setattr(adding, "MOST_FRAMES", 3)
    assert send(client, "a.jpg", jpeg()).status_code == 422
    monkeypatch.undo()
    used = shutil.disk_usage(project.folder)
    monkeypatch.setattr(adding.shutil, "disk_usage", lambda _path: used._replace(free=1000))
    assert send(client, "a.jpg", jpeg()).status_code == 409
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"host": f"evil.example:{PORT}"}, 421),
        ({"cookie": ""}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": "application/json"}, 415),
    ],
)
def test_only_the_page_can_send_frames(client, tmp_path, headers, status):
    before = everything(tmp_path)
    if "cookie" in headers:
        client.cookies.clear()
        headers = {}
    assert send(client, "a.jpg", jpeg(), **headers).status_code == status
    assert everything(tmp_path) == before


@pytest.mark.parametrize("path", ["/api/jobs", "/api/versions/1/strokes", "/api/project"])
def test_nothing_else_takes_so_much(client, path):
    answer = client.post(path, content=b"x" * 300_000, headers=SENT | {"origin": HOME})
    assert answer.status_code in (405, 413, 415)
    answer = client.post(path, content=b"{}", headers=SENT)
    assert answer.status_code in (405, 415)


def test_a_stack_in_one_file_takes_no_frames(tmp_path):
    import tifffile

    folder = tmp_path / "shots"
    put_stack(tmp_path / "single", "steps", frames=3, size=(60, 40))
    folder.mkdir()
    pages = [Image.open(path) for path in sorted((tmp_path / "single").iterdir())]
    with tifffile.TiffWriter(folder / "all.tif") as file:
        for page in pages:
            file.write(page, photometric="rgb")
    client = client_of(Project(folder))
    assert send(client, "a.jpg", jpeg()).status_code == 422
    assert [path.name for path in folder.iterdir()] == ["all.tif"]
