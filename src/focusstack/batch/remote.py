"""Folders in object storage, through fsspec: fetched to work on, put back as results are made."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from focusstack.errors import FocusstackError, InputError, OutputError
from focusstack.steps.read import PICTURE_EXTENSIONS

_IGNORED = (".", "__MACOSX")


def is_remote(place: str) -> bool:
    """Whether a place is an address such as ``s3://bucket/folder``, not a path."""
    return "://" in place


class RemoteFolder:
    """A folder at an address, and its copy here.

    Parameters
    ----------
    url : str
        Anything that fsspec knows: ``s3://``, ``gs://``, ``az://``, ``sftp://``, ``file://`` ...
    here : Path
        The copy; made if need be.

    Raises
    ------
    InputError
        If fsspec or what it needs for such addresses is not installed, or the address makes no
        sense.
    """

    def __init__(self, url: str, here: Path) -> None:
        self.url, self.here = url.rstrip("/"), here
        self._put: dict[Path, tuple[int, int]] = {}
        with _in_words(url, InputError):
            self._files, self._root = _opened(url)
        here.mkdir(parents=True, exist_ok=True)

    def name_of(self, path: Path) -> str:
        """The address of a file of the copy."""
        return f"{self.url}/{path.relative_to(self.here).as_posix()}"

    def fetch(self, pictures_only: bool = False) -> int:
        """Copy all files here, or all pictures, but for hidden ones; the number of them.

        Raises
        ------
        InputError
            If they cannot be listed or read.
        """
        count = 0
        with _in_words(self.url, InputError):
            for name, info in self._files.find(self._root, detail=True).items():
                relative = PurePosixPath(str(name)[len(self._root) :].lstrip("/"))
                if not _is_wanted(relative):
                    continue
                if pictures_only and relative.suffix.lower() not in PICTURE_EXTENSIONS:
                    continue
                self._get(str(name), self.here / relative, info)
                count += 1
        return count

    def fetch_files(self, paths: Iterable[Path], missing_ok: bool = False) -> None:
        """Copy the files here that go by these paths of the copy, each once.

        Raises
        ------
        InputError
            If one cannot be read, or is missing unless that is all right.
        """
        self._files.invalidate_cache()  # others may have put them there meanwhile
        for path in dict.fromkeys(paths):
            with _in_words(self.name_of(path), InputError):
                try:
                    self._get(self._there(path), path, self._files.info(self._there(path)))
                except FileNotFoundError:
                    if not missing_ok:
                        raise

    def put_files(self, paths: Iterable[Path]) -> None:
        """Copy files of the copy to the address, in this order, unless they are there as they are.

        Raises
        ------
        OutputError
            If one cannot be written.
        """
        with _in_words(self.url, OutputError):
            for path in paths:
                if self._put.get(path) != _stamp(path):
                    stamp = _stamp(path)
                    put_whole(self._files, path, self._there(path))
                    self._put[path] = stamp

    def remove_files(self, paths: Iterable[Path]) -> None:
        """Have files at the address gone, as far as that can be done."""
        for path in paths:
            with suppress(OutputError), _in_words(self.name_of(path), OutputError):
                self._put.pop(path, None)
                self._files.rm_file(self._there(path))

    def put_new(self) -> None:
        """Copy what is new or has changed here to the address; each file appears there whole.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        self.put_files(path for path in sorted(self.here.rglob("*")) if self._is_visible(path))

    def _is_visible(self, path: Path) -> bool:
        hidden = any(part.startswith(".") for part in path.relative_to(self.here).parts)
        return not hidden and path.is_file()

    def _there(self, path: Path) -> str:
        return f"{self._root}/{path.relative_to(self.here).as_posix()}"

    def _get(self, name: str, target: Path, info: Mapping[str, Any]) -> None:
        """Copy a file here, with its time: batches know frames by it."""
        target.parent.mkdir(parents=True, exist_ok=True)
        self._files.get_file(name, str(target))
        changed = _changed(info)
        if changed is not None:
            os.utime(target, (changed, changed))
        self._put[target] = _stamp(target)


def put_whole(files: Any, path: Path, target: str) -> None:
    """Copy a file to an fsspec file system, so that it appears there whole or not at all.

    Object stores do that by themselves; elsewhere it is written under another name and renamed.
    """
    folder, _, name = target.rpartition("/")
    with suppress(NotImplementedError):
        files.makedirs(folder, exist_ok=True)
    if _STORES & set(_protocols(files)):
        files.put_file(str(path), target)
        return
    part = f"{folder}/.{name[:80]}.{secrets.token_hex(8)}.part"
    try:
        files.put_file(str(path), part)
        files.mv(part, target)
    finally:
        with suppress(OSError):
            files.rm_file(part)


_STORES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss"})
_TIMES = ("LastModified", "last_modified", "updated", "mtime", "modified", "created")


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)


def _changed(info: Mapping[str, Any]) -> float | None:
    """When a file was last written, s; storages call it by different names."""
    for value in map(info.get, _TIMES):
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
    return None


def _is_wanted(relative: PurePosixPath) -> bool:
    leads_out = relative.is_absolute() or ".." in relative.parts or not relative.parts
    return not leads_out and not any(part.startswith(_IGNORED) for part in relative.parts)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _opened(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise InputError(
            f"{url} is in storage that takes an extra to read", "pip install 'focusstack[remote]'"
        ) from error
    files, root = url_to_fs(url)
    return files, str(root).rstrip("/")


@contextmanager
def _in_words(url: str, kind: type[FocusstackError]) -> Iterator[None]:
    """Whatever goes wrong over there, for a person."""
    try:
        yield
    except FocusstackError:
        raise
    except ImportError as error:
        said = " ".join(str(error).split())
        raise InputError(f"{url} takes more to read: {said}", "install what it names") from error
    except FileNotFoundError as error:
        raise kind(f"{url} does not exist", "check the address") from error
    except PermissionError as error:
        raise kind(f"{url} may not be used: {error}", "check the credentials") from error
    except Exception as error:  # whatever the library for that storage raises
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            doing = "fetching" if kind is InputError else "writing"
            hint = "free some space there, and where temporary files go (TMPDIR)"
            raise kind(f"the disk is full {doing} {url}", hint) from error
        said = " ".join(str(error).split())[:200]
        raise kind(f"{url} cannot be used: {said}", "check the address and the network") from error
