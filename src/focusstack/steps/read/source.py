"""A stack's frames behind one interface, wherever they come from."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np

from focusstack.errors import InputError
from focusstack.model import Frame, FrameInfo, Pixels
from focusstack.places import file_of
from focusstack.steps.read.arrays import ArraySource
from focusstack.steps.read.files import FileSource
from focusstack.steps.read.find import find_pictures
from focusstack.steps.read.raw import Wishes
from focusstack.steps.read.video import EXTENSIONS, VideoSource


@runtime_checkable
class FrameSource(Protocol):
    """The frames of a stack in order: cheap to describe, read one at a time, from any thread."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files behind the frames; empty for arrays."""

    def __len__(self) -> int: ...

    def info(self, index: int) -> FrameInfo:
        """Describe a frame from its header alone; remembered after the first call."""

    def read(self, index: int) -> Frame:
        """Read a frame whole: upright, RGB or grey, alpha left out, with its metadata."""

    def read_reduced(self, index: int, scale: int) -> Pixels:
        """Read a frame at 1/scale (1, 2, 4 or 8): (ceil(H / scale), ceil(W / scale), C).

        Pixel x is the area centred on ``x * scale + (scale - 1) / 2`` of the whole frame.
        """


def open_source(source: object, wishes: Wishes | None = None) -> FrameSource:
    """Make a frame source of whatever names a stack.

    Parameters
    ----------
    source : path, iterable of paths, iterable of arrays, 4-D array, or FrameSource
        Paths may be files and folders, see :func:`find_pictures`. Arrays are (H, W), (H, W, 1),
        (H, W, 3) RGB or (H, W, 4) with alpha; uint8, uint16, or float32 in 0..1 (float64 is
        converted when it is read). They are not copied and must not change meanwhile.
    wishes : Wishes, optional
        How RAW files are to be developed.

    Returns
    -------
    FrameSource
        Holds no pixels of files, only the headers that were asked for.

    Raises
    ------
    InputError
        If the argument is none of these, or an array has no fitting shape or dtype.
    UnreadableFrame
        If a folder cannot be listed. Files are opened only when they are asked for.
    """
    if isinstance(source, FrameSource):
        return source
    if isinstance(source, str | os.PathLike):
        return _from_places(find_pictures(source), wishes)
    if isinstance(source, np.ndarray):
        if source.ndim != 4:
            raise InputError(
                f"an array of shape {source.shape} is no stack",
                "pass (frames, height, width, channels) or a list of arrays",
            )
        return ArraySource(list(source))
    if not isinstance(source, Iterable):
        raise InputError(f"{type(source).__name__} is no stack", "pass paths or arrays")
    return _from_items(list(source), wishes)


def _from_items(items: list[Any], wishes: Wishes | None) -> FrameSource:
    if items and all(isinstance(item, np.ndarray) for item in items):
        return ArraySource(items)
    for position, item in enumerate(items):
        if not isinstance(item, str | os.PathLike):
            raise InputError(
                f"item {position} is {type(item).__name__}",
                "pass paths only, or NumPy arrays only",
            )
    return _from_places(find_pictures(cast(list[str], items)), wishes)


def _from_places(places: list[Path], wishes: Wishes | None) -> FrameSource:
    """All from one video, or pictures in files."""
    files = {file_of(place) for place in places}
    one_video = len(files) == 1 and next(iter(files)).suffix.lower() in EXTENSIONS
    return VideoSource(places) if one_video else FileSource(places, wishes)
