"""Stacking large frames: a preview takes the result's place until that is there."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest

from focusstack.studio import work
from focusstack.studio.project import Project
from focusstack.studio.work import carry_out, next_task
from studio_page import NEEDED, SLOW, browser, launched, opened, rendered_beetle, results, settled
from studio_server import started
from test_studio_app import QUICK, client_of, put_version
from truth import put_stack

__all__ = ["browser", "launched"]
SIZE = 300, 200


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Of small frames that count as large."""
    monkeypatch.setattr(work, "LARGE", SIZE[0] * SIZE[1] - 1)
    put_stack(tmp_path / "shots", "steps", frames=3, size=SIZE)
    return Project(tmp_path / "shots")


class Watcher:
    """A queue that looks at the results when something is said."""

    def __init__(self, project, stop_at_preview=None):
        self.said, self.seen = [], []
        self._project, self._stop = project, stop_at_preview

    def put(self, said):
        self.said.append(said)
        if said.get("preview"):
            self.seen = self._project.versions
            if self._stop:
                self._stop.set()


def hidden(project):
    return [path.name for path in (project.home / "versions").iterdir() if path.name[0] == "."]


def test_a_preview_comes_first_and_the_result_takes_its_place(project):
    news = Watcher(project)
    carry_out(next_task(project, QUICK, preview_first=True), news, threading.Event())
    (before,), (after,) = news.seen, project.versions
    assert (before.number, before.preview) == (1, True)
    assert (after.number, after.preview) == (1, False)
    assert news.said[-1] == {"state": "done", "number": 1}
    assert not hidden(project)


def test_who_stops_it_keeps_the_preview(project):
    cancel = threading.Event()
    news = Watcher(project, cancel)
    carry_out(next_task(project, QUICK, preview_first=True), news, cancel)
    assert news.said[-1]["state"] == "cancelled"
    (kept,) = project.versions
    assert kept.preview
    assert not hidden(project)


@pytest.mark.parametrize("wish", ["small", "a preview", "of a batch"])
def test_there_is_none_where_it_would_save_no_time(project, monkeypatch, wish):
    if wish == "small":
        monkeypatch.setattr(work, "LARGE", SIZE[0] * SIZE[1])
    recipe = replace(QUICK, preview=wish == "a preview")
    news = Watcher(project)
    carry_out(next_task(project, recipe, preview_first=wish != "of a batch"), news, None)
    assert news.said[-1]["state"] == "done"
    assert not any(said.get("preview") for said in news.said)


@pytest.mark.parametrize("whole", [True, False])
def test_a_preview_whose_place_was_never_taken_is_brought_back(project, whole):
    put_version(project, replace(QUICK, preview=True))
    folder = project.version_folder(1)
    folder.rename(folder.with_name(".0001.preview"))
    if whole:
        put_version(project)
    project.clear_away()
    assert [one.preview for one in project.versions] == [not whole]
    assert not hidden(project)


def test_what_is_not_whole_is_not_changed_or_handed_out(project):
    put_version(project)
    client = client_of(project)
    client.app.state.studio.jobs.become({"state": "working", "number": 1, "preview": True})
    stroke = {"points": [[9, 9, 1]], "size": 5, "hardness": 1, "opacity": 1, "frame": 0}
    asked = [
        client.post("/api/versions/1/strokes", json=stroke),
        client.post("/api/versions/1/exports", json={"format": "png"}),
        client.request("DELETE", "/api/versions/1", json={}),
    ]
    assert [answer.status_code for answer in asked] == [422] * 3
    assert all("not whole yet" in answer.json()["message"] for answer in asked)
    client.app.state.studio.jobs.become({"state": "done", "number": 1, "preview": True})
    assert client.request("DELETE", "/api/versions/1", json={}).status_code == 200


@pytest.mark.skipif(NEEDED[0].args[0], reason=NEEDED[0].kwargs["reason"])
@pytest.mark.skipif(NEEDED[1].args[0], reason=NEEDED[1].kwargs["reason"])
def test_the_page_shows_the_preview_and_then_the_result(browser, tmp_path):
    folder = tmp_path / "large"
    folder.mkdir()
    for path in sorted(rendered_beetle().glob("*.jpg"))[:3]:
        large = cv2.resize(cv2.imread(str(path)), (3150, 2100), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(folder / path.name), large)
    with started(folder) as (_, address):
        page, complaints = opened(browser, address)
        page.get_by_role("button", name="Stack", exact=True).click()
        results(page).filter(has_text="preview").wait_for(timeout=SLOW)
        page.locator(".shown", has_text="result 1").wait_for()
        page.get_by_text("the result is on its way").wait_for()
        assert not page.get_by_role("button", name="Export", exact=True).is_visible()
        before = settled(page)
        results(page).filter(has_not_text="preview").wait_for(timeout=2 * SLOW)
        page.get_by_role("button", name="Export", exact=True).wait_for()
        assert results(page).count() == 1
        # the same scene, and no tile of the one among those of the other
        assert np.abs(settled(page) - before).mean() < 6
        assert not complaints.said
        page.context.close()
    version = json.loads((Project(folder).version_folder(1) / "version.json").read_text())
    assert not version["preview"]
    assert version["width"] > 2500
