"""The studio without a browser: choices, runs, tiles, pixels, exports; nothing is lost."""

from __future__ import annotations

import io
import json
import multiprocessing
import time

import numpy as np
import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")
pytest.importorskip("httpx", reason="needs httpx")
from PIL import Image
from starlette.testclient import TestClient

from focusstack import InputError, Recipe, stack
from focusstack.cli import main
from focusstack.steps.read import open_source
from focusstack.studio.app import make_app
from focusstack.studio.exporting import write_export
from focusstack.studio.jobs import Jobs
from focusstack.studio.levels import TILE, level_count, levels_of
from focusstack.studio.project import Project
from focusstack.studio.work import Task, carry_out
from truth import put_stack

PORT, TOKEN = 4322, "t"
HOME = f"http://127.0.0.1:{PORT}"
SIZE = 900, 620


class News:
    """A queue that keeps everything."""

    def __init__(self):
        self.said = []

    def put(self, said):
        self.said.append(said)


def put_version(project, recipe=None):
    """Make a result in this process; what was said on the way."""
    news, number = News(), project.next_number()
    task = Task(
        number, tuple(project.chosen_frames()), recipe or QUICK, project.version_folder(number)
    )
    carry_out(task, news, multiprocessing.get_context("spawn").Event())
    return news.said


