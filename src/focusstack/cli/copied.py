"""Results that strokes of a retouch copy from, made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from focusstack.cli.inputs import find_frames, given_alignment
from focusstack.cli.speech import Voice
from focusstack.errors import InputError, RecipeError
from focusstack.recipe import Recipe

if TYPE_CHECKING:
    import threading

    from focusstack import Alignment, StackResult
    from focusstack.provenance import Record
    from focusstack.retouch import Stroke


@dataclass(frozen=True)
class Copied:
    """A result that is to be made again: its frames, settings, alignment if it was given one, and
    the SHA-256 of its pixels."""

    frames: list[Path]
    recipe: Recipe
    alignment: Alignment | None
    sha256: str


def find_copied(
    record: Record, strokes: Sequence[Stroke], result: Path, folder: Path | None
) -> dict[int, Copied]:
    """All that the strokes copy from, by number.

    Raises
    ------
    InputError
        If the record does not tell how one was made, or a frame of it is not there as it was.
    """
    numbers = sorted({one.result for one in strokes if one.result is not None})
    return {number: _find(record, number, result, folder) for number in numbers}


def _find(record: Record, number: int, result: Path, folder: Path | None) -> Copied:
    from focusstack.provenance import from_origin

    told = record.get("retouch_results")
    if not isinstance(told, dict) or str(number) not in told:
        raise InputError(
            f"{result} does not tell how result {number} was made, from which it was painted",
            "export it again from the studio",
        )
    name = f"{result}, of result {number}"
    origin = from_origin(told[str(number)], record["frames"], name)
    try:
        recipe = Recipe.from_dict(origin["recipe"])
        frames = find_frames(origin, result, folder)
    except (InputError, RecipeError) as error:
        what = f"result {number}, from which it was painted, cannot be made again"
        raise type(error)(f"{what}: {error.message}", error.hint) from error
    alignment = given_alignment(origin)
    return Copied(frames, recipe, alignment, str(origin["picture"].get("sha256")))


def make_copied(
    copied: Mapping[int, Copied],
    voice: Voice,
    cancel: threading.Event,
    threads: int | None,
    memory: int | None,
) -> dict[int, StackResult]:
    """Stack each of them; a warning where one is not what it was."""
    from focusstack import stack

    made = {}
    for number, one in copied.items():
        voice.note(f"making result {number} again, from which it was painted")
        found = stack(
            one.frames,
            one.recipe,
            cancel=cancel,
            threads=threads,
            memory=memory,
            alignment=one.alignment,
        )
        if found.provenance["picture"].get("sha256") != one.sha256:
            voice.warn(f"result {number}, from which it was painted, is not what it was")
        made[number] = found
    return made
