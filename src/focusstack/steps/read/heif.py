"""HEIF (HEIC) through libheif (extra ``heif``): the primary picture of the file, 8 or more bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from focusstack.ifd import Buffer
from focusstack.model import Metadata, Pixels
from focusstack.steps.read.header import Header, without_alpha
from focusstack.steps.read.problem import BadPicture, damaged

RAISED = (
    *(ValueError, RuntimeError, OSError, EOFError, SyntaxError),
    *(AttributeError, TypeError, LookupError, ArithmeticError),
)
"""What libraries raise over files that contradict themselves."""


def describe(data: Buffer) -> Header:
    """Read a HEIF file's boxes; libheif turns pictures upright by itself."""
    picture = _opened(data)
    width, height = picture.size
    deep = picture.mode.endswith(";16")
    info = picture.info
    exif = (info.get("exif") or b"").removeprefix(b"Exif\0\0")
    metadata = Metadata(exif, info.get("icc_profile") or b"", info.get("xmp") or b"")
    dtype = np.dtype(np.uint16 if deep else np.uint8)
    return Header(width, height, 3, dtype, 1, "A" in picture.mode, metadata)


def decode(data: Buffer, header: Header) -> Pixels:
    """Decode all pixels; 10 and 12 bits are spread over 16, so that white is white."""
    picture = _opened(data)
    try:
        pixels = np.array(picture)  # a copy: the bytes go with the picture
    except RAISED as error:
        raise damaged(error) from error
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    pixels = without_alpha(pixels, header)
    bits = int(picture.info.get("bit_depth", 8))
    return spread(pixels >> np.uint16(16 - bits), bits) if pixels.dtype == np.uint16 else pixels


def spread(codes: Pixels, bits: int) -> Pixels:
    """Codes of ``bits`` bits, 9..16, over the whole range of 16."""
    most = np.uint32((1 << bits) - 1)
    return np.asarray((codes * np.uint32(65535) + most // 2) // most, np.uint16)


def _opened(data: Buffer) -> Any:
    try:
        import pi_heif
    except ImportError as error:
        raise BadPicture(
            "is a HEIF picture, which takes an extra to read",
            "pip install 'focusstack[heif]', or convert it first",
        ) from error
    try:
        return pi_heif.open_heif(data[:], convert_hdr_to_8bit=False)
    except RAISED as error:
        raise damaged(error) from error
