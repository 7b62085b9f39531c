"""Start the app on this machine, and say where it is."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from pathlib import Path

from focusstack.errors import InputError, OutputError
from focusstack.studio.project import Project

HERE = "127.0.0.1"


def serve(folder: Path, port: int, ready: Callable[[str], None]) -> None:
    """Serve the project of a folder until the process is told to end.

    Parameters
    ----------
    folder : Path
        Of frames.
    port : int
        0 for any that is free.
    ready : callable
        Given the address to open, once it answers.

    Raises
    ------
    InputError
        If there are no frames, or the extra is not installed.
    OutputError
        If the port is taken.
    """
    try:
        import uvicorn

        from focusstack.studio.app import make_app
    except ImportError as error:
        raise InputError("the studio needs an extra", "pip install 'focusstack[studio]'") from error
    project = Project(folder)
    listening = _listen(port)
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(32)
    app = make_app(project, port, token)
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, timeout_graceful_shutdown=1
    )
    address = f"http://{HERE}:{port}/?token={token}"

    class Telling(uvicorn.Server):
        """Says when it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(address)

    try:
        Telling(config).run(sockets=[listening])
    finally:
        app.state.studio.stop()


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HERE, port))
    except OSError as error:
        listening.close()
        raise OutputError(
            f"port {port} cannot be used: {error.strerror}", "choose another --port"
        ) from error
    return listening
