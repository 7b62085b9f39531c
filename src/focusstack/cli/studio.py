"""``focusstack studio``: the local web app."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from focusstack.cli.options import PATH
from focusstack.cli.session import Session
from focusstack.cli.speech import deliver, say

HERE = "127.0.0.1"
PASSWORD = "FOCUSSTACK_PASSWORD"
UNENCRYPTED = (
    "warning: traffic is not encrypted: whoever shares the network can read along, the password "
    "too; elsewhere, use an ssh tunnel"
)


@click.command(
    "studio",
    short_help="See frames and results in the browser.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("folder", type=PATH, default=Path())
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Where the app listens on this machine [default: any free port].",
)
@click.option(
    "--host",
    default=HERE,
    metavar="ADDRESS",
    help="This machine's address to listen at; one that others can reach needs a password "
    f"[default: {HERE}].",
)
@click.option(
    "--password",
    metavar="TEXT",
    help="What opens the page. The list of processes shows it: rather set FOCUSSTACK_PASSWORD, or "
    "type it when asked.",
)
@click.option(
    "--batch",
    "many",
    is_flag=True,
    help="Show all stacks in and below DIR, and make them; so it is if DIR holds folders only.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, but do not open it.")
@click.pass_obj
def studio_command(
    session: Session,
    /,
    folder: Path,
    port: int,
    host: str,
    password: str | None,
    many: bool,
    no_browser: bool,
) -> None:
    """Open the frames in DIR, by default here, in the browser: stack, look, compare, export.

    The app listens on this machine only, unless --host says otherwise, and only the address that
    is printed opens it, or a password. What is done is kept in the folder DIR.focusstack beside
    DIR.
    """
    from focusstack.studio import serve
    from focusstack.studio.serve import is_local

    secret = _secret(password, needed=not is_local(host))

    def ready(address: str) -> None:
        """Say where the studio is, and show it."""
        deliver(address)
        say("the studio is open; Ctrl-C ends it")
        if not is_local(host):
            say(UNENCRYPTED)
        if not no_browser:
            import webbrowser

            webbrowser.open(address)

    with session.interruptible.released():
        serve(folder, port, ready, host, secret, many)


def _secret(given: str | None, needed: bool) -> str:
    """The password: given, in the environment, or typed; empty if there is none.

    It is taken out of the environment, which the processes for work would get a copy of.
    """
    known = os.environ.pop(PASSWORD, "")
    if given is not None or known or not needed:
        return given if given is not None else known
    if not sys.stdin.isatty():
        return ""
    return str(click.prompt("Password of the studio", hide_input=True, err=True))
