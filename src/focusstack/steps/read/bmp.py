"""BMP: header parsed here, pixels through OpenCV."""

from __future__ import annotations

import struct

import numpy as np

from focusstack.ifd import Buffer
from focusstack.model import Pixels
from focusstack.steps.read.header import Header, without_alpha
from focusstack.steps.read.problem import BadPicture, cut_off, damaged

_UNCOMPRESSED = (0, 3)
_KNOWN = (0, 1, 2, 3)


def describe(data: Buffer) -> Header:
    """Read a BMP's header and palette."""
    head = bytes(data[0:70])
    if len(head) < 26:
        raise cut_off()
    offset, size = struct.unpack_from("<II", head, 10)
    if size == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", head, 18)
        compression = colours = 0
    elif len(head) >= 54 and size >= 40:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", head, 18)
        (colours,) = struct.unpack_from("<I", head, 46)
    else:
        raise damaged("the BMP header makes no sense")
    if compression not in _KNOWN:
        raise BadPicture("is a BMP that wraps another format", "convert it to PNG or TIFF")
    if compression in _UNCOMPRESSED and offset + _stride(width, bits) * abs(height) > len(data):
        raise cut_off()
    grey = bits <= 8 and _grey_palette(data, size, colours or 1 << bits)
    alpha = bits == 32 and size >= 56 and len(head) >= 70 and head[66:70] != b"\0\0\0\0"
    return Header(width, abs(height), 1 if grey else 3, np.dtype(np.uint8), 1, alpha)


def _stride(width: int, bits: int) -> int:
    return (width * bits + 31) // 32 * 4


def _grey_palette(data: Buffer, header_size: int, colours: int) -> bool:
    entry = 3 if header_size == 12 else 4
    start = 14 + header_size
    palette = np.frombuffer(bytes(data[start : start + min(colours, 256) * entry]), np.uint8)
    colour = palette[: palette.size // entry * entry].reshape(-1, entry)
    return bool((colour[:, 0] == colour[:, 1]).all() and (colour[:, 0] == colour[:, 2]).all())


def decode(data: Buffer, header: Header) -> Pixels:
    """Decode all pixels."""
    import cv2

    try:
        pixels = cv2.imdecode(np.frombuffer(data[:], np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error as error:
        raise damaged() from error
    if pixels is None:
        raise damaged()
    return without_alpha(pixels, header)
