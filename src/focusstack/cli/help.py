"""``focusstack --help``: the classic form first, then the rest in sections."""

from __future__ import annotations

from typing import Any

import click

from focusstack.cli.failures import EXIT_CODES

SECTIONS = ("Classic form", "How to stack", "RAW frames", "What to write", "How to run", "About")
_USAGE = """\
Usage: focusstack -i DIR -o OUT [-d] [-g N] [-l N]
       focusstack FRAMES... -o OUT [OPTIONS]
       focusstack COMMAND [ARGS]...
"""


class SectionOption(click.Option):
    """An option that knows under which heading of the help it belongs."""

    def __init__(self, *names: Any, section: str, **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.section = section


class StackCommand(click.Command):
    """The main command, with its options in sections and the other commands below them."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(_USAGE)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options section by section, then commands and exit codes."""
        for section in SECTIONS:
            with formatter.section(section):
                formatter.write_dl(self._rows(ctx, section))
        _write_commands(ctx, formatter)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), text) for code, text in EXIT_CODES.items()])

    def _rows(self, ctx: click.Context, section: str) -> list[tuple[str, str]]:
        # click makes --help itself, without a section.
        mine = (p for p in self.get_params(ctx) if getattr(p, "section", "About") == section)
        records = (p.get_help_record(ctx) for p in mine if isinstance(p, click.Option))
        return [record for record in records if record is not None]


def _write_commands(ctx: click.Context, formatter: click.HelpFormatter) -> None:
    group = ctx.parent.command if ctx.parent else None
    if not isinstance(group, click.Group):
        return
    commands = [command for command in group.commands.values() if not command.hidden]
    with formatter.section("Commands"):
        formatter.write_dl([(c.name or "", c.get_short_help_str(70)) for c in commands])
