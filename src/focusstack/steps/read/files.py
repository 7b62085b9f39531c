"""Frames in files, opened only while they are read."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from focusstack.errors import UnreadableFrame
from focusstack.model import Frame, FrameInfo, Metadata, Pixels
from focusstack.places import split
from focusstack.steps.read import jpeg, raw, tiff
from focusstack.steps.read.bytesource import ByteSource
from focusstack.steps.read.header import Describing, Format, Header
from focusstack.steps.read.orient import grid_survives, swaps_sides, upright
from focusstack.steps.read.problem import BadPicture, damaged
from focusstack.steps.read.profile_key import profile_key
from focusstack.steps.read.reduce import area_average
from focusstack.steps.read.sniff import format_of

SCALES = (1, 2, 4, 8)


class FileSource:
    """Frames in picture files. Safe to read from several threads; keeps nothing but FrameInfos."""

    def __init__(self, paths: Sequence[Path], wishes: raw.Wishes | None = None) -> None:
        self.paths = tuple(paths)
        self._wishes = wishes or raw.Wishes()
        self._places = [split(path) for path in self.paths]
        self._infos: dict[int, FrameInfo] = {}
        self._lock = threading.Lock()
        self._how: raw.Development | None = None

    def __getstate__(self) -> dict[str, Any]:
        """To be sent to another process, which finds the files at the same places."""
        return {**vars(self), "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    def __len__(self) -> int:
        return len(self.paths)

    def info(self, index: int) -> FrameInfo:
        """Describe a frame from its header; remembered after the first call."""
        if index not in self._infos:
            with self._opened(index) as data:
                header = self._described(data, index)[1]
                self._infos[index] = _frame_info(str(self.paths[index]), header)
        return self._infos[index]

    def read(self, index: int) -> Frame:
        """Read a frame whole and upright."""
        info = self.info(index)
        with self._opened(index) as data:
            module, described = self._described(data, index)
            header = _unchanged(described, info)
            pixels = upright(self._decoded(module, data, header, index), header.orientation)
        metadata = header.metadata
        if module is raw:
            metadata = replace(metadata, camera=self._development().camera)
        return Frame(info, pixels, metadata)

    def describe(self, index: int) -> tuple[FrameInfo, Metadata]:
        """What a file says about its frame and its picture, read at once."""
        with self._opened(index) as data:
            header = self._described(data, index)[1]
        return _frame_info(str(self.paths[index]), header), header.metadata

    def read_metadata(self, index: int) -> Metadata:
        """Read what a file says about its picture, without decoding that."""
        with self._opened(index) as data:
            return self._described(data, index)[1].metadata

    def profile(self, index: int) -> bytes:
        """A frame's ICC profile; empty if it has none."""
        return self.read_metadata(index).icc

    def preview(self, index: int) -> Pixels | None:
        """The small picture that a camera puts into a RAW file; None of other files."""
        with self._opened(index) as data:
            return raw.preview(data) if format_of(data) is raw else None

    def read_reduced(self, index: int, scale: int) -> Pixels:
        """Read a frame upright at 1/scale; JPEGs through the DCT where that keeps the grid."""
        if scale not in SCALES:
            raise ValueError(f"scale is {scale}, use one of {SCALES}")
        info = self.info(index)
        with self._opened(index) as data:
            module, described = self._described(data, index)
            header = _unchanged(described, info)
            turn = header.orientation
            if grid_survives(header.width, header.height, turn, scale):
                reduced = self._reduced(module, data, header, scale)
                if reduced is not None:
                    return upright(reduced, turn)
            return area_average(upright(self._decoded(module, data, header, index), turn), scale)

    def _described(self, data: ByteSource, index: int) -> tuple[Describing, Header]:
        """What reads the file, and the header of the frame in it."""
        module, number = format_of(data), self._places[index][1]
        if module is raw:
            return raw, raw.describe(data, self._wishes.colour)
        if number is None:
            return module, module.describe(data)
        if module is not tiff:
            raise BadPicture("is not in that file", "leave # and what is behind it out")
        return module, tiff.describe(data, number)

    def _decoded(self, module: Describing, data: ByteSource, header: Header, index: int) -> Pixels:
        if module is raw:
            return raw.decode(data, header, self._development())
        if module is tiff:
            return tiff.decode(data, header, self._places[index][1])
        return cast(Format, module).decode(data, header)

    def _reduced(
        self, module: Describing, data: ByteSource, header: Header, scale: int
    ) -> Pixels | None:
        """Decoded at 1/scale, where the format offers a quicker way than decoding it whole."""
        if module is jpeg:
            return jpeg.decode_reduced(data, header, scale)
        if module is raw and scale > 1:
            half = raw.decode_half(data, header, self._development())
            return None if half is None else area_average(half, scale // 2)
        return None

    def _development(self) -> raw.Development:
        """How raw files are developed: all like the first of them."""
        with self._lock:
            if self._how is None:
                for index in range(len(self)):
                    with self._opened(index) as data:
                        if format_of(data) is raw:
                            self._how = raw.development(data, self._wishes)
                            break
            assert self._how is not None
            return self._how

    @contextmanager
    def _opened(self, index: int) -> Iterator[ByteSource]:
        """Open a file; whatever goes wrong with it becomes an UnreadableFrame that names it."""
        path = self.paths[index]
        try:
            with ByteSource(self._places[index][0]) as data:
                yield data
        except BadPicture as problem:
            raise UnreadableFrame(f"{path} {problem.reason}", problem.hint) from problem
        except FileNotFoundError as error:
            raise self._missing(index) from error
        except PermissionError as error:
            hint = "check the file's permissions"
            raise UnreadableFrame(f"{path} may not be read", hint) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise UnreadableFrame(f"{path} cannot be read: {reason}") from error
        except MemoryError as error:
            hint = "leave it out if it is damaged, or scale it down"
            raise UnreadableFrame(
                f"{path} says it needs more memory than there is", hint
            ) from error
        except (
            struct.error,
            ValueError,
            LookupError,
            ArithmeticError,
            NotImplementedError,
        ) as error:
            damage = damaged(error)
            raise UnreadableFrame(f"{path} {damage.reason}", damage.hint) from error

    def _missing(self, index: int) -> UnreadableFrame:
        path = self.paths[index]
        if index in self._infos:
            return UnreadableFrame(
                f"{path} is gone: it was there when the run began", "put it back and start again"
            )
        return UnreadableFrame(f"{path} does not exist", "check its name and folder")


def _frame_info(name: str, header: Header) -> FrameInfo:
    width, height = header.width, header.height
    if swaps_sides(header.orientation):
        width, height = height, width
    return FrameInfo(
        name,
        width,
        height,
        header.channels,
        header.dtype,
        header.orientation,
        header.has_alpha,
        header.camera,
        profile_key(header.metadata.icc),
    )


def _unchanged(header: Header, info: FrameInfo) -> Header:
    if _frame_info(info.name, header) != info:
        raise BadPicture("changed while it was being used", "start again when it is complete")
    return header