QUICK = Recipe(method="pyramid", clean=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studio") / "shots"
    put_stack(folder, "steps", frames=5, size=SIZE)
    return folder


@pytest.fixture(scope="module")
def project(folder):
    """One with a result."""
    project = Project(folder)
    assert put_version(project)[-1] == {"state": "done", "number": 1}
    return project


class Here(Jobs):
    """Work in this process, over when it has begun: tests do not wait for another to start."""

    def start(self, task, **known):
        self.become({"state": "working", "warnings": [], **known})
        news = News()
        self._work(task, news, None)
        for said in news.said:
            self._tell(said)


def client_of(project):
    """What asks the app; exports are over when they have been asked for."""
    app = make_app(project, PORT, TOKEN)
    write_here(app.state.studio)
    client = TestClient(app, base_url=HOME)
    client.headers["origin"] = HOME
    client.get(f"/?token={TOKEN}")
    return client


def write_here(studio):
    studio.exporting.jobs = Here(studio.news, "export", write_export)


def ended(client, where="/api/versions/1/exports", **said):
    """How an export ended."""
    answer = client.post(where, json=said)
    assert answer.status_code == 202, answer.text
    return client.app.state.studio.exporting.jobs.now


def written(client, where="/api/versions/1/exports", **said):
    """Export, and what is said of what was written."""
    made = ended(client, where, **said)
    assert made["state"] == "done", made
    return made


@pytest.fixture
def client(project):
    return client_of(project)


def picture(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB")).astype(int)


def test_what_the_page_begins_with(client):
    said = client.get("/api/project").json()
    assert [frame["name"] for frame in said["frames"]] == [f"frame_0{k}.jpg" for k in range(5)]
    assert said["frames"][0]["width"] == SIZE[0]
    (version,) = said["versions"]
    assert version["method"] == "pyramid"
    assert version["has_depth"]
    assert said["job"]["state"] == "idle"


def test_choices_are_kept_on_disk(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=4, size=(120, 80))
    client = client_of(Project(tmp_path / "shots"))
    said = {"excluded": ["frame_03.jpg"], "reference": "frame_01.jpg"}
    assert client.put("/api/project", json=said).json() == said
    again = Project(tmp_path / "shots")
    assert again.choices.excluded == ("frame_03.jpg",)
    assert [path.name for path in again.chosen_frames()] == [f"frame_0{k}.jpg" for k in range(3)]
    for wrong in (
        {"excluded": ["../x"]},
        {"excluded": ["frame_01.jpg"], "reference": "frame_01.jpg"},
        {"excluded": [f"frame_0{k}.jpg" for k in range(3)]},
        {"excluded": "frame_01.jpg"},
        {"reference": 3},
    ):
        assert client.put("/api/project", json=wrong).status_code == 422
    assert Project(tmp_path / "shots").choices == again.choices


def test_a_broken_or_newer_project_is_refused_by_name(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=2, size=(120, 80))
    home = tmp_path / "shots.focusstack"
    home.mkdir()
    for text in ("{", json.dumps({"format": "focusstack-project", "version": 9})):
        (home / "project.json").write_text(text)
        with pytest.raises(InputError, match=r"project\.json"):
            Project(tmp_path / "shots")


def test_a_run_with_the_persons_choices(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=5, size=(300, 200))
    project = Project(tmp_path / "shots")
    client = client_of(project)
    client.put("/api/project", json={"excluded": ["frame_00.jpg"], "reference": "frame_02.jpg"})
    started = client.post("/api/jobs", json={"recipe": {"method": "average"}})
    assert started.status_code == 202
    assert client.post("/api/jobs", json={}).status_code == 422  # one at a time
    assert wait_for(client)["state"] == "done"
    (version,) = client.get("/api/project").json()["versions"]
    assert version["frames"] == [f"frame_0{k}.jpg" for k in range(1, 5)]
    assert version["facts"]["reference_name"].endswith("frame_02.jpg")


def wait_for(client, seconds=60):
    """The run's last state."""
    for _ in range(seconds * 10):
        job = client.get("/api/project").json()["job"]
        if job["state"] not in ("working", "idle"):
            return job
        time.sleep(0.1)
    raise TimeoutError


def test_a_run_that_is_stopped_leaves_nothing(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=6, size=(900, 600))
    project = Project(tmp_path / "shots")
    client = client_of(project)
    client.post("/api/jobs", json={})
    time.sleep(1.5)
    assert client.request("DELETE", "/api/jobs/now", json={}).status_code == 200
    assert wait_for(client)["state"] == "cancelled"
    assert project.versions == []
    assert (
        not [p for p in project.home.rglob("*") if p.is_file()] if project.home.exists() else True
    )


def test_a_run_that_fails_says_why(tmp_path):
    paths = put_stack(tmp_path / "shots", "steps", frames=3, size=(120, 80))
    paths[1].write_bytes(paths[1].read_bytes()[:2000])
    client = client_of(Project(tmp_path / "shots"))
    client.post("/api/jobs", json={})
    said = wait_for(client)
    assert said["state"] == "failed"
    assert "frame_01.jpg" in said["message"]


def test_what_a_killed_run_left_is_cleared_away(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=3, size=(120, 80))
    project = Project(tmp_path / "shots")
    scratch = project.home / "versions" / ".0007"
    scratch.mkdir(parents=True)
    (scratch / "picture.tif").write_bytes(b"half")
    client = client_of(project)
    assert not scratch.exists()
    assert client.get("/api/project").json()["versions"] == []


def test_tiles_put_together_are_the_picture(project, client):
    made = stack(project.folder, QUICK)
    for level, whole in enumerate(levels_of(made.image, b"")):
        tiles = [
            [
                picture(client.get(f"/api/versions/1/tiles/{level}/{column}_{row}.jpg"))
                for column in range(-(-whole.shape[1] // TILE))
            ]
            for row in range(-(-whole.shape[0] // TILE))
        ]
        together = np.vstack([np.hstack(row) for row in tiles])
        assert together.shape == whole.shape
        assert np.abs(together - whole).mean() < 4  # what JPEG changes
    beyond = client.get("/api/versions/1/tiles/0/9_0.jpg")
    assert beyond.status_code == 422


@pytest.mark.parametrize(
    ("width", "height", "count"), [(1, 1, 1), (512, 9, 1), (513, 9, 2), (6000, 4000, 5)]
)
def test_levels_end_where_one_tile_holds_the_picture(width, height, count):
    assert level_count(width, height) == count


def test_pixels_are_told_in_the_pictures_own_depth(project, client):
    made = stack(project.folder, QUICK)
    said = client.get("/api/versions/1/pixel?x=400&y=300").json()
    assert said["value"] == made.image[300, 400].tolist()
    assert said["white"] == 255
    assert said["depth"] == pytest.approx(float(made.depth[300, 400]), abs=0.006)
    assert said["frame"] == made.sources[300, 400]
    for wrong in ("x=-1&y=0", "x=9999&y=0", "x=1", "x=1e3&y=1", "x=1&y=0x10"):
        assert client.get(f"/api/versions/1/pixel?{wrong}").status_code == 422


def test_a_source_frame_lies_where_the_result_shows_it(project, client):
    """Where a frame is sharp, the result is much like it, however the camera moved."""
    made = stack(project.folder, QUICK)
    size = min(TILE, made.image.shape[1])
    ours = made.image[:TILE, :size].astype(int)
    sources, sure = made.sources[:TILE, :size], made.confidence[:TILE, :size] > 0.9
    for index in range(5):
        there = (sources == index) & sure
        if there.sum() < 500:
            continue
        frame = picture(client.get(f"/api/versions/1/frames/{index}/0/0_0.jpg"))
        assert frame.shape == ours.shape
        assert np.abs(frame - ours)[there].mean() < 6
        shifted = np.roll(frame, 6, axis=1)
        assert np.abs(shifted - ours)[there].mean() > 1.5 * np.abs(frame - ours)[there].mean()
    assert client.get("/api/versions/1/frames/9/0/0_0.jpg").status_code == 422


def test_previews_show_their_frames_too(project):
    put_version(project, Recipe(method="pyramid", preview=True))
    client = client_of(project)
    number = client.get("/api/project").json()["versions"][-1]["number"]
    tile = picture(client.get(f"/api/versions/{number}/tiles/0/0_0.jpg"))
    frame = picture(client.get(f"/api/versions/{number}/frames/2/0/0_0.jpg"))
    assert frame.shape == tile.shape
    assert np.abs(frame - tile).mean() < 25


def test_depth_frames_and_thumbnails_are_pictures(client):
    depth = picture(client.get("/api/versions/1/depth/0/0_0.jpg"))
    assert len(np.unique(depth.reshape(-1, 3), axis=0)) > 50
    sure = picture(client.get("/api/versions/1/confidence/0/0_0.jpg"))
    assert np.ptp(sure, axis=2).max() < 12
    assert sure.std() > 5
    thumb = picture(client.get("/api/frames/2/thumb.jpg"))
    assert max(thumb.shape[:2]) <= 240
    tile = picture(client.get("/api/frames/2/tiles/0/1_1.jpg"))
    whole = open_source(client.app.state.studio.project.frames[2]).read(0).pixels.astype(int)
    assert np.abs(tile - whole[TILE : 2 * TILE, TILE : 2 * TILE]).mean() < 3


@pytest.mark.parametrize("extension", ["png", "tif", "jpg", "webp", "avif"])
def test_exports_hold_the_picture_and_its_record(project, client, extension, capsys):
    said = written(client, format=extension)
    path = project.home / "exports" / said["name"]
    assert client.get(f"/api/exports/{said['name']}").content == path.read_bytes()
    made = stack(project.folder, QUICK)
    found = open_source(path).read(0).pixels.astype(int)
    limit = 0 if extension in ("png", "tif") else 4
    assert np.abs(found - made.image).mean() <= limit
    again = written(client, format=extension)
    assert again["name"] != said["name"]
    if extension == "tif":
        command = ["restack", str(path), "--frames", str(project.folder), "-o"]
        assert main([*command, str(path.with_name("again.png"))]) == 0
        assert "bit for bit" in capsys.readouterr().err


def test_exports_that_cannot_be_are_refused(client):
    for wrong in (
        {"format": "exe"},
        {"format": "png", "quality": 0},
        {"format": "png", "quality": "x"},
    ):
        assert client.post("/api/versions/1/exports", json=wrong).status_code == 422
    assert client.post("/api/versions/77/exports", json={"format": "png"}).status_code == 422


STROKE = {
    "frame": 2,
    "size": 60,
    "hardness": 0.5,
    "opacity": 1,
    "points": [[200, 150, 1], [260, 180, 1]],
}


def counts(retouch):
    return retouch["shown"], retouch["total"], retouch["revision"]


def test_strokes_are_kept_undone_and_done_again(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=4, size=(400, 300))
    project = Project(tmp_path / "shots")
    put_version(project)
    client = client_of(project)
    plain = picture(client.get("/api/versions/1/tiles/0/0_0.jpg"))

    def change(what, **said):
        return client.post(f"/api/versions/1/{what}", json=said).json()

    made = change("strokes", **STROKE)
    assert counts(made) == (1, 1, 1)
    assert made["marks"] == [[170, 120, 291, 211, 1]]
    painted = picture(client.get("/api/versions/1/tiles/0/0_0.jpg"))
    off = np.abs(painted - plain).max(axis=2)
    assert off[120:210, 170:290].max() > 20
    assert off[:80].max() <= 12  # what JPEG changes near by
    assert client.get("/api/versions/1/pixel?x=230&y=165").json()["painted"] is True
    assert "painted" not in client.get("/api/versions/1/pixel?x=20&y=20").json()
    assert change("strokes/undo")["shown"] == 0
    assert change("strokes/undo")["revision"] == 2  # there is nothing more to undo
    np.testing.assert_array_equal(picture(client.get("/api/versions/1/tiles/0/0_0.jpg")), plain)
    assert change("strokes/redo")["shown"] == 1
    (again,) = client_of(Project(tmp_path / "shots")).get("/api/project").json()["versions"]
    assert counts(again["retouch"]) == (1, 1, 3)
    assert again["retouch"]["marks"] == made["marks"]
    change("strokes/undo")
    erased = change("strokes", **(STROKE | {"frame": None}))
    assert counts(erased) == (1, 1, 5)
    assert erased["marks"][0][4] == 5  # not the mark of the stroke that it took the place of
    wrong = client.post("/api/versions/1/strokes", json=STROKE | {"frame": 9})
    assert wrong.status_code == 422


def test_strokes_that_are_damaged_stay_and_are_said(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=3, size=(200, 150))
    project = Project(tmp_path / "shots")
    put_version(project)
    kept = project.version_folder(1) / "retouch.json"
    kept.write_text("{")
    client = client_of(project)
    (version,) = client.get("/api/project").json()["versions"]
    assert any("retouch.json" in text for text in version["warnings"])
    assert picture(client.get("/api/versions/1/tiles/0/0_0.jpg")).std() > 5
    assert client.post("/api/versions/1/strokes", json=STROKE | {"frame": 0}).status_code == 422
    assert ended(client, format="png")["state"] == "failed"
    assert kept.read_text() == "{"


def test_the_command_line_says_what_is_wrong(tmp_path, capsys):
    assert main(["studio", str(tmp_path / "nowhere"), "--no-browser"]) == 3
    assert "nowhere is not a folder" in capsys.readouterr().err
