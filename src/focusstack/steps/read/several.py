"""Files that hold a whole stack: TIFFs of several pages, and videos."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from focusstack.errors import UnreadableFrame
from focusstack.places import split, within
from focusstack.steps.read import tiff_pages, video
from focusstack.steps.read.bytesource import ByteSource
from focusstack.steps.read.problem import BadPicture
from focusstack.steps.read.tiff_pages import SeveralStacks

_TIFF = frozenset({".tif", ".tiff"})
_MOST_NAMED = 5


def places_in(file: Path) -> list[Path]:
    """A name for every picture in the file, or the file itself if it holds but one.

    What is wrong with a TIFF shows when it is read; here it counts as one picture.

    Raises
    ------
    UnreadableFrame
        If it is a video that cannot be read, or a TIFF of several stacks.
    """
    extension = file.suffix.lower()
    try:
        if extension in video.EXTENSIONS:
            return [within(file, k) for k in range(video.count(file))]
        count = _pages(file) if extension in _TIFF and file.is_file() else 1
    except BadPicture as problem:
        raise UnreadableFrame(f"{file} {problem.reason}", problem.hint) from problem
    return [file] if count < 2 else [within(file, k) for k in range(count)]


def _pages(file: Path) -> int:
    try:
        with ByteSource(file) as data:
            return tiff_pages.count(data)
    except SeveralStacks:
        raise
    except (BadPicture, OSError, struct.error, ValueError, LookupError, ArithmeticError):
        return 1


def left_out_pages(paths: Sequence[Path]) -> list[str]:
    """One warning for each TIFF behind the frames of which pages are left out for their size."""
    places = [split(path) for path in paths]
    files = dict.fromkeys(file for file, number in places if number is not None)
    found = (_told(file) for file in files if file.suffix.lower() in _TIFF)
    return [text for text in found if text]


def _told(file: Path) -> str:
    try:
        with ByteSource(file) as data:
            (width, height), odd = tiff_pages.odd_pages(data)
    except (BadPicture, OSError, struct.error, ValueError, LookupError, ArithmeticError):
        return ""  # said when its frames are read
    if not odd:
        return ""
    named = [f"page {one.place} ({one.width} x {one.height} pixels)" for one in odd[:_MOST_NAMED]]
    more = len(odd) - len(named)
    listed = ", ".join(named) + (f" and {more} more" if more else "")
    verb = "is" if len(odd) == 1 else "are"
    return f"{file}: {listed} {verb} left out, as the frames have {width} x {height} pixels"


def video_frames(file: Path) -> int:
    """How many frames a video says that it has; 0 for other files."""
    return video.claimed(file) if file.suffix.lower() in video.EXTENSIONS else 0
