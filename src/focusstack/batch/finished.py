"""Whether a stack has been made already, told by the record that its picture carries."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from focusstack.batch.job import StackJob, extra_paths
from focusstack.errors import FocusstackError
from focusstack.places import file_of
from focusstack.provenance import Record, hash_of
from focusstack.steps.read import read_provenance

_CHOSEN = ("reference", "align")
"""Settings that a run fills in where they are left to it."""


def is_finished(job: StackJob, untouched: bool = False) -> bool:
    """Whether the fused image is there, whole, of these frames and settings, with its extras.

    Parameters
    ----------
    job : StackJob
    untouched : bool
        Whether it is known that the frames' files are those that it was made of, so that names and
        sizes will do. Else their content is compared, too, by SHA-256: about 0.7 GB/s.
    """
    if not job.output.is_file():
        return False
    if not all(path.is_file() for path in extra_paths(job.output, job.extras).values()):
        return False
    try:
        record = read_provenance(job.output)
    except FocusstackError:
        return False
    alike = _same_settings(record, job) and _same_frames(record, job)
    return alike and (untouched or _same_content(record, job))


def _same_frames(record: Record, job: StackJob) -> bool:
    then = [(frame["name"], frame.get("bytes")) for frame in record["frames"]]
    return then == [(frame.name, _size(frame)) for frame in job.frames]


def _size(frame: Path) -> int | None:
    try:
        return file_of(frame).stat().st_size
    except OSError:
        return None


def _same_content(record: Record, job: StackJob) -> bool:
    """Each file is read once, up to the first that differs."""
    files = dict(zip(map(file_of, job.frames), record["frames"], strict=True))
    try:
        return all(hash_of(file) == then.get("sha256") for file, then in files.items())
    except OSError:
        return False


def _same_settings(record: Record, job: StackJob) -> bool:
    then, wanted = dict(record["recipe"]), asdict(job.recipe.resolved())
    left = [name for name in _CHOSEN if wanted[name] in ("auto", "first", "middle", "last")]
    return all(then.get(name) == value for name, value in wanted.items() if name not in left)
