"""What became of each stack, line by line, so that a batch that was cut off can go on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from focusstack.batch.job import Outcome, StackJob
from focusstack.places import file_of
from focusstack.steps.write import write_failure

NAME = "focusstack-batch.jsonl"


def key_of(job: StackJob, called: Callable[[Path], str] = str) -> str:
    """What tells this stack from others and from itself with other frames or settings.

    ``called`` tells how a file is called that is here under another name each time.
    """
    frames = [(called(frame), *_stamp(frame)) for frame in job.frames]
    what = [job.name, called(job.output), frames, asdict(job.recipe), asdict(job.extras)]
    return hashlib.sha256(json.dumps(what).encode("utf-8", "surrogatepass")).hexdigest()


def _stamp(frame: Path) -> tuple[int, int]:
    with suppress(OSError):
        status = file_of(frame).stat()
        return status.st_size, status.st_mtime_ns
    return -1, -1


class Journal:
    """A file that only ever grows, one outcome a line; a line that was cut off is no line."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._known = dict(self._read())

    def outcome(self, key: str) -> Outcome | None:
        """What became of a stack when it was last tried; None if it was not."""
        return self._known.get(key)

    def add(self, job: StackJob, key: str, outcome: Outcome) -> None:
        """Note what became of a stack, on disk before this returns.

        Raises
        ------
        OutputError
            If it cannot be written, as on a full disk; the lines before stay as they were.
        """
        self._known[key] = outcome
        noted = json.dumps({"stack": job.name, "key": key, **asdict(outcome)})
        line = noted.encode("utf-8", "surrogatepass") + b"\n"
        length = self._length()
        try:
            with self.path.open("ab") as file:
                file.write(line if self._ends_well() else b"\n" + line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                os.truncate(self.path, length)
            raise write_failure(self.path, error) from error

    def _length(self) -> int:
        with suppress(OSError):
            return self.path.stat().st_size
        return 0

    def _ends_well(self) -> bool:
        with suppress(OSError), self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"
        return True

    def _read(self) -> list[tuple[str, Outcome]]:
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return []
        found = []
        for line in lines:
            with suppress(ValueError, TypeError, KeyError, AttributeError):
                noted = json.loads(line)
                noted.pop("stack")
                key = noted.pop("key")
                noted["warnings"] = tuple(noted["warnings"])
                found.append((str(key), Outcome(**noted)))
        return found
