"""Attacks on a studio that other machines can reach: none of them gets in without the password."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")
pytest.importorskip("httpx", reason="needs httpx")
from starlette.testclient import TestClient

from focusstack import InputError
from focusstack.cli import main
from focusstack.studio import login as module
from focusstack.studio import serve
from focusstack.studio.app import make_app
from focusstack.studio.login import Login, Patience
from focusstack.studio.project import Project
from focusstack.studio.security import COOKIE, is_address
from studio_server import started
from truth import put_stack

PORT, PASSWORD = 4323, "correct horse"
HOME = f"http://192.168.7.5:{PORT}"
FORM = {"content-type": "application/x-www-form-urlencoded", "origin": HOME}


class Clock:
    """Time that passes when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("login") / "shots"
    put_stack(folder, "steps", frames=3, size=(120, 80))
    return folder


def client_at(app, address="192.168.7.9"):
    return TestClient(app, base_url=HOME, follow_redirects=False, client=(address, 50000))


@pytest.fixture
def app(folder, clock):
    return make_app(Project(folder), PORT, "the-token", Login(PASSWORD, clock))


@pytest.fixture
def client(app):
    return client_at(app)


def enter(client, password, **headers):
    body = urlencode({"password": password})
    return client.post("/login", content=body, headers=FORM | headers)


def test_the_right_password_gives_the_cookie_and_the_page(client):
    asked = client.get("/")
    assert asked.status_code == 401
    assert 'type="password"' in asked.text
    answer = enter(client, PASSWORD)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert PASSWORD not in cookie
    assert client.get("/api/project").status_code == 200


@pytest.mark.parametrize(
    "wrong", ["", "Correct horse", "correct horse ", "correct hors", "x" * 3000, "\0", "pässword"]
)
def test_wrong_passwords_get_nothing(client, wrong):
    answer = enter(client, wrong)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert client.get("/api/project").status_code == 403


@pytest.mark.parametrize(
    "body", [b"", b"password", b"password=%ff%fe", b"password[]=a", b"&" * 4000, b"\xff\xfe\x00"]
)
def test_forms_that_are_none_get_nothing(client, body):
    assert client.post("/login", content=body, headers=FORM).status_code == 401


def test_no_other_way_leads_in(client):
    for path in ("/?token=the-token", f"/?token={PASSWORD}", f"/?password={PASSWORD}"):
        assert client.get(path).status_code == 401
    for path in ("/api/project", "/api/frames/0/thumb.jpg", "/assets/x.js", "/api/exports/a"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "frame" not in answer.text
    for value in (PASSWORD, "the-token", ""):
        client.cookies.set(COOKIE, value)
        assert client.get("/api/project").status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"content-type": "application/json"}, 415),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_another_site_cannot_log_in(client, headers, status):
    assert enter(client, PASSWORD, **headers).status_code == status


def test_without_an_origin_or_a_length_nothing_is_tried(client):
    body = urlencode({"password": PASSWORD})
    bare = {"content-type": FORM["content-type"]}
    assert client.post("/login", content=body, headers=bare).status_code == 403
    parts = client.post("/login", content=iter([body.encode()]), headers=FORM)
    assert parts.status_code == 413
    assert client.post("/login", content="x" * 5000, headers=FORM).status_code == 413


@pytest.mark.parametrize(
    ("host", "good"),
    [
        (f"192.168.7.5:{PORT}", True),
        (f"10.0.0.1:{PORT}", True),
        (f"[fd00::1]:{PORT}", True),
        (f"localhost:{PORT}", True),
        (f"{socket.gethostname().lower()}:{PORT}", True),
        (f"evil.example:{PORT}", False),
        (f"192.168.7.5.evil.example:{PORT}", False),
        ("192.168.7.5", False),
        ("192.168.7.5:80", False),
        (f"fd00::1:{PORT}", False),
        (f"[192.168.7.5]:{PORT}", False),
        (f"0x7f000001:{PORT}", False),
        (f"1.2.3.4@evil.example:{PORT}", False),
    ],
)
def test_names_that_were_made_to_point_here_are_refused(client, host, good):
    status = client.get("/", headers={"host": host}).status_code
    assert status == (401 if good else 421)


def test_without_a_password_addresses_of_the_network_are_refused(folder):
    client = client_at(make_app(Project(folder), PORT, "the-token"))
    assert client.get("/?token=the-token").status_code == 421
    assert is_address(f"192.168.7.5:{PORT}", PORT)


def test_guessing_has_to_wait_longer_and_longer(client, clock):
    for _ in range(module.FREE_TRIES):
        assert enter(client, "wrong").status_code == 401
    refused = enter(client, PASSWORD)  # even the right one: it would tell
    assert refused.status_code == 429
    assert 29 <= int(refused.headers["retry-after"]) <= 31
    clock.now += 31
    assert enter(client, "wrong").status_code == 401
    clock.now += 31
    assert enter(client, PASSWORD).status_code == 429
    clock.now += 31
    assert enter(client, PASSWORD).status_code == 303
    assert enter(client_at(client.app), "wrong").status_code == 401  # and all is forgiven


