"""The studio's list of frames without a browser: what is wrong with them."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import time

import numpy as np
import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")
pytest.importorskip("httpx", reason="needs httpx")
from PIL import Image

from focusstack import inspect_stack
from focusstack.studio.inspecting import Look, key_of, look_at, read_notes
from focusstack.studio.notes import notes_of
from focusstack.studio.project import Project
from test_studio_app import News, client_of
from truth import put_stack, write_with_a_gap


@pytest.fixture
def spoilt(tmp_path):
    """Frames of which one is black, one comes twice, one is brighter and one broken."""
    return spoil(tmp_path / "shots")


def spoil(folder):
    paths = put_stack(folder, "steps", frames=16, size=(600, 400))
    shutil.copy(paths[2], folder / "frame_02b.jpg")
    Image.new("RGB", (600, 400)).save(paths[5])
    for gone in paths[9:11]:
        gone.unlink()
    bright = np.asarray(Image.open(paths[13]), float)
    Image.fromarray(np.minimum(bright * 1.35, 255).astype(np.uint8)).save(paths[13], quality=95)
    paths[15].write_bytes(paths[15].read_bytes()[:3000])
    return folder


def looked_at(project, kept):
    """The last that is said of an inspection in this process."""
    frames, news = tuple(project.chosen_frames()), News()
    cancel = multiprocessing.get_context("spawn").Event()
    look_at(Look(frames, key_of(frames), kept), news, cancel)
    return news.said[-1]


def kinds_of(notes):
    return {(note["frame"], note["kind"]) for note in notes}


def test_each_thing_that_is_wrong_is_a_note_on_its_frame(spoilt, tmp_path):
    said = looked_at(Project(spoilt), tmp_path / "kept.json")
    assert said["state"] == "done", said
    found = kinds_of(said["notes"])
    wanted = {
        ("frame_02b.jpg", "repeat"),
        ("frame_05.jpg", "bad"),
        ("frame_13.jpg", "exposure"),
        ("frame_15.jpg", "bad"),
    }
    assert wanted <= found
    assert not [name for name, _ in found if name in ("frame_00.jpg", "frame_03.jpg")]
    for note in said["notes"]:
        assert str(tmp_path) not in note["text"]
    frames = Project(spoilt).chosen_frames()
    assert read_notes(tmp_path / "kept.json", key_of(frames)) == said["notes"]
    assert read_notes(tmp_path / "kept.json", key_of(frames[1:])) is None


def test_good_frames_have_no_notes(tmp_path):
    folder = tmp_path / "shots"
    put_stack(folder, "steps", frames=8, size=(600, 400))
    assert looked_at(Project(folder), tmp_path / "kept.json")["notes"] == []


def test_gaps_are_notes_between_frames(tmp_path):
    folder = write_with_a_gap(tmp_path / "shots")
    report = inspect_stack(folder)
    gaps = [note for note in notes_of(report) if note.kind == "gap"]
    assert [(note.frame, note.other) for note in gaps] == [("frame_10.jpg", "frame_14.jpg")]


def wait_for_notes(client, seconds=60):
    """The inspection's last state."""
    for _ in range(seconds * 10):
        now = client.app.state.studio.inspection.jobs.now
        if now["state"] not in ("working", "idle"):
            return now
        time.sleep(0.1)
    raise TimeoutError


def test_it_is_done_in_another_process_and_known_after_opening_again(spoilt):
    client = client_of(Project(spoilt))
    assert client.post("/api/inspection", json={}).status_code == 202
    assert client.app.state.studio.inspection.jobs.now["state"] == "working"
    assert client.get("/api/frames/0/thumb.jpg").status_code == 200
    done = wait_for_notes(client)
    assert ("frame_05.jpg", "bad") in kinds_of(done["notes"])

    again = client_of(Project(spoilt))
    again.post("/api/inspection", json={})
    now = again.app.state.studio.inspection.jobs.now
    assert (now["state"], now["notes"]) == ("done", done["notes"])


