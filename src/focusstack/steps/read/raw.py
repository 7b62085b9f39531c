"""Camera RAW, developed by LibRaw (extra ``raw``) in the same way for all frames of a stack.

White balance, levels and brightness must not differ between frames, or what is fused would flicker.
So nothing is chosen by what a frame shows: the white balance is the one that the camera noted in
the stack's first frame, or daylight; black and white are those of that frame, white being the
sensor's full scale; and no frame is brightened.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from focusstack.colour import XYZ_FROM_SRGB
from focusstack.ifd import Buffer, Directory, byte_order, first_offset, parse, values
from focusstack.model import CameraColour, Metadata, Pixels
from focusstack.steps.read.header import Header, without_alpha
from focusstack.steps.read.problem import BadPicture, damaged
from focusstack.steps.read.raw_exif import raw_exif

_COLOUR_FILTER, _LINEAR_RAW = 32803, 34892
_MAKE, _MODEL, _XMP = 271, 272, 700
_PHOTOMETRIC, _SUB_IFDS, _DNG_VERSION = 262, 330, 50706
_MOST_SUB_IFDS = 16
_ORIENTATION = {0: 1, 3: 3, 5: 8, 6: 6}
"""From how LibRaw says that a picture is turned to EXIF."""
_PREVIEW_SIDE = 900
"""Smaller pictures show too little to judge by."""
_GAMMAS = {"srgb": (2.4, 12.92), "adobe": (563 / 256, 0.0), "prophoto": (1.8, 0.0)}
"""Power, and slope of a straight part, as LibRaw takes them."""
_PROPHOTO = (0.7347, 0.2653, 1.0, 0.1596, 0.8404, 1.0, 0.0366, 0.0001, 1.0)
_DAYLIGHT = 21
_MATRICES = ((50779, 50722), (50778, 50721), (0, 50721))
"""Tags of calibration illuminants and of their colour matrices; the last if none is daylight."""
_D50 = (0.3457, 0.3585, 1.0)


@dataclass(frozen=True)
class Wishes:
    """How RAW is to be developed; fields as those of :class:`~focusstack.recipe.Recipe`."""

    highlights: str = "clip"
    colour: str = "srgb"
    white: str = "camera"


@dataclass(frozen=True)
class Development:
    """What is the same for all frames.

    ``white_balance`` has multipliers of red, green, blue and the second green; ``blacks`` and
    ``full`` are the sensor's levels; ``matrix`` leads from XYZ to the camera's colours.
    """

    white_balance: tuple[float, ...]
    blacks: tuple[int, ...]
    full: int
    matrix: tuple[float, ...]
    wishes: Wishes

    @property
    def camera(self) -> CameraColour:
        """What leads back from the developed picture."""
        red, green, blue, _ = self.white_balance
        return CameraColour(self.matrix, (red, green, blue), self.wishes.colour)


@lru_cache
def profile_of(colour: str) -> bytes:
    """The ICC profile of a colour space; none for sRGB, which is what pictures are without one."""
    import imagecodecs

    if colour == "srgb":
        return b""
    if colour == "adobe":
        return bytes(imagecodecs.cms_profile("adobergb"))
    made = imagecodecs.cms_profile("rgb", whitepoint=_D50, primaries=_PROPHOTO, gamma=1.8)
    return bytes(made)


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


def describe(data: Buffer, colour: str = "srgb") -> Header:
    """Read a RAW file's header; it is to be developed to that colour space."""
    with _opened(data) as raw:
        sizes = raw.sizes
        exif = raw_exif(data)
        xmp = _xmp(data)
        return Header(
            sizes.width,
            sizes.height,
            3,
            np.dtype(np.uint16),
            _ORIENTATION.get(sizes.flip, 1),
            metadata=Metadata(exif, profile_of(colour), xmp),
            camera=_camera(exif),
        )


def _xmp(data: Buffer) -> bytes:
    order = byte_order(data)
    directory = parse(data, first_offset(data, order), order)[0] if order else {}
    return directory[_XMP].value if _XMP in directory else b""


