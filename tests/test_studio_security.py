"""Attacks on the studio: none of them gets anything."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")
pytest.importorskip("httpx", reason="needs httpx")
from starlette.testclient import TestClient

from focusstack.studio.app import make_app
from focusstack.studio.project import Project
from focusstack.studio.security import COOKIE
from studio_server import started
from truth import put_stack

PORT, TOKEN = 4321, "the-token"
HOME = f"http://127.0.0.1:{PORT}"
JSON = {"content-type": "application/json"}


@pytest.fixture
def project(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=3, size=(120, 80))
    (tmp_path / "secret.txt").write_text("secret")
    return Project(tmp_path / "shots")


@pytest.fixture
def client(project):
    """A browser that knows nothing yet."""
    return TestClient(make_app(project, PORT, TOKEN), base_url=HOME, follow_redirects=False)


@pytest.fixture
def page(client):
    """The browser that opened the page."""
    opened = client.get(f"/?token={TOKEN}")
    assert opened.status_code == 303
    return client


def test_the_address_opens_the_page_once_and_is_gone_from_the_bar(client):
    opened = client.get(f"/?token={TOKEN}")
    assert opened.headers["location"] == "/"
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie
    assert client.get("/api/project").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/project",
        "/api/frames/0/thumb.jpg",
        "/api/versions/1/surface",
        "/api/versions/1/surface/heights",
        "/?token=wrong",
        "/?token=",
    ],
)
def test_without_token_or_cookie_nothing_is_shown(client, path):
    answer = client.get(path)
    assert answer.status_code == 403
    assert "frame" not in answer.text


def test_the_token_opens_the_page_only_and_is_no_cookie(client):
    assert client.get(f"/api/project?token={TOKEN}").status_code == 403
    client.cookies.set(COOKIE, TOKEN)
    assert client.get("/api/project").status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:80", f"evil.example:{PORT}", ""]
)
def test_a_name_that_was_made_to_point_here_is_refused(page, host):
    assert page.get("/api/project", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": f"https://127.0.0.1:{PORT}"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_in_the_same_browser_is_refused(page, headers):
    assert page.get("/api/project", headers=headers).status_code == 403
    changed = page.put("/api/project", json={"excluded": []}, headers={"origin": HOME} | headers)
    assert changed.status_code == (403 if "origin" in headers else 200)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (JSON, "{}", 403),
        ({"origin": HOME, "content-type": "text/plain"}, "{}", 415),
        ({"origin": HOME, "content-type": "application/x-www-form-urlencoded"}, "a=b", 415),
        ({"origin": HOME, **JSON}, "x" * 300_000, 413),
        ({"origin": HOME, **JSON}, "not json", 422),
        ({"origin": HOME, **JSON}, "[1]", 422),
        ({"origin": HOME, **JSON}, '{"recipe": {"metod": 1}}', 422),
    ],
)
def test_changes_must_come_from_the_page_and_make_sense(page, headers, body, status):
    assert page.post("/api/jobs", content=body, headers=headers).status_code == status
    assert page.get("/api/project").json()["job"] == {"state": "idle"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/exports/..%2F..%2Fsecret.txt",
        "/api/exports/%2e%2e",
        "/api/exports/../../secret.txt",
        "/assets/../../../../secret.txt",
        "/assets/%2e%2e/%2e%2e/app.py",
        "/api/versions/1/tiles/0/0_0.jpg",
        "/api/versions/1/surface/heights",
        "/api/versions/..%2F1/surface/texture.jpg",
        "/api/frames/99/thumb.jpg",
        "/api/frames/0/tiles/0/99999_0.jpg",
        "/api/frames/0/tiles/9/0_0.jpg",
    ],
)
def test_nothing_outside_the_project_is_read(page, path):
    answer = page.get(path)
    assert answer.status_code in (404, 422)
    assert "secret" not in answer.text.replace("secret.txt", "")


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/api/scale"), ("POST", "/api/versions/1/surface/exports")]
)
def test_the_surface_is_changed_by_the_page_only(project, page, method, path):
    for headers, status in (
        (JSON, 403),
        ({"origin": "http://evil.example", **JSON}, 403),
        ({"origin": HOME, "content-type": "text/plain"}, 415),
        ({"origin": HOME, **JSON}, 422),
    ):
        sent = page.request(method, path, content='{"step_um": -1}', headers=headers)
        assert sent.status_code == status
    assert not project.home.exists()


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", "x\0y", "", 7, "a" * 300])
def test_exports_stay_in_their_folder(project, page, name):
    from test_studio_app import put_version, write_here

    put_version(project)
    write_here(page.app.state.studio)
    said = {"format": "png", "name": name}
    answer = page.post("/api/versions/1/exports", json=said, headers={"origin": HOME})
    if name == "":  # no name: one is made
        assert answer.status_code == 202
    else:
        assert answer.status_code == 422
    written = {path.relative_to(project.folder.parent) for path in project.home.rglob("*.png")}
    assert all(path.parts[:2] == ("shots.focusstack", "exports") for path in written)


def test_every_answer_forbids_what_the_page_does_not_need(page):
    for path in ("/", "/api/project", "/nothing"):
        headers = page.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_only_this_machine_is_listened_to(project):
    with started(project.folder) as (_, address):
        port = urlsplit(address).port
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{40,}", address)
        socket.create_connection(("127.0.0.1", port), 2).close()
        for other in ("127.0.0.2", *_own_addresses()):
            with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
                socket.create_connection((other, port), 1).close()


def _own_addresses():
    """What else this machine is called, if it is on a network."""
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError:
        return []
    return sorted({entry[4][0] for entry in found} - {"127.0.0.1", "127.0.1.1"})
