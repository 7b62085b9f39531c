"""A file as sliceable bytes that are read only where they are asked for."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

from focusstack.ifd import Buffer
from focusstack.steps.read.problem import BadPicture


class ByteSource:
    """An open file that is sliced like bytes: ``source[0:16]``; each slice is one read.

    Not a memory map, because a file that shrinks under a map kills the process.

    Raises
    ------
    OSError
        If the file cannot be opened.
    BadPicture
        If it is no regular file (reading a pipe would wait for ever).
    """

    def __init__(self, path: Path) -> None:
        if not stat.S_ISREG(path.stat().st_mode):
            kind = "a folder" if path.is_dir() else "no ordinary file"
            raise BadPicture(f"is {kind}", "name a picture file")
        self._file = path.open("rb", buffering=0)
        self._size = os.fstat(self._file.fileno()).st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, where: slice, /) -> bytes:
        start, stop, _ = where.indices(self._size)
        self._file.seek(start)
        wanted = max(stop - start, 0)
        data = self._file.read(wanted)
        while len(data) < wanted and (more := self._file.read(wanted - len(data))):
            data += more
        return data

    def __enter__(self) -> ByteSource:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


class _Stream(io.RawIOBase):
    """A buffer behind the interface of a seekable binary file."""

    def __init__(self, data: Buffer) -> None:
        self._data = data
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, target: Any, /) -> int:
        """Fill ``target`` with what comes next; how many bytes that was."""
        view = memoryview(target).cast("B")
        part = self._data[self._at : self._at + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)


def as_file(data: Buffer) -> BinaryIO:
    """The buffer as a binary file for libraries that want one."""
    return cast(BinaryIO, io.BytesIO(data) if isinstance(data, bytes) else _Stream(data))
