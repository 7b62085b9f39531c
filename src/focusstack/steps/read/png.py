"""PNG: chunks parsed here, pixels through libpng with all their bits."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np

from focusstack.ifd import Buffer
from focusstack.model import Metadata, Pixels
from focusstack.steps.read.header import Header, exif_orientation, without_alpha
from focusstack.steps.read.problem import cut_off, damaged

_XMP = b"XML:com.adobe.xmp"
_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 1, 6: 3}
_WITH_ALPHA = (4, 6)
# A profile or packet that inflates to more than this is an attack or an accident.
_MAX_INFLATED = 1 << 24


def describe(data: Buffer) -> Header:
    """Read a PNG's chunks, all but the pixels."""
    size = b""
    exif, icc, xmp, alpha = b"", b"", b"", False
    for name, start, end in _chunks(data):
        if name == b"IHDR":
            size = bytes(data[start:end])
        elif name == b"eXIf":
            exif = bytes(data[start:end]).removeprefix(b"Exif\0\0")
        elif name == b"iCCP":
            icc = _profile(bytes(data[start:end]))
        elif name == b"iTXt" and not xmp:
            xmp = _packet(bytes(data[start:end]))
        alpha = alpha or name == b"tRNS"
    if len(size) != 13:
        raise damaged("the PNG header is missing")
    width, height, depth, colour = struct.unpack(">IIBB", size[:10])
    if colour not in _CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise damaged("the PNG header makes no sense")
    return Header(
        width,
        height,
        _CHANNELS[colour],
        np.dtype(np.uint16 if depth == 16 else np.uint8),
        exif_orientation(exif),
        alpha or colour in _WITH_ALPHA,
        Metadata(exif, icc, xmp),
    )


def _chunks(data: Buffer) -> Iterator[tuple[bytes, int, int]]:
    at = 8
    while True:
        head = bytes(data[at : at + 8])
        if len(head) < 8:
            raise cut_off()
        length, name = struct.unpack(">I4s", head)
        end = at + 8 + length
        if end + 4 > len(data):
            raise cut_off()
        if name == b"IEND":
            return
        yield name, at + 8, end
        at = end + 4


def _profile(chunk: bytes) -> bytes:
    name, _, rest = chunk.partition(b"\0")
    return _inflate(rest[1:]) if name else b""


def _packet(chunk: bytes) -> bytes:
    keyword, _, rest = chunk.partition(b"\0")
    if keyword != _XMP or len(rest) < 2:
        return b""
    compressed = rest[0] == 1
    text = rest[2:].split(b"\0", 2)[-1]
    return _inflate(text) if compressed else text


def _inflate(data: bytes) -> bytes:
    """Inflate what describes the picture; b"" when it is broken, for the pixels are not."""
    engine = zlib.decompressobj()
    try:
        inflated = engine.decompress(data, _MAX_INFLATED)
    except zlib.error:
        return b""
    return inflated if engine.eof else b""


def decode(data: Buffer, header: Header) -> Pixels:
    """Decode all pixels; palettes become RGB, grey of 1, 2 or 4 bits becomes 8 bits."""
    import imagecodecs

    try:
        pixels = imagecodecs.png_decode(data[:])
    except imagecodecs.PngError as error:
        raise damaged(error) from error
    return without_alpha(pixels, header)
