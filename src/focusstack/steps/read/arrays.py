"""Frames that are already in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.errors import InputError
from focusstack.model import Frame, FrameInfo, Pixels
from focusstack.steps.read.reduce import area_average

_CHANNELS = {1: 1, 3: 3, 4: 3}
_DTYPES = {"uint8": "uint8", "uint16": "uint16", "float32": "float32", "float64": "float32"}


class ArraySource:
    """Frames given as arrays; see :func:`open_source` for what they may be."""

    paths: tuple[Path, ...] = ()

    def __init__(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        self._arrays = list(arrays)
        self._infos = [_describe(array, at) for at, array in enumerate(self._arrays)]

    def __len__(self) -> int:
        return len(self._arrays)

    def info(self, index: int) -> FrameInfo:
        """Describe a frame."""
        return self._infos[index]

    def read(self, index: int) -> Frame:
        """The frame as a view of its array where dtype and channels allow."""
        info, array = self._infos[index], self._arrays[index]
        pixels = array[:, :, None] if array.ndim == 2 else array[:, :, : info.channels]
        return Frame(info, pixels.astype(info.dtype, copy=False))

    def read_reduced(self, index: int, scale: int) -> Pixels:
        """The frame averaged over blocks of scale x scale pixels."""
        pixels = self.read(index).pixels
        return area_average(np.ascontiguousarray(pixels), scale)


def _describe(array: npt.NDArray[Any], position: int) -> FrameInfo:
    name = f"array {position}"
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if channels not in _CHANNELS or 0 in array.shape:
        raise InputError(
            f"{name} has shape {array.shape}",
            "pass (height, width), or (height, width, channels) with 1, 3 or 4 channels",
        )
    if array.dtype.name not in _DTYPES:
        raise InputError(
            f"{name} is {array.dtype.name}", "pass uint8, uint16, or float32 between 0 and 1"
        )
    if array.dtype.kind == "f":
        _check_range(array, name)
    return FrameInfo(
        name,
        array.shape[1],
        array.shape[0],
        _CHANNELS[channels],
        np.dtype(_DTYPES[array.dtype.name]),
        has_alpha=channels == 4,
    )


def _check_range(array: npt.NDArray[Any], name: str) -> None:
    low, high = float(array.min()), float(array.max())
    if not (low >= -0.5 and high <= 1.5):
        raise InputError(
            f"{name} holds float values from {low:.4g} to {high:.4g}", "scale them to 0..1"
        )
