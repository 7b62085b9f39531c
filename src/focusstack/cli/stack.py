"""The main command: arguments -> recipe and outputs -> one run."""

from __future__ import annotations

from typing import Any

import click

from focusstack.cli.help import StackCommand
from focusstack.cli.options import PATH, with_options
from focusstack.cli.request import Request, prepare
from focusstack.cli.session import Session


def _complete_sources(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[Any]:
    """File names; and the other commands, as long as this one has no argument yet."""
    from click.shell_completion import CompletionItem

    items = [CompletionItem(incomplete, type="file")]
    group = ctx.parent.command if ctx.parent else None
    if isinstance(group, click.Group) and not _has_arguments(ctx):
        names = (name for name in group.commands if group.commands[name] is not ctx.command)
        items += [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return items


def _has_arguments(ctx: click.Context) -> bool:
    given = click.core.ParameterSource.COMMANDLINE
    return any(ctx.get_parameter_source(name) is given for name in ctx.params)


@click.command(
    "focusstack",
    cls=StackCommand,
    hidden=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("sources", nargs=-1, type=PATH, shell_complete=_complete_sources)
@with_options
@click.pass_obj
def stack_command(session: Session, /, **given: Any) -> None:
    """Frames focused at different distances in, one all-in-focus picture out.

    FRAMES are pictures, folders of pictures, or both. Names of the files that were written go to
    standard output, everything else to standard error.
    """
    session.debug = given["debug"]
    # In the thread for work, where a signal cannot come between a trial file and its removal.
    job = session.interruptible.run(lambda: prepare(Request(**given), session.command))
    if job is not None:
        from focusstack.cli.job import perform

        perform(job, session.interruptible)
