"""TIFF: one picture per file, or one of several, through tifffile and imagecodecs."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from focusstack.ifd import ORIENTATION, Buffer
from focusstack.model import Metadata, Pixels
from focusstack.steps.read.exif_block import descriptive_exif
from focusstack.steps.read.header import Header, without_alpha
from focusstack.steps.read.problem import BadPicture, cut_off, damaged
from focusstack.steps.read.tiff_pages import opened, page_of, understood

_XMP, _ICC, _IPTC, _RESOURCES = 700, 34675, 33723, 34377
_JPEG_IN_TIFF = 7
_PHOTOMETRIC = {0: 1, 1: 1, 2: 3, 6: 3}
_REFUSED = {
    3: ("has a palette", "convert it to RGB"),
    4: ("is a transparency mask", "leave it out"),
    5: ("is a CMYK TIFF", "convert it to RGB"),
    8: ("is a Lab TIFF", "convert it to RGB"),
}
# Resampling in other programs leaves ripples beyond 0..1; counts or metres are far outside.
_OVERSHOOT = 0.5
_DEPTHS = {("uint", 8): np.uint8, ("uint", 16): np.uint16, ("float", 32): np.float32}


def describe(data: Buffer, number: int | None = None) -> Header:
    """Read the tags of the one picture in the file, or of one of several by its number."""
    with understood(), opened(data) as tiff:
        return _header(page_of(tiff, number).tags, data)


def _header(page: Any, data: Buffer) -> Header:
    channels, alpha = _channels(page)
    _check_extent(page, len(data))
    tags = page.tags
    orientation = int(tags.valueof(ORIENTATION, 1))
    metadata = Metadata(
        descriptive_exif(data, page.offset),
        bytes(tags.valueof(_ICC, b"")),
        bytes(tags.valueof(_XMP, b"")),
        _resources(page),
    )
    return Header(
        page.imagewidth,
        page.imagelength,
        channels,
        _dtype(page),
        orientation if 1 <= orientation <= 8 else 1,
        alpha,
        metadata,
    )


def _resources(page: Any) -> bytes:
    """Photoshop's resources; IPTC that comes without them as one of them."""
    resources = page.tags.valueof(_RESOURCES, b"")
    iptc = page.tags.valueof(_IPTC, b"")
    if isinstance(resources, bytes) and resources:
        return resources
    if isinstance(iptc, tuple):  # some programs write its bytes as 32-bit numbers
        iptc = struct.pack(f"{page.parent.byteorder}{len(iptc)}I", *iptc)
    if not isinstance(iptc, bytes) or not iptc:
        return b""
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)


def _channels(page: Any) -> tuple[int, bool]:
    kind = int(page.photometric)
    unpacked_ycbcr = kind == 6 and int(page.compression) != _JPEG_IN_TIFF
    if kind not in _PHOTOMETRIC or unpacked_ycbcr:
        reason, hint = _REFUSED.get(kind, ("has colours that are not read here", "convert to RGB"))
        raise BadPicture(reason, hint)
    channels, samples = _PHOTOMETRIC[kind], int(page.samplesperpixel)
    if not 0 <= samples - channels <= 1 or page.imagedepth > 1:
        raise BadPicture(f"has {samples} channels", "save it as grey or RGB, one picture per file")
    return channels, samples > channels


def _dtype(page: Any) -> np.dtype[Any]:
    kind = {1: "uint", 2: "int", 3: "float"}.get(int(page.sampleformat), "unknown")
    bits = int(page.bitspersample)
    if (kind, bits) not in _DEPTHS:
        raise BadPicture(f"has {bits}-bit {kind} samples", "save it with 8 or 16 bits per channel")
    return np.dtype(_DEPTHS[kind, bits])


def _check_extent(page: Any, size: int) -> None:
    """Refuse missing strips, which decoders fill with zeros, and strips beyond the end."""
    offsets, counts = page.dataoffsets, page.databytecounts
    if not counts or not all(counts):
        raise damaged("a part of the picture is missing")
    if max(offset + count for offset, count in zip(offsets, counts, strict=False)) > size:
        raise cut_off()


def decode(data: Buffer, header: Header, number: int | None = None) -> Pixels:
    """Decode all pixels; MINISWHITE comes out with white as the largest value."""
    import imagecodecs
    import tifffile

    with understood(), opened(data) as tiff:
        found = page_of(tiff, number)
        page = found.tags
        try:
            pixels = found.pixels(data)
        except imagecodecs.DelayedImportError as error:
            raise damaged(error) from error
        if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE and pixels.ndim == 3:
            pixels = np.moveaxis(pixels, 0, 2)
        if int(page.photometric) == 0:
            white = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
            pixels = white - pixels
    pixels = without_alpha(pixels, header)
    if pixels.dtype.kind == "f":
        _check_range(pixels)
    return pixels


def _check_range(pixels: Pixels) -> None:
    low, high = float(pixels.min()), float(pixels.max())
    if not np.isfinite([low, high]).all():
        hint = "replace them, by their neighbours say, before stacking"
        raise BadPicture("holds pixels that are no numbers (NaN) or infinite", hint)
    if not (low >= -_OVERSHOOT and high <= 1 + _OVERSHOOT):
        raise BadPicture(
            f"holds float values from {low:.4g} to {high:.4g}", "scale them to 0..1 first"
        )
