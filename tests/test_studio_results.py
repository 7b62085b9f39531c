"""Results that are deleted, and brought back until the project closes."""

from __future__ import annotations

import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")
pytest.importorskip("httpx", reason="needs httpx")

from focusstack.studio.project import Project
from test_studio_app import client_of, put_version
from truth import put_stack


@pytest.fixture
def project(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=3, size=(120, 80))
    project = Project(tmp_path / "shots")
    for _ in range(2):
        put_version(project)
    return project


def numbers(client):
    said = client.get("/api/project").json()
    return [one["number"] for one in said["versions"]], said["deleted"]


def delete(client, number):
    return client.request("DELETE", f"/api/versions/{number}", json={})


def restore(client, number):
    return client.post(f"/api/versions/{number}/restore", json={})


def test_a_deleted_result_comes_back_as_it_was(project):
    client = client_of(project)
    before = client.get("/api/versions/2/tiles/0/0_0.jpg").content
    assert delete(client, 2).status_code == 200
    assert numbers(client) == ([1], [2])
    for late in ("tiles/0/0_0.jpg", "frames/1/0/0_0.jpg", "over/clipping/0/0_0.png"):
        assert client.get(f"/api/versions/2/{late}").status_code == 200  # no error on the page
    assert client.get("/api/versions/3/tiles/0/0_0.jpg").status_code == 422
    assert client.get("/api/versions/2/holds").status_code == 422
    assert restore(client, 2).status_code == 200
    assert numbers(client) == ([1, 2], [])
    assert client.get("/api/versions/2/tiles/0/0_0.jpg").content == before


def test_it_is_gone_once_the_project_closes_and_its_number_is_not_used_again(project):
    client = client_of(project)
    delete(client, 2)
    assert project.next_number() == 3
    client.app.state.studio.stop()
    left = [path.name for path in (project.home / "versions").iterdir()]
    assert left == ["0001"]
    again = client_of(Project(project.folder))
    assert numbers(again) == ([1], [])
    assert restore(again, 2).status_code == 422
    assert again.app.state.studio.project.next_number() == 3


def test_a_kill_in_between_ends_the_same(project):
    delete(client_of(project), 1)
    assert numbers(client_of(Project(project.folder))) == ([2], [])


def test_only_results_are_deleted(project):
    client = client_of(project)
    for number in (0, 7, 99999):
        assert delete(client, number).status_code == 422
        assert restore(client, number).status_code == 422
    assert restore(client, 1).status_code == 422  # it is there
    assert client.request("DELETE", "/api/versions/..", json={}).status_code in (404, 405)
    assert numbers(client) == ([1, 2], [])
    assert project.next_number() == 3
