"""Start the app on this machine, and say where it is."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from focusstack.errors import InputError, OutputError
from focusstack.steps.read import find_pictures
from focusstack.studio.project import Project

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

HERE = "127.0.0.1"


def serve(
    folder: Path,
    port: int,
    ready: Callable[[str], None],
    host: str = HERE,
    password: str = "",
    many: bool = False,
) -> None:
    """Serve the project of a folder until the process is told to end.

    Parameters
    ----------
    folder : Path
        Of frames; or of folders, whose stacks are shown then.
    port : int
        0 for any that is free.
    ready : callable
        Given the address to open, once it answers.
    host : str
        The address of this machine to listen at; ``0.0.0.0`` or ``::`` for all.
    password : str
        Opens the page instead of a token in the address; must be given where other machines can
        reach the app.
    many : bool
        Look for the stacks in and below the folder, even if there are pictures directly in it.

    Raises
    ------
    InputError
        If there are no frames, the extra is not installed, or the password is missing or short.
    OutputError
        If the port or the address cannot be used.
    """
    try:
        import uvicorn

        from focusstack.studio.login import SHORTEST, Login
        from focusstack.studio.page import guarded
    except ImportError as error:
        raise InputError("the studio needs an extra", "pip install 'focusstack[studio]'") from error
    if (password or not is_local(host)) and len(password) < SHORTEST:
        raise InputError(
            f"a password of {SHORTEST} characters or more is needed",
            "set FOCUSSTACK_PASSWORD, or give --password",
        )
    routes, stop = _app(folder, many)
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(32)
    app = guarded(routes, port, token, Login(password) if password else None)
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, timeout_graceful_shutdown=1
    )
    address = f"http://{_shown(host)}:{port}/" + ("" if password else f"?token={token}")

    class Telling(uvicorn.Server):
        """Says when it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(address)

    try:
        Telling(config).run(sockets=[listening])
    finally:
        stop()


def _app(folder: Path, many: bool) -> tuple[list[BaseRoute], Callable[[], None]]:
    """The addresses of a stack's page, or of the page of many, and what ends their work."""
    from focusstack.studio.app import Studio, studio_routes
    from focusstack.studio.card import Card
    from focusstack.studio.card_app import Cardholder, card_routes

    if many or _holds_folders_only(folder):
        holder = Cardholder(Card(folder))
        return card_routes(holder), holder.stop
    studio = Studio(Project(folder))
    return studio_routes(studio), studio.stop


def _holds_folders_only(folder: Path) -> bool:
    """Whether there are no pictures directly in a folder, but folders."""
    if not folder.is_dir() or find_pictures([folder]):
        return False
    return any(one.is_dir() and not one.name.startswith(".") for one in folder.iterdir())


def is_local(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _shown(host: str) -> str:
    """An address as it stands in a URL; this machine's name for all of its addresses."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname().lower()
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind)
    except OSError as error:
        raise OutputError(
            f"{host} is no address of this machine: {error.strerror}", "choose another --host"
        ) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
    except OSError as error:
        listening.close()
        raise OutputError(
            f"port {port} of {host} cannot be used: {error.strerror}",
            "choose another --port or --host",
        ) from error
    return listening
