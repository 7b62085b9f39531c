"""A picture of which only what is used is read."""

from __future__ import annotations

from pathlib import Path

from focusstack.model import Pixels
from focusstack.steps.read.files import FileSource


def mapped_picture(path: Path) -> Pixels:
    """The pixels of an uncompressed TIFF as they lie in the file, not to be changed; of any other
    picture read whole. (H, W) or (H, W, C)."""
    import tifffile

    try:
        found: Pixels = tifffile.memmap(path, mode="r")
    except (ValueError, tifffile.TiffFileError):
        found = FileSource([path]).read(0).pixels
    return found