def test_what_is_left_out_keeps_its_reason_and_the_rest_is_looked_at_again(spoilt):
    client = client_of(Project(spoilt))
    client.post("/api/inspection", json={})
    before = wait_for_notes(client)
    client.put("/api/project", json={"excluded": ["frame_05.jpg"], "reference": None})
    client.post("/api/inspection", json={})
    after = wait_for_notes(client)
    assert after["key"] != before["key"]
    assert ("frame_05.jpg", "bad") in kinds_of(after["notes"])


def test_notes_that_are_damaged_are_made_again(spoilt, tmp_path):
    kept = tmp_path / "kept.json"
    for text in ("{", "[]", json.dumps({"format": "focusstack-notes", "version": 1, "key": "k"})):
        kept.write_text(text)
        assert read_notes(kept, "k") is None


def names_of(client):
    return [frame["name"] for frame in client.get("/api/project").json()["frames"]]


def test_frames_are_put_in_an_order_that_lasts(tmp_path):
    folder = tmp_path / "shots"
    paths = put_stack(folder, "steps", frames=4, size=(120, 80))
    client = client_of(Project(folder))
    by_name = [path.name for path in paths]
    assert names_of(client) == by_name
    own = [by_name[k] for k in (2, 0, 3, 1)]
    assert client.put("/api/order", json={"by": "own", "names": own}).status_code == 200
    client.put("/api/project", json={"excluded": [own[1]], "reference": own[3]})
    again = client_of(Project(folder))
    said = again.get("/api/project").json()
    assert names_of(again) == own
    assert said["by"] == "own"
    thumbs = [again.get(f"/api/frames/{frame['id']}/thumb.jpg").content for frame in said["frames"]]
    assert len(set(thumbs)) == 4
    chosen = again.app.state.studio.project.chosen_frames()
    assert [path.name for path in chosen] == [own[0], *own[2:]]
    again.put("/api/order", json={"by": "name"})
    assert names_of(again) == by_name


def test_frames_by_time_are_in_the_order_they_were_taken_in(tmp_path):
    folder = tmp_path / "shots"
    folder.mkdir()
    for k, second in enumerate((30, 10, 20)):
        exif = Image.Exif()
        exif.get_ifd(0x8769)[36867] = f"2024:05:06 07:08:{second}"
        Image.new("RGB", (60, 40), (k, 0, 0)).save(folder / f"img{k}.jpg", exif=exif)
    client = client_of(Project(folder))
    client.put("/api/order", json={"by": "time"})
    assert names_of(client) == ["img1.jpg", "img2.jpg", "img0.jpg"]
    Image.new("RGB", (60, 40)).save(folder / "img2.jpg")  # says nothing: files' times count
    for k, when in enumerate((3, 2, 1)):
        os.utime(folder / f"img{k}.jpg", (when, when))
    client.put("/api/order", json={"by": "time"})
    assert names_of(client) == ["img2.jpg", "img1.jpg", "img0.jpg"]


@pytest.mark.parametrize(
    "said",
    [
        {"by": "size"},
        {"by": 1},
        {},
        {"by": "own", "names": ["frame_00.jpg"]},
        {"by": "own", "names": ["frame_00.jpg", "frame_00.jpg", "frame_01.jpg"]},
        {"by": "own", "names": ["frame_00.jpg", "frame_01.jpg", "../x"]},
        {"by": "own", "names": "frame_00.jpg"},
    ],
)
def test_what_is_no_order_is_refused(tmp_path, said):
    folder = tmp_path / "shots"
    put_stack(folder, "steps", frames=3, size=(60, 40))
    client = client_of(Project(folder))
    assert client.put("/api/order", json=said).status_code == 422
    assert names_of(client) == [f"frame_0{k}.jpg" for k in range(3)]
