"""Camera RAW, developed by LibRaw (extra ``raw``) in the same way for all frames of a stack.

White balance, levels and brightness must not differ between frames, or what is fused would flicker.
So nothing is chosen by what a frame shows: the white balance is the one that the camera noted in
the stack's first frame, white is the sensor's full scale, and no frame is brightened.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from focusstack.ifd import Buffer, Directory, byte_order, first_offset, parse, values
from focusstack.model import Metadata, Pixels
from focusstack.steps.read.exif_block import descriptive_exif
from focusstack.steps.read.header import Header, without_alpha
from focusstack.steps.read.problem import BadPicture, damaged

EXTENSIONS = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq"}
    | {".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2"}
    | {".rwl", ".sr2", ".srf", ".srw", ".x3f"}
)
_COLOUR_FILTER, _LINEAR_RAW = 32803, 34892
_MAKE, _MODEL = 271, 272
_PHOTOMETRIC, _SUB_IFDS, _DNG_VERSION = 262, 330, 50706
_MOST_SUB_IFDS = 16
_ORIENTATION = {0: 1, 3: 3, 5: 8, 6: 6}
"""From how LibRaw says that a picture is turned to EXIF."""
_SRGB_GAMMA = (2.4, 12.92)


@dataclass(frozen=True)
class Development:
    """What is the same for all frames: multipliers of red, green, blue and the second green."""

    white_balance: tuple[float, ...]


def looks_raw(data: Buffer) -> bool:
    """Whether a file with a TIFF header is a camera's RAW: any directory holds sensor data."""
    order = byte_order(data)
    if order is None:
        return False
    if data[8:10] == b"CR":
        return True
    directory, _ = parse(data, first_offset(data, order), order)
    subs = values(directory, _SUB_IFDS, order)[:_MOST_SUB_IFDS]
    directories = [directory, *(parse(data, offset, order)[0] for offset in subs)]
    return _DNG_VERSION in directory or any(_is_sensor(d, order) for d in directories)


def _is_sensor(directory: Directory, order: str) -> bool:
    return bool({_COLOUR_FILTER, _LINEAR_RAW} & set(values(directory, _PHOTOMETRIC, order)))


def describe(data: Buffer) -> Header:
    """Read a RAW file's header."""
    with _opened(data) as raw:
        sizes = raw.sizes
        exif = descriptive_exif(data) if byte_order(data) else b""
        return Header(
            sizes.width,
            sizes.height,
            3,
            np.dtype(np.uint16),
            _ORIENTATION.get(sizes.flip, 1),
            metadata=Metadata(exif),
            camera=_camera(exif),
        )


def _camera(exif: bytes) -> str:
    """Maker and model, where the file says so in a way that is read here."""
    order = byte_order(exif)
    if order is None:
        return ""
    directory = parse(exif, first_offset(exif, order), order)[0]
    named = (directory[tag].value for tag in (_MAKE, _MODEL) if tag in directory)
    return " ".join(value.rstrip(b"\0 ").decode("ascii", "replace") for value in named)


def development(data: Buffer) -> Development:
    """How the stack is developed, by its first frame."""
    with _opened(data) as raw:
        noted = [float(v) for v in raw.camera_whitebalance]
        if not noted[0] > 0:  # the camera noted none
            noted = [float(v) for v in raw.daylight_whitebalance]
        red, green, blue, second = (noted + [0.0] * 4)[:4]
        return Development((red, green, blue, second if second > 0 else green))


def decode(data: Buffer, header: Header, how: Development) -> Pixels:
    """Develop a frame: sRGB, 16 bits, as stored."""
    with _opened(data) as raw:
        return without_alpha(_developed(raw, how, half=False), header)


def decode_half(data: Buffer, header: Header, how: Development) -> Pixels | None:
    """Develop a frame at half its size from 2 x 2 pixels each, without interpolating colours.

    None where the sensor's colours do not repeat every two pixels.
    """
    with _opened(data) as raw:
        if raw.raw_pattern is None or raw.raw_pattern.shape != (2, 2):
            return None
        pixels = _developed(raw, how, half=True)
    expected = (-(-header.height // 2), -(-header.width // 2))
    return pixels if pixels.shape[:2] == expected else None


def _developed(raw: Any, how: Development, half: bool) -> Pixels:
    import rawpy

    pixels: Pixels = raw.postprocess(
        half_size=half,
        user_wb=list(how.white_balance),
        output_color=rawpy.ColorSpace.sRGB,
        output_bps=16,
        gamma=_SRGB_GAMMA,
        no_auto_bright=True,
        adjust_maximum_thr=0.0,  # else white would depend on the brightest pixel
        highlight_mode=rawpy.HighlightMode.Clip,
        user_flip=0,
    )
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        pixels = np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    return pixels


@contextmanager
def _opened(data: Buffer) -> Iterator[Any]:
    """The file in LibRaw; what it complains of becomes a BadPicture."""
    try:
        import rawpy
    except ImportError as error:
        raise BadPicture(
            "is a raw file, which takes an extra to read",
            "pip install 'focusstack[raw]', or develop it to 16-bit TIFF first",
        ) from error
    from focusstack.steps.read.bytesource import as_file

    try:
        with rawpy.imread(as_file(data)) as raw:
            yield raw
    except rawpy.NotSupportedError as error:
        raise BadPicture(
            "is a raw file of a kind that LibRaw does not know", "develop it to 16-bit TIFF first"
        ) from error
    except rawpy.LibRawError as error:
        raise damaged(_said(error)) from error


def _said(error: Exception) -> str:
    """What LibRaw says, which comes as bytes."""
    first = error.args[0] if error.args else ""
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)
