"""The program: one main command that needs no name, and named commands beside it."""

from __future__ import annotations

import os
import shlex
import sys
import warnings
from collections.abc import Sequence

import click

from focusstack.cli.batch import batch_command
from focusstack.cli.completion import COMPLETE_VARIABLE, completion_command
from focusstack.cli.demo import demo_command
from focusstack.cli.explain import explain_command
from focusstack.cli.failures import report
from focusstack.cli.inspect import inspect_command
from focusstack.cli.interrupt import Interruptible, Stopped
from focusstack.cli.restack import restack_command
from focusstack.cli.session import Session
from focusstack.cli.stack import stack_command
from focusstack.cli.studio import studio_command
from focusstack.cli.watch import watch_command

_MAIN = "stack"


class DefaultGroup(click.Group):
    """A group that takes its main command when the first argument names no other one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = bool(args) and args[0] in self.commands and args[0] != _MAIN
        return super().parse_args(ctx, args if named else [_MAIN, *args])


PROGRAM = DefaultGroup("focusstack", add_help_option=False)
PROGRAM.add_command(stack_command, _MAIN)
PROGRAM.add_command(demo_command)
PROGRAM.add_command(inspect_command)
PROGRAM.add_command(batch_command)
PROGRAM.add_command(watch_command)
PROGRAM.add_command(studio_command)
PROGRAM.add_command(restack_command)
PROGRAM.add_command(explain_command)
PROGRAM.add_command(completion_command)


def run(argv: Sequence[str] | None = None) -> int:
    """Run the program on ``argv`` and turn however it ends into an exit code."""
    if argv is None and not sys.warnoptions:
        # What libraries tell programmers is not for the person who stacks.
        warnings.simplefilter("ignore")
    with Interruptible(final=argv is None) as interruptible:
        typed = sys.argv[1:] if argv is None else argv
        session = Session(interruptible, shlex.join(["focusstack", *typed]))
        try:
            return _invoke(argv, session)
        except Stopped as stopped:
            code = report(stopped, debug=session.debug)
            if stopped.abandoned:
                interruptible.leave(code)
            return code
        except (Exception, KeyboardInterrupt) as error:
            return report(error, debug=session.debug)


def _invoke(argv: Sequence[str] | None, session: Session) -> int:
    args = None if argv is None else list(argv)
    try:
        PROGRAM.main(args, prog_name="focusstack", obj=session, standalone_mode=False)
    except SystemExit as left:
        # click leaves like this after completion, and when whoever read our output has gone,
        # which is no failure: ``focusstack --help | head -1``.
        return int(left.code or 0) if COMPLETE_VARIABLE in os.environ else 0
    return 0
