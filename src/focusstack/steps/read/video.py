"""Frames of a video, through OpenCV's FFmpeg; 8 bits per channel, whatever the video has."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from focusstack.errors import UnreadableFrame
from focusstack.model import Frame, FrameInfo, Pixels
from focusstack.places import file_of, split
from focusstack.steps.read.problem import BadPicture
from focusstack.steps.read.reduce import area_average

EXTENSIONS = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mts", ".m2ts"})


def claimed(file: Path) -> int:
    """How many frames the container says there are, which some only estimate."""
    import cv2

    reel = _Reel(file)
    said = int(reel.video.get(cv2.CAP_PROP_FRAME_COUNT))
    reel.close()
    return said


def count(file: Path) -> int:
    """How many frames can be decoded; all are, as what containers say is not always so."""
    reel = _Reel(file)
    while reel.skip():
        pass
    reel.close()
    return reel.next


class _Reel:
    """A video that is decoded forwards: in the order in which it is shown, and upright."""

    def __init__(self, file: Path) -> None:
        import cv2

        if not file.is_file():
            raise BadPicture("does not exist", "check its name and folder")
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # what is wrong is said by us
        level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        self.video = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG)
        cv2.utils.logging.setLogLevel(level)
        self.next = 0
        if not self.video.isOpened():
            raise BadPicture("is no video that can be read", "convert it, to H.264 in MP4 say")
        self.video.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)

    def skip(self) -> bool:
        """Pass over a frame; False at the end."""
        passed = bool(self.video.grab())
        self.next += passed
        return passed

    def read(self) -> Pixels | None:
        """The next frame, RGB; None at the end."""
        import cv2

        came, pixels = self.video.read()
        self.next += came
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)) if came else None

    def close(self) -> None:
        self.video.release()


class VideoSource:
    """Frames of one video, each named ``VIDEO#N``. Safe to read from several threads.

    The video is decoded forwards only, as seeking is not exact in every container: in order, frames
    cost no more than decoding; each step back begins at the first frame again.
    """

    def __init__(self, places: Sequence[Path]) -> None:
        self.paths = tuple(places)
        self._file = file_of(self.paths[0])
        self._numbers = [split(place)[1] or 0 for place in self.paths]
        self._lock = threading.Lock()
        self._reel: _Reel | None = None
        self._size: tuple[int, int] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """To be sent to another process, which finds the file at the same place."""
        return {**vars(self), "_lock": None, "_reel": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    def __len__(self) -> int:
        return len(self.paths)

    def info(self, index: int) -> FrameInfo:
        """Describe a frame; all are of the first one's size."""
        if self._size is None:
            height, width = self._pixels(0).shape[:2]
            self._size = width, height
        return FrameInfo(str(self.paths[index]), *self._size, 3, np.dtype(np.uint8))

    def read(self, index: int) -> Frame:
        """Read a frame whole, turned upright if the video says so."""
        return Frame(self.info(index), self._pixels(index))

    def read_reduced(self, index: int, scale: int) -> Pixels:
        """Read a frame at 1/scale."""
        return area_average(self._pixels(index), scale)

    def _pixels(self, index: int) -> Pixels:
        with self._lock:
            try:
                pixels = self._at(self._numbers[index])
            except BadPicture as problem:
                raise UnreadableFrame(f"{self._file} {problem.reason}", problem.hint) from problem
        if pixels is None:
            raise UnreadableFrame(
                f"{self.paths[index]} cannot be read: the video ends or is damaged before it",
                "leave the last frames out, or convert the video",
            )
        return pixels

    def _at(self, number: int) -> Pixels | None:
        reel = self._reel
        if reel is None or reel.next > number:
            if reel is not None:
                reel.close()
            reel = self._reel = _Reel(self._file)
        while reel.next < number:
            if not reel.skip():
                return None
        return reel.read()
