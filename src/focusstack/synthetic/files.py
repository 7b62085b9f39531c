"""A synthetic stack as picture files, as a camera would have left them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from focusstack.errors import OutputError, UnknownFormat
from focusstack.model import Pixels
from focusstack.synthetic.stack import SyntheticStack

_SUFFIXES = {"jpg": ".jpg", "jpeg": ".jpg", "png": ".png", "tif": ".tif", "tiff": ".tif"}


@dataclass(frozen=True)
class Exposure:
    """What a camera notes about a picture; ``iso`` and ``taken`` are left out where not known."""

    seconds: float
    iso: int | None = None
    taken: datetime | None = None


def write_frame(path: Path, pixels: Pixels, exposure: Exposure, quality: int = 92) -> None:
    """Write one picture, uint8 (H, W, 1 or 3), as JPEG with EXIF."""
    _put(path, _jpeg(pixels, quality, exposure))


def write_stack(
    stack: SyntheticStack, folder: str | Path, format: str = "jpg", quality: int = 95
) -> list[Path]:
    """Write all frames as ``frame_00.jpg``, ``frame_01.jpg`` ... and return their paths in order.

    Parameters
    ----------
    stack : SyntheticStack
    folder : str or Path
        Made if need be; files of the same name are replaced, others left alone.
    format : {"jpg", "png", "tif"}
        JPEGs carry EXIF data as from a camera; 16-bit stacks need png or tif.
    quality : int
        JPEG quality, 1..100.

    Raises
    ------
    UnknownFormat
        If there is no such format, or it cannot hold 16 bits.
    OutputError
        If a file cannot be written. None is left half written.
    """
    suffix = _SUFFIXES.get(format.lower().lstrip("."))
    if suffix is None:
        raise UnknownFormat(f"cannot write frames as {format!r}", "use jpg, png or tif")
    if suffix == ".jpg" and stack.sensor.bits == 16:
        raise UnknownFormat("JPEG holds 8 bits, the frames have 16", "use png or tif")
    folder = Path(folder)
    digits = max(2, len(str(len(stack) - 1)))
    paths = []
    for index, pixels in enumerate(stack.frames()):
        path = folder / f"frame_{index:0{digits}d}{suffix}"
        _put(path, _encoded(pixels, suffix, quality, float(stack.truth.gains[index].mean())))
        paths.append(path)
    return paths


def _put(path: Path, data: bytes) -> None:
    scratch = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(data)
        scratch.replace(path)
    except OSError as error:
        with suppress(OSError):
            scratch.unlink()
        raise OutputError(
            f"{path}: cannot be written: {error.strerror}", "choose another folder"
        ) from error


def _encoded(pixels: Pixels, suffix: str, quality: int, exposure: float) -> bytes:
    if suffix == ".jpg":
        return _jpeg(pixels, quality, Exposure(round(exposure * 10000) / 1250000))
    if suffix == ".png":
        return _png(pixels)
    return _tiff(pixels)


def _jpeg(pixels: Pixels, quality: int, exposure: Exposure) -> bytes:
    import simplejpeg

    space = "GRAY" if pixels.shape[2] == 1 else "RGB"
    data: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality, space, "GRAY" if space == "GRAY" else "444"
    )
    exif = b"Exif\0\0" + _exif(exposure)
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    return data[:2] + segment + data[2:]


def _png(pixels: Pixels) -> bytes:
    import cv2

    done, data = cv2.imencode(".png", pixels[..., ::-1])
    if not done:
        raise OutputError("a frame could not be encoded as PNG")
    return bytes(data)


def _tiff(pixels: Pixels) -> bytes:
    from io import BytesIO

    import tifffile

    out = BytesIO()
    colour = pixels.shape[2] == 3
    tifffile.imwrite(
        out,
        pixels if colour else pixels[..., 0],
        photometric="rgb" if colour else "minisblack",
        compression="zlib",
        metadata=None,
    )
    return out.getvalue()


def _exif(exposure: Exposure) -> bytes:
    """A TIFF block with what a camera says about a macro exposure."""
    from PIL import ExifTags, Image
    from PIL.TiffImagePlugin import IFDRational

    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "focusstack"
    exif[ExifTags.Base.Model] = "focusstack synthetic"
    exif[ExifTags.Base.Orientation] = 1
    details = exif.get_ifd(ExifTags.IFD.Exif)
    if exposure.taken is not None:
        details[ExifTags.Base.DateTimeOriginal] = exposure.taken.strftime("%Y:%m:%d %H:%M:%S")
    if exposure.iso is not None:
        details[ExifTags.Base.ISOSpeedRatings] = exposure.iso
    details[ExifTags.Base.ExposureTime] = IFDRational(round(exposure.seconds * 1250000), 1250000)
    details[ExifTags.Base.FNumber] = IFDRational(28, 10)
    details[ExifTags.Base.FocalLength] = IFDRational(60, 1)
    return exif.tobytes()[len(b"Exif\0\0") :]
