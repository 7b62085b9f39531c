"""A folder of many stacks in the studio: found, made one after the other, opened; and attacks."""

from __future__ import annotations

import shlex
import time

import cv2
import numpy as np
import pytest
import tifffile

from focusstack.cli import main
from focusstack.synthetic import render

testclient = pytest.importorskip("starlette.testclient", reason="needs the extra studio")

from focusstack.studio.card import Card  # noqa: E402
from focusstack.studio.card_app import Cardholder, card_routes  # noqa: E402
from focusstack.studio.page import guarded  # noqa: E402
from test_studio_app import write_here  # noqa: E402
from truth import put_stack  # noqa: E402

PORT, TOKEN = 4321, "the-token"
HOME = f"http://127.0.0.1:{PORT}"
ORIGIN = {"origin": HOME}
QUICK = {"method": "average", "align": "none", "clean": False, "depth": False}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two stacks in folders of their own, and one picture that belongs to none."""
    root = tmp_path_factory.mktemp("made")
    for name in ("ant", "bee"):
        put_stack(root / name, "steps", frames=5, size=(300, 200))
    return root


@pytest.fixture
def root(made, tmp_path):
    folder = tmp_path / "card"
    for name in ("ant", "bee"):
        (folder / name).mkdir(parents=True)
        for path in (made / name).glob("*.jpg"):
            (folder / name / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture
def holder(root):
    holder = Cardholder(Card(root))
    yield holder
    holder.stop()


@pytest.fixture
def client(holder):
    app = guarded(card_routes(holder), PORT, TOKEN)
    with testclient.TestClient(app, base_url=HOME) as client:
        assert client.get(f"/?token={TOKEN}").status_code in (200, 503)
        yield client


def finished(jobs):
    for _ in range(1200):
        if jobs.now["state"] not in ("working", "idle"):
            return jobs.now
        time.sleep(0.1)
    raise TimeoutError(jobs.now)


def looked(client, holder):
    assert client.post("/api/card/search", json={}, headers=ORIGIN).status_code == 202
    assert finished(holder.card.search)["state"] == "done"
    return client.get("/api/card").json()


def made_all(client, holder, numbers, recipe=QUICK):
    wish = {"stacks": numbers, "recipe": recipe}
    answer = client.post("/api/card/making", json=wish, headers=ORIGIN)
    assert answer.status_code == 202, answer.text
    return answer.json()["stacks"], finished(holder.card.making)


def test_stacks_are_found_made_and_not_made_twice(client, holder, root):
    assert client.get("/api/card").json()["looked"] is False
    card = looked(client, holder)
    assert [one["name"] for one in card["stacks"]] == ["ant", "bee"]
    assert all(one["frames"] == 5 and one["wanted"] for one in card["stacks"])
    begun, ended = made_all(client, holder, [0, 1])
    assert begun == [0, 1]
    assert {k: one["state"] for k, one in ended["ended"].items()} == {"0": "done", "1": "done"}
    card = client.get("/api/card").json()
    made = {"number": 1, "method": "average", "preview": False}
    assert [one["results"] for one in card["stacks"]] == [[made]] * 2
    again = client.post(
        "/api/card/making", json={"stacks": [0, 1], "recipe": QUICK}, headers=ORIGIN
    )
    assert again.status_code == 422
    assert "have been made" in again.json()["message"]
    # everything is beside the folder, nothing in it
    assert sorted(path.name for path in root.iterdir()) == ["ant", "bee"]
    assert (root.parent / "card.focusstack" / "stacks" / "ant" / "versions" / "0001").is_dir()


def test_each_has_a_studio_below(client, holder):
    looked(client, holder)
    made_all(client, holder, [1])
    project = client.get("/stacks/1/api/project").json()
    assert project["folder"] == "bee"
    assert len(project["frames"]) == 5
    assert [one["number"] for one in project["versions"]] == [1]
    assert project["extensions"] == []  # which frames there are was found out
    tile = client.get("/stacks/1/api/versions/1/tiles/0/0_0.jpg")
    assert tile.headers["content-type"] == "image/jpeg"
    assert client.get("/stacks/1/").status_code in (200, 503)
    for number in (0, 1):
        thumb = client.get(f"/api/card/stacks/{number}/thumb.jpg")
        assert thumb.headers["content-type"] == "image/jpeg"


def test_one_that_fails_stops_no_other(client, holder, root):
    looked(client, holder)
    (root / "ant" / "frame_02.jpg").write_bytes(b"no picture")
    _, ended = made_all(client, holder, [0, 1])
    assert ended["state"] == "done"
    assert ended["ended"]["0"]["state"] == "failed"
    assert ended["ended"]["0"]["message"].startswith("frame_02.jpg is not")
    assert "frame_02.jpg" in ended["ended"]["0"]["message"]
    assert ended["ended"]["1"]["state"] == "done"


def test_a_plan_that_was_edited_is_obeyed_and_a_broken_one_refused(client, holder):
    looked(client, holder)
    plan = holder.card.plan
    text = plan.read_text()
    plan.write_text(text.replace('name = "ant"', 'name = "termite"'))
    assert [one["name"] for one in client.get("/api/card").json()["stacks"]] == ["termite", "bee"]
    plan.write_text("nonsense [")
    broken = client.get("/api/card")
    assert broken.status_code == 422
    assert "stacks.toml" in broken.json()["message"]


def test_frames_that_are_gone_are_said(client, holder, root):
    looked(client, holder)
    (root / "bee" / "frame_03.jpg").unlink()
    assert client.get("/api/card").json()["stacks"][1]["problem"] == "frame_03.jpg is gone"
    assert client.get("/stacks/1/api/project").status_code == 422


def test_stopping_ends_it_at_once(client, holder):
    looked(client, holder)
    wish = {"stacks": [0, 1], "recipe": {"method": "wavelet"}}
    client.post("/api/card/making", json=wish, headers=ORIGIN)
    began = time.monotonic()
    assert client.request("DELETE", "/api/card/making", json={}, headers=ORIGIN).status_code == 200
    assert time.monotonic() - began < 20
    assert finished(holder.card.making)["state"] == "cancelled"


@pytest.mark.parametrize(
    "wish",
    [
        {"stacks": "all"},
        {"stacks": [-1]},
        {"stacks": [True]},
        {"stacks": [99]},
        {"stacks": [0], "recipe": []},
        {"stacks": [0], "recipe": {"method": "magic"}},
        {"stacks": [0], "recipe": {"../../x": 1}},
    ],
    ids=str,
)
def test_wishes_that_make_no_sense_are_refused(client, holder, wish):
    looked(client, holder)
    answer = client.post("/api/card/making", json=wish, headers=ORIGIN)
    assert answer.status_code in (400, 422)
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/stacks/99/",
        "/stacks/-1/",
        "/api/card/stacks/9/thumb.jpg",
    ],
)
def test_stacks_that_are_not_there(client, holder, path):
    looked(client, holder)
    assert client.get(path).status_code in (404, 422)


def test_strangers_get_nothing(holder):
    app = guarded(card_routes(holder), PORT, TOKEN)
    stranger = testclient.TestClient(app, base_url=HOME)
    for path in ("/", "/api/card", "/stacks/0/", "/stacks/0/api/project"):
        assert stranger.get(path).status_code == 403
    for path in ("/api/card/search", "/api/card/making", "/stacks/0/api/jobs"):
        assert stranger.post(path, json={}).status_code == 403
        evil = {"origin": "http://evil.example"}
        assert stranger.post(path, json={}, headers=evil).status_code == 403


def test_frames_cannot_be_added_to_a_stack_that_was_found(client, holder, root):
    looked(client, holder)
    body, headers = b"x", {**ORIGIN, "content-type": "application/octet-stream"}
    answer = client.post("/stacks/0/api/frames?name=a.jpg", content=body, headers=headers)
    assert answer.status_code in (415, 422)
    assert len(list((root / "ant").iterdir())) == 5


def test_the_command_of_an_export_finds_the_frames(client, holder, root, monkeypatch):
    """Also those of a folder below, which the card's own folder does not show."""
    looked(client, holder)
    made_all(client, holder, [1])
    studio = holder.studio(1).state.studio
    write_here(studio)
    where = "/stacks/1/api/versions/1/exports"
    answer = client.post(where, json={"format": "png", "quality": 95}, headers=ORIGIN)
    assert answer.status_code == 202, answer.text
    made = studio.exporting.jobs.now
    words = shlex.split(made["command"])
    assert words[words.index("--frames") + 1] == str((root / "bee").resolve())
    monkeypatch.chdir(root.parent)
    assert main([*words[1:], "-o", "again.png"]) == 0
    there = holder.card.project(1).home / "exports" / made["name"]
    np.testing.assert_array_equal(cv2.imread("again.png"), cv2.imread(str(there)))


def test_a_file_with_several_pages_is_a_stack(client, holder, root):
    frames = list(render("steps", frames=5, size=(300, 200)).frames())
    tifffile.imwrite(root / "pages.tif", np.stack(frames).astype(np.uint8), photometric="rgb")
    card = looked(client, holder)
    number = [one["name"] for one in card["stacks"]].index("pages")
    assert "problem" not in card["stacks"][number]
    assert client.get(f"/stacks/{number}/api/project").json()["folder"] == "pages"
    _, ended = made_all(client, holder, [number])
    assert ended["ended"][str(number)]["state"] == "done"
