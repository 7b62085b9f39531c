"""WebP: RIFF chunks parsed here, pixels through libwebp."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from focusstack.ifd import Buffer
from focusstack.model import Metadata, Pixels
from focusstack.steps.read.header import Header, exif_orientation, without_alpha
from focusstack.steps.read.problem import BadPicture, cut_off, damaged

_ALPHA_FLAG = 0x10


def describe(data: Buffer) -> Header:
    """Read a WebP's chunks, all but the pixels."""
    size: tuple[int, int] | None = None
    found = {b"EXIF": b"", b"ICCP": b"", b"XMP ": b""}
    alpha = False
    for name, start, end in _chunks(data):
        if name in (b"ANIM", b"ANMF"):
            raise BadPicture("is an animated WebP", "export its pictures as single files")
        if name == b"VP8X":
            alpha = bool(bytes(data[start : start + 1])[0] & _ALPHA_FLAG)
        elif name == b"VP8 ":
            size = _lossy_size(bytes(data[start : start + 10]))
        elif name == b"VP8L":
            size, alpha = _lossless_size(bytes(data[start : start + 5]))
        elif name in found:
            found[name] = bytes(data[start:end])
    if size is None:
        raise damaged("the WebP picture is missing")
    exif = found[b"EXIF"].removeprefix(b"Exif\0\0")
    return Header(
        *size,
        3,
        np.dtype(np.uint8),
        exif_orientation(exif),
        alpha,
        Metadata(exif, found[b"ICCP"], found[b"XMP "]),
    )


def _chunks(data: Buffer) -> Iterator[tuple[bytes, int, int]]:
    (size,) = struct.unpack("<I", bytes(data[4:8]))
    if size + 8 > len(data):
        raise cut_off()
    at = 12
    while at + 8 <= size + 8:
        name, length = struct.unpack("<4sI", bytes(data[at : at + 8]))
        end = at + 8 + length
        if end > len(data):
            raise cut_off()
        yield name, at + 8, end
        at = end + length % 2


def _lossy_size(head: bytes) -> tuple[int, int]:
    if len(head) < 10 or head[3:6] != b"\x9d\x01\x2a":
        raise damaged("the WebP header makes no sense")
    width, height = struct.unpack("<HH", head[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _lossless_size(head: bytes) -> tuple[tuple[int, int], bool]:
    if len(head) < 5 or head[0] != 0x2F:
        raise damaged("the WebP header makes no sense")
    (bits,) = struct.unpack("<I", head[1:5])
    return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1), bool(bits >> 28 & 1)


def decode(data: Buffer, header: Header) -> Pixels:
    """Decode all pixels."""
    import imagecodecs

    try:
        pixels = imagecodecs.webp_decode(data[:])
    except imagecodecs.WebpError as error:
        raise damaged(error) from error
    return without_alpha(pixels, header)
