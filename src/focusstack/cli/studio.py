"""``focusstack studio``: the local web app."""

from __future__ import annotations

from pathlib import Path

import click

from focusstack.cli.options import PATH
from focusstack.cli.session import Session
from focusstack.cli.speech import deliver, say


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
@click.option("--no-browser", is_flag=True, help="Print the address, but do not open it.")
@click.pass_obj
def studio_command(session: Session, /, folder: Path, port: int, no_browser: bool) -> None:
    """Open the frames in DIR, by default here, in the browser: stack, look, compare, export.

    The app listens on this machine only, and only the address that is printed opens it. What is
    done is kept in the folder DIR.focusstack beside DIR.
    """
    from focusstack.studio import serve

    def ready(address: str) -> None:
        deliver(address)
        say("the studio is open; Ctrl-C ends it")
        if not no_browser:
            import webbrowser

            webbrowser.open(address)

    with session.interruptible.released():
        serve(folder, port, ready)
