"""A file that appears whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from focusstack.errors import OutputError, OutputExists

_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def atomic_file(path: Path | str, overwrite: bool) -> Iterator[Path]:
    """Write a file beside its destination and move it there when it is complete.

    Parameters
    ----------
    path : path
        The destination; its folder must exist. A link is followed, so it stays a link.
    overwrite : bool
        False: a file that is at the destination, even one that appeared meanwhile, stays.

    Yields
    ------
    Path
        An empty file in the same folder, to be filled. Whatever happens it is gone afterwards,
        and the destination holds either what it held before or the complete new content.
        Permissions follow the umask.

    Raises
    ------
    OutputExists
        If the destination exists and ``overwrite`` is False.
    OutputError
        If the operating system refuses: disk full, no permission, and so on.
    """
    shown, target = Path(path), Path(path).resolve()
    with scratch_file(shown) as temporary:
        yield temporary
        try:
            _flush(temporary)
            if overwrite:
                temporary.replace(target)
            else:
                move_without_clobbering(temporary, target)
        except FileExistsError as error:
            raise exists_already(shown) from error
        _flush_folder(target.parent)


@contextmanager
def scratch_file(path: Path) -> Iterator[Path]:
    """An empty file beside ``path`` that is gone afterwards; OSErrors become OutputErrors."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name[:80]}.{secrets.token_hex(8)}.part")
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        yield temporary
    except OSError as error:
        raise write_failure(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def exists_already(path: Path) -> OutputExists:
    """The error that protects a file."""
    return OutputExists(f"{path} exists", "pass --overwrite to replace it, or choose another name")


def write_failure(path: Path, error: OSError) -> OutputError:
    """What the operating system said, for a person."""
    if error.errno in _FULL:
        return OutputError(f"the disk is full writing {path}", "free some space, then run it again")
    if error.errno in _FORBIDDEN:
        return OutputError(f"{path} may not be written", "choose a folder you may write to")
    if error.errno == errno.ENAMETOOLONG:
        return OutputError(f"the name {path} is too long", "choose a shorter one")
    return OutputError(f"{path} cannot be written: {error.strerror or error}")


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name durable; not every system can, and the file itself is safe already."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def move_without_clobbering(source: Path, target: Path) -> None:
    """Rename, but raise FileExistsError where rename would replace; ``source`` may stay."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        # Claiming the name first means that what is replaced next can only be our own claim.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        source.replace(target)
