"""The studio's list of frames without a browser: what is wrong with them."""

from __future__ import annotations

import json
import multiprocessing
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
from focusstack.synthetic import render, write_stack
from test_studio_app import News, client_of


@pytest.fixture
def spoilt(tmp_path):
    """Frames of which one is black, one comes twice, one is brighter and one broken."""
    return spoil(tmp_path / "shots")


def spoil(folder):
    paths = write_stack(render("steps", frames=16, size=(600, 400)), folder)
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
    write_stack(render("steps", frames=8, size=(600, 400)), folder)
    assert looked_at(Project(folder), tmp_path / "kept.json")["notes"] == []


def test_gaps_are_notes_between_frames(tmp_path):
    folder = tmp_path / "shots"
    paths = write_stack(render("plane", frames=24, size=(640, 480)), folder)
    for gone in paths[11:14]:
        gone.unlink()
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
    began = time.monotonic()
    assert client.post("/api/inspection", json={}).status_code == 202
    assert time.monotonic() - began < 1
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
