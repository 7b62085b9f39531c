"""Who may talk to the app: only the page that the person opened from the terminal.

Another site in the same browser can send requests to a local port, and a name of its own can be
made to point there. So: a token that only the opened address holds, then a cookie that no script
reads and no other site sends; the Host must be ours, and so must the Origin of whatever changes
something. Where other machines can reach the app, a password takes the place of the token.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp

from focusstack.studio.login import Login

COOKIE = "focusstack_studio"
MOST_BYTES = 256 << 10
"""Of a request's body ..."""
MOST_UPLOADED = 1 << 30
"""... and of a picture that is added."""
UPLOAD = "POST", "/api/frames"
_EMPTY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""An inline style of nothing, which the viewer puts in."""
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src 'self'; style-src 'self' {_EMPTY}; "
        "img-src 'self' data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_SAFE = ("GET", "HEAD")
Next = Callable[[Request], Awaitable[Response]]


class Guard(BaseHTTPMiddleware):
    """Refuses whatever does not come from the page.

    Parameters
    ----------
    app : ASGI application
    port : int
        Where we are; part of what Host and Origin must say.
    token : str
        Opens the page once for a browser, which then has the cookie.
    login : Login, optional
        Asks for a password instead, and lets other machines in by it.
    """

    def __init__(self, app: ASGIApp, port: int, token: str, login: Login | None = None) -> None:
        super().__init__(app)
        names = ["127.0.0.1", "localhost", "[::1]"]
        self._hosts = {f"{name}:{port}" for name in (*names, *(own_names() if login else ()))}
        self._port, self._token, self._login = port, token, login
        # Not the token: what is in a cookie must not open the page in another browser.
        self._session = secrets.token_urlsafe(32)

    async def dispatch(self, request: Request, call_next: Next) -> Response:
        """Answer or refuse a request."""
        response = self._refused(request)
        if response is None and not self._has_cookie(request):
            response = await self._stranger(request)
        elif response is None:
            response = self._change_refused(request) or await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _refused(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if host not in self._hosts and not (self._login and is_address(host, self._port)):
            return PlainTextResponse("not the name of this app", 421)
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return PlainTextResponse("another site may not ask for this", 403)
        if request.method not in _SAFE:
            if origin is None:
                return PlainTextResponse("who asks for this must say from where", 403)
            return None
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return PlainTextResponse("another site may not ask for this", 403)
        return None

    def _change_refused(self, request: Request) -> Response | None:
        if request.method in _SAFE:
            return None
        most, kind = MOST_BYTES, "application/json"
        if (request.method, request.url.path) == UPLOAD:
            most, kind = MOST_UPLOADED, "application/octet-stream"
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or len(length) > 12 or int(length) > most:
            return PlainTextResponse("too much at once", 413)
        if request.headers.get("content-type", "").split(";")[0] != kind:
            return PlainTextResponse(f"only {kind} is taken", 415)
        return None

    def _has_cookie(self, request: Request) -> bool:
        cookie = request.cookies.get(COOKIE, "")
        return secrets.compare_digest(cookie.encode(), self._session.encode())

    async def _stranger(self, request: Request) -> Response:
        """The cookie for who has the token or the password; else a refusal."""
        if self._login is not None:
            return await self._login.answer(request, lambda: self._let_in("/"))
        given = request.query_params.get("token", "")
        if request.url.path != "/" or not secrets.compare_digest(
            given.encode(), self._token.encode()
        ):
            return PlainTextResponse(
                "This page is opened with the address that `focusstack studio` printed.", 403
            )
        rest = [item for item in request.query_params.multi_items() if item[0] != "token"]
        return self._let_in("/" + (f"?{urlencode(rest)}" if rest else ""))

    def _let_in(self, address: str) -> Response:
        response = RedirectResponse(address, 303)
        response.set_cookie(COOKIE, self._session, httponly=True, samesite="strict", path="/")
        return response


def is_address(host: str, port: int) -> bool:
    """Whether a Host is a bare address with our port: no name, so none that was made to point here.

    A site that a browser shows has a name; one that is an address is the machine at that address.
    """
    address, _, given = host.rpartition(":")
    if given != str(port):
        return False
    try:
        bare = address[1:-1] if address[:1] == "[" and address[-1:] == "]" else address
        version = ipaddress.ip_address(bare).version
    except ValueError:
        return False
    return (version == 6) == (bare != address)


def own_names() -> list[str]:
    """What this machine is called by others."""
    name = socket.gethostname().lower()
    return [name, f"{name}.local"] if name else []
