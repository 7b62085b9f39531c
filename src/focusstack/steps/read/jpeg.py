"""JPEG: header segments parsed here, pixels through simplejpeg."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from focusstack.ifd import Buffer
from focusstack.model import Metadata, Pixels
from focusstack.steps.read.header import Header, exif_orientation, without_alpha
from focusstack.steps.read.problem import BadPicture, cut_off, damaged

_EXIF = b"Exif\0\0"
_ICC = b"ICC_PROFILE\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_RESOURCES = b"Photoshop 3.0\0"
_APP1, _APP2, _APP13, _SOS, _EOI = 0xE1, 0xE2, 0xED, 0xDA, 0xD9
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset(range(0xD0, 0xD9)) | {0x01}
# A few cameras leave bytes between the last scan and the end marker; nothing is missing then.
_HARMLESS = "extraneous bytes before marker 0xd9"
# Below this side length libjpeg's scaled sizes n/8 are too close together to pick one by size.
_MIN_SCALED_SIDE = 64


def describe(data: Buffer) -> Header:
    """Read a JPEG's header segments."""
    size: tuple[int, int, int] | None = None
    exif, xmp, icc, resources = b"", b"", {}, b""
    for marker, start, end in _segments(data):
        if marker in _START_OF_FRAME:
            size = _frame_size(bytes(data[start:end]))
        elif marker == _APP1:
            body = bytes(data[start:end])
            if body.startswith(_EXIF):
                exif = exif or body[len(_EXIF) :]
            elif body.startswith(_XMP):
                xmp = xmp or body[len(_XMP) :]
        elif marker == _APP2 and bytes(data[start : start + len(_ICC)]) == _ICC:
            part = bytes(data[start + len(_ICC) : end])
            icc[part[0]] = part[2:]
        elif marker == _APP13:
            body = bytes(data[start:end])
            resources += body[len(_RESOURCES) :] if body.startswith(_RESOURCES) else b""
    if size is None:
        raise cut_off()
    height, width, channels = size
    profile = b"".join(icc[number] for number in sorted(icc))
    return Header(
        width,
        height,
        channels,
        np.dtype(np.uint8),
        exif_orientation(exif),
        metadata=Metadata(exif, profile, xmp, resources),
    )


def _segments(data: Buffer) -> Iterator[tuple[int, int, int]]:
    at = 2
    while True:
        head = bytes(data[at : at + 4])
        if len(head) < 4:
            raise cut_off()
        if head[0] != 0xFF:
            raise damaged("a JPEG segment is missing")
        marker = head[1]
        if marker == 0xFF:
            at += 1
        elif marker in _STANDALONE:
            at += 2
        elif marker in (_SOS, _EOI):
            return
        else:
            end = at + 2 + struct.unpack(">H", head[2:])[0]
            if end > len(data):
                raise cut_off()
            yield marker, at + 4, end
            at = end


def _frame_size(segment: bytes) -> tuple[int, int, int]:
    precision, height, width, components = struct.unpack(">BHHB", segment[:6])
    if precision != 8:
        raise BadPicture(f"is a {precision}-bit JPEG", "export it as 16-bit TIFF or 8-bit JPEG")
    if components == 4:
        raise BadPicture("is a CMYK JPEG", "convert it to RGB")
    if components not in (1, 3):
        raise BadPicture(f"is a JPEG with {components} colour channels", "convert it to RGB")
    return height, width, components


def decode(data: Buffer, header: Header) -> Pixels:
    """Decode all pixels."""
    return without_alpha(_decode(data, header, 1), header)


def decode_reduced(data: Buffer, header: Header, scale: int) -> Pixels | None:
    """Decode at 1/scale through the DCT; None where libjpeg can't keep to the grid.

    Pixel x of the result is the area centred on ``x * scale + (scale - 1) / 2``.
    """
    if min(header.width, header.height) < _MIN_SCALED_SIDE:
        return None
    pixels = _decode(data, header, scale)
    expected = (-(-header.height // scale), -(-header.width // scale), header.channels)
    return pixels if pixels.shape == expected else None


def _decode(data: Buffer, header: Header, scale: int) -> Pixels:
    import simplejpeg

    options = {
        "colorspace": "gray" if header.channels == 1 else "rgb",
        "min_height": -(-header.height // scale),
        "min_width": -(-header.width // scale),
        "min_factor": scale,
    }
    whole = data[:]
    try:
        pixels = simplejpeg.decode_jpeg(whole, **options)
    except ValueError as error:
        if "remature end" in str(error):
            raise cut_off() from error
        if _HARMLESS not in str(error):
            raise damaged(error) from error
        pixels = simplejpeg.decode_jpeg(whole, strict=False, **options)
    return np.asarray(pixels)
