"""JPEG XL through libjxl (extra ``jxl``): 8 and 16 bits and float, with the colour profile."""

from __future__ import annotations

from typing import Any

import numpy as np

from focusstack.ifd import Buffer, byte_order
from focusstack.model import Metadata, Pixels
from focusstack.steps.read.boxes import HEAD, boxes
from focusstack.steps.read.header import Header, without_alpha
from focusstack.steps.read.heif import RAISED
from focusstack.steps.read.problem import BadPicture, cut_off, damaged


def describe(data: Buffer) -> Header:
    """Read a JPEG XL file's header; libjxl turns pictures upright by itself."""
    library = _library()
    _check_boxes(data)
    try:
        found = library.probe(bytes(data[:]))
    except RAISED as error:
        raise damaged(error) from error
    metadata = Metadata(_exif(found.exif or b""), found.icc or b"", found.xmp or b"")
    grey = found.num_color_channels == 1
    dtype = _dtype(found.bits_per_sample)
    return Header(found.width, found.height, 1 if grey else 3, dtype, 1, found.has_alpha, metadata)


def decode(data: Buffer, header: Header) -> Pixels:
    """Decode all pixels; 9 to 15 bits are spread over 16, so that white is white."""
    try:
        pixels = _library().decode_to_numpy(bytes(data[:]), dtype=header.dtype.name)[1]
    except RAISED as error:
        raise damaged(error) from error
    return without_alpha(np.asarray(pixels), header)


def _check_boxes(data: Buffer) -> None:
    """See that no box claims more than the file holds: the library fetches that much memory."""
    if bytes(data[:2]) == b"\xff\x0a":  # a codestream without boxes
        return
    end = max((end for _kind, _start, end in boxes(data, 0, len(data))), default=0)
    if end + HEAD <= len(data):
        raise cut_off()


def _dtype(bits: int) -> np.dtype[Any]:
    if bits <= 8:
        return np.dtype(np.uint8)
    return np.dtype(np.uint16 if bits <= 16 else np.float32)


def _exif(box: bytes) -> bytes:
    """What an Exif box holds, without the offset that precedes it."""
    return box[4:] if byte_order(box) is None else box


def _library() -> Any:
    try:
        import pyjpegxl
    except ImportError as error:
        raise BadPicture(
            "is a JPEG XL picture, which takes an extra to read",
            "pip install 'focusstack[jxl]', or convert it first",
        ) from error
    pyjpegxl.set_num_threads(1)  # frames are read side by side
    return pyjpegxl
