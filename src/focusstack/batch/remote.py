"""Folders in object storage, through fsspec: fetched to work on, put back as results are made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
            for name in self._files.find(self._root):
                relative = PurePosixPath(str(name)[len(self._root) :].lstrip("/"))
                if not _is_wanted(relative):
                    continue
                if pictures_only and relative.suffix.lower() not in PICTURE_EXTENSIONS:
                    continue
                target = self.here / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                self._files.get_file(name, str(target))
                self._put[target] = _stamp(target)
                count += 1
        return count

    def put_new(self) -> None:
        """Copy what is new or has changed here to the address; each file appears there whole.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        with _in_words(self.url, OutputError):
            for path in sorted(self.here.rglob("*")):
                hidden = any(part.startswith(".") for part in path.relative_to(self.here).parts)
                if hidden or not path.is_file() or self._put.get(path) == _stamp(path):
                    continue
                stamp = _stamp(path)
                target = f"{self._root}/{path.relative_to(self.here).as_posix()}"
                with suppress(NotImplementedError):
                    self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
                self._files.put_file(str(path), target)
                self._put[path] = stamp


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
    except (OSError, ValueError, KeyError) as error:
        said = " ".join(str(error).split())[:200]
        raise kind(f"{url} cannot be used: {said}", "check the address and the network") from error
