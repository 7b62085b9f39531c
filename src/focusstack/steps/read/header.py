"""What the readers of single formats have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from focusstack.ifd import ORIENTATION, Buffer, byte_order, first_offset, number, parse
from focusstack.model import Metadata, Pixels
from focusstack.steps.read.problem import BadPicture, damaged

MAX_PIXELS = 500_000_000


@dataclass(frozen=True)
class Header:
    """A picture file before its pixels; ``width`` and ``height`` as stored, not yet upright.

    ``camera`` is that of :class:`~focusstack.model.FrameInfo`.
    """

    width: int
    height: int
    channels: int
    dtype: np.dtype[Any]
    orientation: int = 1
    has_alpha: bool = False
    metadata: Metadata = field(default_factory=Metadata)
    camera: str = ""

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise BadPicture("is damaged: it says that it has no pixels", "export it again")
        if self.width * self.height > MAX_PIXELS:
            raise BadPicture(
                f"says it has {self.width} x {self.height} pixels, more than the"
                f" {MAX_PIXELS // 1_000_000} million read here",
                "scale the frames down, or leave this one out if it is damaged",
            )


class Describing(Protocol):
    """A module that knows one file format."""

    def describe(self, data: Buffer) -> Header:
        """Read the header."""


class Format(Describing, Protocol):
    """One that reads a file by itself, without a thought for the other frames."""

    def decode(self, data: Buffer, header: Header) -> Pixels:
        """Decode the pixels as stored: (height, width, channels), alpha left out."""


def exif_orientation(exif: Buffer) -> int:
    """The orientation 1..8 in an EXIF block; 1 where there is none or nonsense."""
    order = byte_order(exif)
    if order is None:
        return 1
    directory, _ = parse(exif, first_offset(exif, order), order)
    value = number(directory, ORIENTATION, order)
    return value if value is not None and 1 <= value <= 8 else 1


def without_alpha(pixels: Pixels, header: Header) -> Pixels:
    """Bring decoded samples to (height, width, channels), refusing another size than described."""
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    expected = (header.height, header.width)
    if pixels.shape[:2] != expected or pixels.shape[2] < header.channels:
        raise BadPicture(
            f"holds {pixels.shape[1]} x {pixels.shape[0]} pixels instead of the"
            f" {header.width} x {header.height} of its header",
            "export it again",
        )
    if pixels.dtype != header.dtype:
        raise damaged(f"it holds {pixels.dtype} samples, its header says {header.dtype}")
    return np.ascontiguousarray(pixels[:, :, : header.channels])