def _camera(exif: bytes) -> str:
    """Maker and model, where the file says so in a way that is read here."""
    order = byte_order(exif)
    if order is None:
        return ""
    directory = parse(exif, first_offset(exif, order), order)[0]
    named = (directory[tag].value for tag in (_MAKE, _MODEL) if tag in directory)
    return " ".join(value.rstrip(b"\0 ").decode("ascii", "replace") for value in named)


def development(data: Buffer, wishes: Wishes) -> Development:
    """How the stack is developed, by its first frame."""
    with _opened(data) as raw:
        noted = [float(v) for v in raw.camera_whitebalance]
        if wishes.white == "daylight" or not noted[0] > 0:  # or the camera noted none
            noted = [float(v) for v in raw.daylight_whitebalance]
        red, green, blue, second = (noted + [0.0] * 4)[:4]
        balance = red, green, blue, second if second > 0 else green
        return Development(balance, *_levels(raw), _matrix(data, raw), wishes)


def _matrix(data: Buffer, raw: Any) -> tuple[float, ...]:
    """That of the file, or the one that LibRaw knows; a camera that sees as sRGB where there is
    none."""
    known = tuple(float(v) for v in np.asarray(raw.rgb_xyz_matrix)[:3].ravel())
    for found in (_dng_matrix(data), known):
        if len(found) == 9 and abs(np.linalg.det(np.reshape(found, (3, 3)))) > 1e-6:
            return found
    return tuple(np.linalg.inv(XYZ_FROM_SRGB).ravel().tolist())


def _dng_matrix(data: Buffer) -> tuple[float, ...]:
    """The colour matrix of a DNG, for daylight if there are two."""
    order = byte_order(data)
    if order is None:
        return ()
    directory, _ = parse(data, first_offset(data, order), order)
    for illuminant, tag in _MATRICES:
        entry = directory.get(tag)
        daylight = illuminant == 0 or values(directory, illuminant, order)[:1] == (_DAYLIGHT,)
        if daylight and entry is not None and (entry.kind, entry.count) == (10, 9):
            parts = np.frombuffer(entry.value, f"{order}i4")
            over, under = parts.reshape(9, 2).T.astype(float)
            return tuple((over / np.where(under == 0, np.inf, under)).tolist())
    return ()


def _levels(raw: Any) -> tuple[tuple[int, ...], int]:
    return tuple(int(v) for v in raw.black_level_per_channel), int(raw.white_level)


def decode(data: Buffer, header: Header, how: Development) -> Pixels:
    """Develop a frame: sRGB, 16 bits, as stored."""
    with _opened(data) as raw:
        return without_alpha(_developed(raw, how, half=False), header)


def preview(data: Buffer) -> Pixels | None:
    """The camera's own picture, uint8 (H, W, 3), if the file holds one as JPEG; reduced like that
    of :func:`decode_half` or further, and not turned upright."""
    import rawpy
    import simplejpeg

    with _opened(data) as raw:
        try:
            found = raw.extract_thumb()
        except rawpy.LibRawError:
            return None
    if found.format != rawpy.ThumbFormat.JPEG:
        return None
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(found.data, min_width=_PREVIEW_SIDE)
    except ValueError:
        return None
    return pixels if max(pixels.shape[:2]) >= _PREVIEW_SIDE else None


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

    spaces, modes = rawpy.ColorSpace, rawpy.HighlightMode
    colour = {"srgb": spaces.sRGB, "adobe": spaces.Adobe, "prophoto": spaces.ProPhoto}
    highlights = {
        "clip": modes.Clip,
        "blend": modes.Blend,
        "rebuild": modes.ReconstructDefault,
    }
    blacks, full = _levels(raw)
    black = round(sum(how.blacks) / len(how.blacks))
    levels = {"user_black": black, "user_sat": how.full - black}  # LibRaw counts it from black
    pixels: Pixels = raw.postprocess(
        half_size=half,
        user_wb=list(how.white_balance),
        output_color=colour[how.wishes.colour],
        output_bps=16,
        gamma=_GAMMAS[how.wishes.colour],
        no_auto_bright=True,
        adjust_maximum_thr=0.0,  # else white would depend on the brightest pixel
        highlight_mode=highlights[how.wishes.highlights],
        user_flip=0,
        **({} if (blacks, full) == (how.blacks, how.full) else levels),
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
