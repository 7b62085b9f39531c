"""AVIF, 8, 10 or 12 bits: the header through Pillow, pixels through libavif."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from focusstack.ifd import Buffer
from focusstack.model import Metadata, Pixels
from focusstack.steps.read.header import Header, exif_orientation, without_alpha
from focusstack.steps.read.heif import RAISED, spread
from focusstack.steps.read.problem import damaged

_SEARCHED = 1 << 16
_HIGH, _TWELVE = 0x40, 0x20


def describe(data: Buffer) -> Header:
    """Read an AVIF file's boxes. Turning that the container asks for comes as EXIF orientation."""
    picture = _opened(data)
    exif = picture.info.get("exif", b"").removeprefix(b"Exif\0\0")
    metadata = Metadata(
        exif, picture.info.get("icc_profile") or b"", picture.info.get("xmp") or b""
    )
    dtype = np.dtype(np.uint8 if _bits(data) == 8 else np.uint16)
    width, height = picture.size
    alpha = picture.mode.endswith("A")
    return Header(width, height, 3, dtype, exif_orientation(exif), alpha, metadata)


def decode(data: Buffer, header: Header) -> Pixels:
    """Decode all pixels; 10 and 12 bits are spread over 16, so that white is white."""
    import imagecodecs

    try:
        pixels = np.asarray(imagecodecs.avif_decode(data[:]))
    except (imagecodecs.AvifError, ValueError) as error:
        raise damaged(error) from error
    if pixels.ndim == 2 or pixels.shape[2] < 3:
        grey = pixels if pixels.ndim == 2 else pixels[..., 0]
        pixels = np.repeat(grey[..., None], 3, axis=2)
    pixels = without_alpha(pixels, header)
    return spread(pixels, _bits(data)) if pixels.dtype == np.uint16 else pixels


def _bits(data: Buffer) -> int:
    """Bits per channel, from the codec's configuration."""
    head = bytes(data[:_SEARCHED])
    at = head.find(b"av1C") + 4
    flags = head[at + 2] if 4 <= at < len(head) - 2 else 0
    return 8 if not flags & _HIGH else 12 if flags & _TWELVE else 10


def _opened(data: Buffer) -> Any:
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(io.BytesIO(data[:]), formats=["AVIF"])
    except (UnidentifiedImageError, *RAISED) as error:
        raise damaged(error) from error
    except Image.DecompressionBombError as error:
        raise damaged("it says that it has too many pixels") from error
