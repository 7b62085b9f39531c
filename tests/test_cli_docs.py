"""docs/cli.md and the program describe the same command line."""

import re
from pathlib import Path

import click
import pytest

from focusstack import errors
from focusstack.cli.app import PROGRAM
from focusstack.cli.failures import EXIT_CODES

PAGE = Path(__file__).parents[1].joinpath("docs", "cli.md").read_text(encoding="utf-8")
MAIN, OTHERS = PAGE.split("## Other commands")
OTHERS = OTHERS.split("## What is said")[0]


def context(command):
    return click.Context(command, **command.context_settings)


def options_of(command):
    """Every spelling of every option of a click command."""
    params = command.get_params(context(command))
    options = (p for p in params if isinstance(p, click.Option))
    return {name for p in options for name in (*p.opts, *p.secondary_opts)}


def documented(text):
    """Options in the first column of the tables of ``text``."""
    cells = re.findall(r"^\| (`-.*?`) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(--?[\w-]+)", cell)}


def section(name):
    match = re.search(rf"### `focusstack {name}\b(.*?)(?=\n###|\Z)", OTHERS, re.DOTALL)
    return match[1] if match else ""


def test_every_option_of_the_main_command_is_documented_and_no_other():
    assert documented(MAIN) == options_of(PROGRAM.commands["stack"])


@pytest.mark.parametrize("name", [n for n, c in PROGRAM.commands.items() if not c.hidden])
def test_every_option_of_other_commands_is_documented_and_no_other(name):
    assert documented(section(name)) == options_of(PROGRAM.commands[name])


def test_every_command_has_a_section_and_no_other():
    named = set(re.findall(r"^### `focusstack (\w+)", OTHERS, re.MULTILINE))
    assert named == {n for n, c in PROGRAM.commands.items() if not c.hidden}


@pytest.mark.parametrize("option", ["method", "reference", "align"])
def test_choices_are_documented(option):
    param = next(p for p in PROGRAM.commands["stack"].params if p.name == option)
    cell = re.search(rf"^\| `--{option} ([^`]*)`", PAGE, re.MULTILINE)[1]
    choices = getattr(param.type, "choices", ("N", "first", "middle", "last", "auto"))
    assert sorted(cell.split("\\|")) == sorted(choices)


def test_the_table_of_exit_codes_is_the_programs():
    table = PAGE.split("## Exit codes")[1]
    rows = {int(code): text for code, text in re.findall(r"^\| (\d+) \| (.*) \|$", table, re.M)}
    assert rows == EXIT_CODES


def test_every_error_has_an_exit_code_in_the_table():
    tree = [errors.FocusstackError]
    for error in tree:
        tree += error.__subclasses__()
    assert {error.exit_code for error in tree} <= set(EXIT_CODES)


def test_every_option_stands_in_one_section_of_the_help():
    command = PROGRAM.commands["stack"]
    help_text = command.get_help(context(command))
    rows = re.findall(r"^  (-[^ ].*?)(?:  |$)", help_text, re.MULTILINE)
    shown = [name for row in rows for name in re.findall(r"--?[a-z][\w-]*", row)]
    assert sorted(shown) == sorted(options_of(command))
