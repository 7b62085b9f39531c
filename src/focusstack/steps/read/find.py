"""Which files make up a stack."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from focusstack.errors import UnreadableFrame
from focusstack.places import RAW_EXTENSIONS

PICTURE_EXTENSIONS = (
    frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".bmp", ".dib", ".webp"})
    | {".heic", ".heif", ".hif", ".avif", ".jxl"}
    | RAW_EXTENSIONS
)
_PathLike = str | os.PathLike[str]


def find_pictures(sources: _PathLike | Iterable[_PathLike], every: int = 1) -> list[Path]:
    """The pictures named by files and folders, in order.

    Parameters
    ----------
    sources : path, or iterable of paths
        A file stands for itself, whatever its name and whether or not it exists. A folder stands
        for the pictures directly in it, chosen by extension, in natural order (``img2`` before
        ``img10``); hidden files are ignored, and so are RAW files beside a picture of the same
        name, which cameras write of the same exposure. A single file, named or alone in its folder,
        stands for all pictures in it if it is a TIFF of several pages or a video.
    every : int
        Take the first and each so many-th after it.

    Returns
    -------
    list of Path
        In the order given; a file that comes up twice is kept where it came first. Empty when
        the folders hold no pictures. Pictures within a file are named ``FILE#N``.

    Raises
    ------
    UnreadableFrame
        If a folder cannot be listed, or a file that holds several pictures cannot be a stack.
    """
    from focusstack.steps.read.several import places_in

    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    found: dict[Path, Path] = {}
    for source in given:
        path = Path(source)
        for picture in _pictures_in(path) if path.is_dir() else [path]:
            found.setdefault(picture.resolve(), picture)
    pictures = list(found.values())
    return (places_in(pictures[0]) if len(pictures) == 1 else pictures)[::every]


def raws_beside_pictures(sources: Iterable[_PathLike]) -> list[Path]:
    """The RAW files in folders that :func:`find_pictures` leaves out for a picture beside them."""
    folders = [Path(source) for source in sources if Path(source).is_dir()]
    return [path for folder in folders for path in _left_out(folder)]


def _left_out(folder: Path) -> list[Path]:
    taken = set(_pictures_in(folder))
    return [
        path
        for path in folder.iterdir()
        if _is_raw(path) and _is_picture(path) and path not in taken
    ]


def _pictures_in(folder: Path) -> list[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError as error:
        raise UnreadableFrame(
            f"{folder} cannot be opened: {error.strerror}", "check the folder's permissions"
        ) from error
    pictures = list(filter(_is_picture, entries))
    developed = {path.stem for path in pictures if not _is_raw(path)}
    wanted = (path for path in pictures if not (_is_raw(path) and path.stem in developed))
    return sorted(wanted, key=natural_key)


def _is_raw(path: Path) -> bool:
    return path.suffix.lower() in RAW_EXTENSIONS


def _is_picture(path: Path) -> bool:
    wanted = path.suffix.lower() in PICTURE_EXTENSIONS and not path.name.startswith(".")
    return wanted and not path.is_dir()


def natural_key(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key that compares runs of digits as numbers and letters without case."""
    parts = re.findall(r"[0-9]+|[^0-9]+", path.name.casefold())
    key = [(0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts]
    return key, path.name
