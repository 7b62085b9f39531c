"""The password of a studio that other machines can reach: its form, its check, its patience."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

SHORTEST = 8
"""Characters of a password."""
MOST_BYTES = 4096
"""Of a form."""
FREE_TRIES, ALL_TRIES = 5, 50
"""Wrong passwords before one address has to wait, and before all have to."""
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0
"""Seconds; each wrong password after that doubles the wait."""
MOST_ADDRESSES = 10_000
_STYLE = """
:root { --paper: #262626; --card: #303030; --ink: #ececec; --line: #8a8a8a; --bad: #ffb0a6;
  --accent: #9cc9ff; --on-accent: #10202f; color-scheme: dark; }
@media (prefers-color-scheme: light) { :root { --paper: #efefef; --card: #ffffff; --ink: #1c1c1c;
  --line: #767676; --bad: #a1190b; --accent: #0b5cad; --on-accent: #ffffff; color-scheme: light; } }
body { font: 15px/1.45 system-ui, "Noto Sans", "DejaVu Sans", sans-serif; }
body { background: var(--paper); color: var(--ink); }
body { min-height: 100vh; margin: 0; display: grid; place-items: center; }
form { display: grid; gap: 12px; width: min(20rem, 90vw); }
h1 { font-size: 18px; margin: 0; }
label { display: grid; gap: 4px; }
input, button { font: inherit; padding: 4px 12px; min-height: 40px; border-radius: 6px; }
input { border: 1px solid var(--line); background: var(--card); color: var(--ink); }
button { border: 0; background: var(--accent); color: var(--on-accent); font-weight: 600; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
p { margin: 0; color: var(--bad); }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


@dataclass
class _Record:
    """Wrong passwords of an address since the last right one, and until when it has to wait."""

    wrong: int = 0
    until: float = 0.0


class Patience:
    """Counts wrong passwords: whoever had too many waits, longer and longer.

    Parameters
    ----------
    now : callable
        Seconds of a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: OrderedDict[str, _Record] = OrderedDict()
        self._all = _Record()

    def wait(self, address: str) -> float:
        """Seconds that an address has to wait; 0 if it may try."""
        mine = self._known.get(_network(address), _Record())
        return max(0.0, max(mine.until, self._all.until) - self._now())

    def note(self, address: str, right: bool) -> None:
        """Remember how a try went."""
        network = _network(address)
        if right:
            self._known.pop(network, None)
            self._all = _Record()
            return
        mine = self._known.setdefault(network, _Record())
        self._known.move_to_end(network)
        while len(self._known) > MOST_ADDRESSES:
            self._known.popitem(last=False)
        self._count(mine, FREE_TRIES)
        self._count(self._all, ALL_TRIES)

    def _count(self, record: _Record, free: int) -> None:
        record.wrong += 1
        if record.wrong >= free:
            doublings = min(record.wrong - free, 20)
            record.until = self._now() + min(LONGEST_WAIT, FIRST_WAIT * 2**doublings)


def _network(address: str) -> str:
    """The address; of IPv6 the 64 bits that one household has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))


class Login:
    """Asks for the password where there is one.

    Parameters
    ----------
    password : str
    now : callable
        See :class:`Patience`.
    """

    def __init__(self, password: str, now: Callable[[], float] = time.monotonic) -> None:
        self._digest = _digest(password)
        self._patience = Patience(now)

    async def answer(self, request: Request, let_in: Callable[[], Response]) -> Response:
        """What somebody without the cookie gets: the form, a refusal, or what ``let_in`` makes."""
        if request.url.path == "/login" and request.method == "POST":
            return await self._try(request, let_in)
        if request.url.path in ("/", "/login") and request.method in ("GET", "HEAD"):
            return form(401)
        return PlainTextResponse("log in first", 403)

    async def _try(self, request: Request, let_in: Callable[[], Response]) -> Response:
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return PlainTextResponse("too much at once", 413)
        kind = request.headers.get("content-type", "").split(";")[0]
        if kind != "application/x-www-form-urlencoded":
            return PlainTextResponse("only the form is taken", 415)
        given = _password_in(await request.body())
        address = request.client.host if request.client else ""
        # Nothing else runs between the question, the check and the note: tries cannot race.
        wait = self._patience.wait(address)
        if wait > 0:
            return form(429, "Too many wrong passwords. Try again later.", wait)
        right = hmac.compare_digest(_digest(given), self._digest)
        self._patience.note(address, right)
        return let_in() if right else form(401, "That is not the password.")


def form(status: int, problem: str = "", wait: float = 0.0) -> Response:
    """The page with the form; works without scripts."""
    said = f'<p id="problem" role="alert">{problem}</p>' if problem else ""
    described = ' aria-describedby="problem"' if problem else ""
    page = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>focusstack studio: log in</title><style>{_STYLE}</style>
<main><form method="post" action="/login"><h1>focusstack studio</h1>
<label>Password <input type="password" name="password" required autofocus
 autocomplete="current-password"{described}></label>{said}
<button type="submit">Log in</button></form></main></html>"""
    # With no referrer at all, browsers do not say either from where a form is sent.
    headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}
    if wait:
        headers["Retry-After"] = str(int(wait) + 1)
    return HTMLResponse(page, status, headers)


def _password_in(body: bytes) -> str:
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=8)
    except ValueError:
        return ""
    return fields.get("password", [""])[0]


def _digest(password: str) -> bytes:
    """Of one length whatever the password's: comparing takes the same time for all."""
    return hashlib.sha256(password.encode("utf-8", "replace")).digest()
