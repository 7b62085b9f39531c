"""The frames that a record names, found again and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from focusstack.errors import InputError

if TYPE_CHECKING:
    from focusstack import Alignment
    from focusstack.cli.speech import Voice
    from focusstack.provenance import Record

MOST_NAMED = 5


def find_frames(record: Record, result: Path, folder: Path | None) -> list[Path]:
    """The frames' files, all as they were, from ``folder`` or from around ``result``.

    Raises
    ------
    InputError
        If one is missing or has changed; the message names them.
    """
    from focusstack.places import file_of
    from focusstack.provenance import hash_of

    hashed = cache(hash_of)  # frames may share a file
    places = [folder] if folder is not None else _places(result)
    found: list[Path] = []
    missing: list[str] = []
    changed: list[str] = []
    for frame in record["frames"]:
        name = frame["name"]
        here = [place / name for place in places if file_of(place / name).is_file()]
        same = next((path for path in here if _is_that(file_of(path), frame, hashed)), None)
        if same is not None:
            found.append(same)
        else:
            (changed if here else missing).append(name)
    if missing or changed:
        raise InputError(_what_is_wrong(missing, changed), "say with --frames where they are")
    return found


def _is_that(file: Path, frame: Record, hashed: Callable[[Path], str]) -> bool:
    """Whether a file is what a record says about it, as far as it says anything."""
    size, known = frame.get("bytes"), frame.get("sha256")
    if size is not None and file.stat().st_size != size:
        return False
    return known is None or hashed(file) == known


def warn_of_unknown(record: Record, voice: Voice) -> None:
    """Say which frames nobody can tell to be what they were."""
    names = [frame["name"] for frame in record["frames"] if not frame.get("sha256")]
    if names:
        voice.warn(f"the record has no hash of {_listed(names)}: taken as they are now")


def _places(result: Path) -> list[Path]:
    """Where frames usually are: beside the picture, or in a folder beside it."""
    home = result.parent
    inside = sorted(path for path in home.iterdir() if path.is_dir() and path.name[:1] != ".")
    return [home, *inside, home.parent]


def _what_is_wrong(missing: Sequence[str], changed: Sequence[str]) -> str:
    parts = []
    if missing:
        parts.append(f"{len(missing)} frames are missing: {_listed(missing)}")
    if changed:
        parts.append(f"{len(changed)} frames are not what they were: {_listed(changed)}")
    return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def given_alignment(record: Record) -> Alignment | None:
    """The alignment that the run was given instead of finding one; None if it was given none.

    Raises
    ------
    InputError
        If it is not in the record.
    """
    if not record.get("given_alignment"):
        return None
    from focusstack.steps.read import alignment_from

    try:
        alignment = alignment_from({**record, "rejected": list(_left_out(record))})
        if len(alignment.transforms) != len(record["frames"]):
            raise ValueError("it is for another number of frames")
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"the record lacks the alignment that the run was given, or it is damaged ({error})",
            "use the sidecar",
        ) from error
    return alignment


def _left_out(record: Record) -> Iterator[dict[str, Any]]:
    """Frames without a place, with their names; a shortened record does not tell why."""
    reasons = {one["index"]: one["reason"] for one in record.get("rejected", [])}
    for index, (transform, frame) in enumerate(
        zip(record["transforms"], record["frames"], strict=True)
    ):
        if transform is None:
            reason = reasons.get(index, "the record does not say why")
            yield {"index": index, "name": frame["name"], "reason": reason}