def test_others_need_not_wait_for_one_that_guesses(app):
    thief, owner = client_at(app, "192.168.7.66"), client_at(app, "192.168.7.9")
    for _ in range(20):
        enter(thief, "wrong")
    assert enter(thief, "wrong").status_code == 429
    assert enter(owner, PASSWORD).status_code == 303


def test_many_addresses_together_have_to_wait(app):
    for k in range(module.ALL_TRIES):
        assert enter(client_at(app, f"10.0.{k}.1"), "wrong").status_code == 401
    assert enter(client_at(app, "10.9.9.9"), PASSWORD).status_code == 429


def test_an_ipv6_household_is_one_address(clock):
    patience = Patience(clock)
    for k in range(module.FREE_TRIES):
        patience.note(f"fd00:1:2:3::{k}", False)
    assert patience.wait("fd00:1:2:3:ffff::1%eth0") > 0
    assert patience.wait("fd00:1:2:4::1") == 0


def test_what_is_remembered_has_an_end(clock, monkeypatch):
    monkeypatch.setattr(module, "MOST_ADDRESSES", 10)
    monkeypatch.setattr(module, "ALL_TRIES", 10**9)
    patience = Patience(clock)
    for k in range(1000):
        patience.note(f"10.0.{k // 250}.{k % 250}", False)
    assert len(patience._known) == 10
    for _ in range(2000):
        patience.note("10.1.1.1", False)
    assert patience.wait("10.1.1.1") <= module.LONGEST_WAIT


def test_comparing_looks_at_digests_of_one_length(monkeypatch, client):
    seen = []
    compare = module.hmac.compare_digest
    monkeypatch.setattr(
        module.hmac, "compare_digest", lambda a, b: seen.append((a, b)) or compare(a, b)
    )
    enter(client, "c")
    enter(client, "x" * 2000)
    assert {len(one) for pair in seen for one in pair} == {32}


def test_the_form_forbids_all_but_itself(client):
    headers = client.get("/").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "<script" not in client.get("/login").text


def test_what_is_typed_does_not_come_back(client):
    answer = enter(client, "<script>alert(1)</script>")
    assert "alert(1)" not in answer.text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.7.5", "studio.example"])
@pytest.mark.parametrize("password", ["", "short"])
def test_beyond_this_machine_a_password_is_needed(folder, host, password):
    with pytest.raises(InputError, match="a password of 8 characters"):
        serve(folder, 0, print, host, password)


def test_the_command_line_asks_and_says(folder, monkeypatch, capsys):
    monkeypatch.delenv("FOCUSSTACK_PASSWORD", raising=False)
    assert main(["studio", str(folder), "--host", "0.0.0.0", "--no-browser"]) == 3
    assert "a password of 8 characters" in capsys.readouterr().err
    assert main(["studio", str(folder), "--password", "short", "--no-browser"]) == 3
    known = ["--host", "203.0.113.9", "--password", PASSWORD, "--no-browser"]
    assert main(["studio", str(folder), *known]) == 5
    assert "choose another --port or --host" in capsys.readouterr().err


def test_a_password_in_the_environment_is_seen_nowhere(folder):
    """Neither in the arguments of any process, nor in the address, nor by the workers."""
    environment = os.environ | {"FOCUSSTACK_PASSWORD": PASSWORD}
    options = ["--host", "0.0.0.0", "--no-browser"]
    command = [sys.executable, "-m", "focusstack", "studio", str(folder), *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, env=environment, **pipes)
    try:
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://[\w.-]+:\d+/", address)
        port = urlsplit(address).port
        shown = Path(f"/proc/{process.pid}/cmdline")
        if shown.exists():
            assert PASSWORD.encode() not in shown.read_bytes()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/project", timeout=5)
        assert refused.value.code == 403
    finally:
        process.kill()
        said = "".join(process.communicate())
    assert PASSWORD not in said
    assert "not encrypted" in said


def test_the_environment_forgets_the_password(monkeypatch):
    from focusstack.cli.studio import _secret

    monkeypatch.setenv("FOCUSSTACK_PASSWORD", PASSWORD)
    assert _secret(None, needed=True) == PASSWORD
    assert "FOCUSSTACK_PASSWORD" not in os.environ
    monkeypatch.setenv("FOCUSSTACK_PASSWORD", PASSWORD)
    assert _secret("another one", needed=False) == "another one"
    assert _secret(None, needed=False) == ""


def test_on_this_machine_a_password_may_take_the_tokens_place(folder):
    with started(folder, "--password", PASSWORD) as (_, address):
        assert "token" not in address
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address, timeout=5)
        assert refused.value.code == 401
