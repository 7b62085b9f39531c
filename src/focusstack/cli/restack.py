"""``focusstack restack``: the same picture again, from what it says about how it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from focusstack.cli.copied import find_copied
from focusstack.cli.inputs import find_frames, given_alignment, warn_of_unknown
from focusstack.cli.options import (
    COLOUR,
    COMPRESSION,
    MEMORY,
    METADATA_KEPT,
    PATH,
    QUALITY,
    QUIET,
    RESIZE,
    THREADS,
)
from focusstack.cli.outputs import Outputs
from focusstack.cli.session import Session
from focusstack.cli.settings import SET, changed
from focusstack.cli.speech import Voice
from focusstack.cli.surface import MESH, NEAREST, PIXEL_UM, STEP_UM, SURE_ONLY, mesh_wish
from focusstack.cli.unchanged import warn_if_changed
from focusstack.delivery import Delivery
from focusstack.errors import InputError, RecipeError
from focusstack.recipe import Recipe

if TYPE_CHECKING:
    from focusstack.cli.job import Job
    from focusstack.provenance import Record


@dataclass(frozen=True)
class Again:
    """A run to be repeated: the job, and what the record says that it gave."""

    job: Job
    record: Record
    changed_settings: bool


@click.command(
    "restack",
    short_help="Make a picture again from its own record.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("result", type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
    metavar="OUT",
    help="Where the new picture goes [default: beside RESULT, with -restacked in its name].",
)
@click.option(
    "--frames", "folder", type=PATH, metavar="DIR", help="Where the frames are [default: near it]."
)
@click.option("--set", "settings", **SET)
@click.option("--quality", **QUALITY)
@click.option("--compression", **COMPRESSION)
@click.option("--resize", **RESIZE)
@click.option("--colour", **COLOUR)
@click.option("--metadata", **METADATA_KEPT)
@click.option("--report", type=PATH, metavar="PATH", help="Also write a page about it, .html.")
@click.option(
    "--layers",
    type=PATH,
    metavar="PATH",
    help="Also write it and the aligned frames as layers of one .tif.",
)
@click.option("--mesh", **MESH)
@click.option("--step-um", **STEP_UM)
@click.option("--pixel-um", **PIXEL_UM)
@click.option("--nearest", **NEAREST)
@click.option("--sure-only", **SURE_ONLY)
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
@click.option("-q", "--quiet", **QUIET)
@click.option("--threads", **THREADS)
@click.option("--memory", **MEMORY)
@click.pass_obj
def restack_command(session: Session, /, **given: Any) -> None:
    """Make RESULT again, bit for bit, from the record that it carries.

    RESULT is a picture that focusstack wrote, or its sidecar. Every frame must be there and as it
    was: what is missing or has changed is named. With another version of focusstack the picture
    may differ; whether it does is said in the end.
    """
    from focusstack.cli.job import perform

    again = session.interruptible.run(lambda: _prepare(command=session.command, **given))
    made = perform(again.job, session.interruptible)
    _compare(again, made.provenance)


def _prepare(
    result: Path,
    output: Path | None,
    folder: Path | None,
    settings: Sequence[str],
    overwrite: bool,
    quiet: bool,
    resize: str,
    colour: str,
    metadata: str,
    command: str,
    mesh: Path | None,
    step_um: float | None,
    pixel_um: float | None,
    nearest: str | None,
    sure_only: bool,
    **given: Any,
) -> Again:
    from focusstack.cli.job import Job
    from focusstack.retouch import read_strokes
    from focusstack.steps.read import read_provenance

    record, voice = read_provenance(result), Voice(quiet)
    warn_if_changed(record, result, voice)
    recipe = _recipe(record, result, settings)
    frames = find_frames(record, result, folder)
    warn_of_unknown(record, voice)
    delivery = Delivery(resize, colour, metadata)
    target = output or _beside(result)
    wish = mesh_wish(mesh, step_um, pixel_um, nearest, sure_only)
    if wish is not None:  # the picture is the same with its depth
        recipe = replace(recipe, depth=True)
    given |= {"mesh": wish, "command": command, "delivery": delivery}
    outputs = Outputs(target, overwrite=overwrite, **given)
    outputs.check([*frames, result])
    known = given_alignment(record)
    strokes = read_strokes(record.get("retouch", []), len(frames))
    copied = find_copied(record, strokes, result, folder)
    if strokes and settings:
        count = (
            "1 stroke of its retouch goes"
            if len(strokes) == 1
            else f"{len(strokes)} strokes of its retouch go"
        )
        voice.note(f"the {count} over the new picture as before")
    run = outputs.threads, outputs.memory
    job = Job(frames, recipe, outputs, voice, *run, known, strokes, copied)
    return Again(job, record, bool(settings))


def _recipe(record: Record, result: Path, settings: Sequence[str]) -> Recipe:
    try:
        return changed(record["recipe"], settings)
    except RecipeError as error:
        raise RecipeError(f"{result}: {error.message}", error.hint) from error


def _beside(result: Path) -> Path:
    from focusstack.steps.read import SIDECAR

    picture = result.with_name(result.name.removesuffix(SIDECAR))
    if picture.suffix.lower() == ".json":
        raise InputError(f"{result} does not tell the picture's name", "say with -o where it goes")
    return picture.with_name(f"{picture.stem}-restacked{picture.suffix}")


def _compare(again: Again, made: Record) -> None:
    """Say whether it is the same picture."""
    voice = again.job.voice
    if made["picture"] == again.record["picture"]:
        voice.note("it is the picture that was made first, bit for bit")
    elif again.changed_settings:
        voice.note("it differs from the first picture, as the settings do")
    else:
        then, now = again.record["software"], made["software"]
        other = [f"{k} {then.get(k)} -> {now[k]}" for k in now if then.get(k) != now[k]]
        why = f": {', '.join(other)}" if other else ""
        voice.warn(f"it differs from the first picture{why}")
