"""``focusstack inspect``: what is in a stack, without stacking it."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from focusstack.cli.found import find_frames_in
from focusstack.cli.inspect_outputs import Pictures
from focusstack.cli.interrupt import Interruptible, Stopped
from focusstack.cli.options import EVERY, MEMORY, PATH, THREADS
from focusstack.cli.session import Session
from focusstack.cli.speech import Voice, deliver, printable
from focusstack.cli.traces import Traces

if TYPE_CHECKING:
    from focusstack.events import Observer
    from focusstack.inspection import StackReport


@dataclass(frozen=True)
class Inspection:
    """What was asked for; paths have been checked."""

    frames: list[Path]
    pictures: Pictures | None
    as_json: bool
    voice: Voice
    threads: int | None
    memory: int | None


@click.command(
    "inspect",
    short_help="Tell what is in a stack, without stacking it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("sources", nargs=-1, required=True, type=PATH)
@click.option("--every", **EVERY)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option(
    "--pictures",
    type=PATH,
    metavar="DIR",
    help="Also draw motion, sharpness and exposure, and gaps in focus, into DIR.",
)
@click.option("--overwrite", is_flag=True, help="Replace pictures that exist in DIR.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but the report and errors.")
@click.option("--threads", **THREADS)
@click.option(
    "--memory",
    **MEMORY
    | {"help": "What stacking may use, such as 800M or 1.5G; the report says whether it fits."},
)
@click.pass_obj
def inspect_command(session: Session, /, **given: Any) -> None:
    """Tell what is in a stack before a long run, or after a disappointing one.

    SOURCES are pictures, folders of pictures, or both. Per frame: how far it moved, how sharp it
    is and where, its exposure; then frames that are spoilt or come twice, gaps in focus, and what
    to do about them. Nothing is stacked.
    """
    inspection = session.interruptible.run(lambda: _prepare(**given))
    report = _inspect(inspection, session.interruptible)
    _print(report, inspection)


def _prepare(
    sources: tuple[Path, ...],
    every: int,
    as_json: bool,
    pictures: Path | None,
    overwrite: bool,
    quiet: bool,
    threads: int | None,
    memory: int | None,
) -> Inspection:
    """Check everything that can be checked before work begins."""
    frames = find_frames_in(sources, every, Voice(quiet))
    drawn = None if pictures is None else Pictures(pictures, overwrite)
    if drawn is not None:
        drawn.check(frames)
    return Inspection(frames, drawn, as_json, Voice(quiet), threads, memory)


def _inspect(inspection: Inspection, interruptible: Interruptible) -> StackReport:
    from focusstack.cli.narrator import narrate

    files = () if inspection.pictures is None else inspection.pictures.files
    traces = Traces(files)
    interruptible.discard = traces.discard
    try:
        with narrate(inspection.voice, None) as observer:
            report = interruptible.run(lambda: _look(inspection, observer, interruptible.cancel))
            if inspection.pictures is not None:
                _draw(inspection.pictures, report, observer, interruptible)
        return report
    except Stopped as stopped:
        stopped.written += traces.written()
        raise


def _look(inspection: Inspection, observer: Observer, cancel: threading.Event) -> StackReport:
    from focusstack.inspection import inspect_stack

    return inspect_stack(
        inspection.frames,
        observer=observer,
        cancel=cancel,
        threads=inspection.threads,
        memory=inspection.memory,
    )


def _draw(
    pictures: Pictures, report: StackReport, observer: Observer, interruptible: Interruptible
) -> None:
    from focusstack.events import StepAdvanced, StepStarted

    saves = pictures.saves(report)
    observer(StepStarted("draw", len(saves)))
    for done, save in enumerate(saves, 1):
        interruptible.run(save)
        observer(StepAdvanced("draw", done, len(saves)))


def _print(report: StackReport, inspection: Inspection) -> None:
    if inspection.as_json:
        import json

        from focusstack.inspection import as_document

        deliver(json.dumps(as_document(report), indent=1))
        return
    from focusstack.cli.inspect_text import report_lines

    lines = [(printable(text), style) for text, style in report_lines(report)]
    if inspection.pictures is not None:
        lines += [("", ""), *((f"drawn      {path}", "") for path in inspection.pictures.files)]
    if sys.stdout is not None and sys.stdout.isatty():
        _show(lines)
    else:
        deliver("\n".join(text.rstrip() for text, _ in lines))


def _show(lines: list[tuple[str, str]]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for text, style in lines:
        console.print(Text(text.rstrip(), style=style), soft_wrap=True)
