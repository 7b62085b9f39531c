"""The fused image as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from focusstack.delivery import AS_IT_IS, Delivery
from focusstack.errors import OutputError, RecipeError
from focusstack.model import Metadata, Pixels
from focusstack.packing import Compression
from focusstack.steps.write import avif, dng, jpeg, png, tiff, webp
from focusstack.steps.write.atomic import atomic_file
from focusstack.steps.write.check import check_extension
from focusstack.steps.write.metadata import for_picture, profile_fits
from focusstack.steps.write.private import without_gps
from focusstack.steps.write.profiles import converted
from focusstack.steps.write.resize import resized

_MAX_SIDE = {
    ".jpg": jpeg.MAX_SIDE,
    ".jpeg": jpeg.MAX_SIDE,
    ".webp": webp.MAX_SIDE,
    ".avif": avif.MAX_SIDE,
}
_DTYPES = {
    ".png": ("uint8", "uint16"),
    ".tif": ("uint8", "uint16", "float32"),
    ".tiff": ("uint8", "uint16", "float32"),
    ".dng": ("uint16",),
}


def write_picture(
    path: Path | str,
    pixels: Pixels,
    metadata: Metadata,
    *,
    quality: int = 95,
    compression: Compression = "deflate",
    overwrite: bool = False,
    facts: Mapping[str, str] | None = None,
    records: Sequence[str] = (),
    delivery: Delivery = AS_IT_IS,
) -> list[str]:
    """Write the fused image, at its own bit depth where the format can.

    Parameters
    ----------
    path : path
        ``.jpg``, ``.jpeg``, ``.png``, ``.tif``, ``.tiff``, ``.webp``, ``.avif`` or, of RAW frames,
        ``.dng``; its folder must exist.
    pixels : (H, W, C) uint8, uint16, or float32 in 0..1
        C is 1 or 3 (RGB). Not changed.
    metadata : Metadata
        Of the reference frame; orientation, dimensions, software and thumbnail are corrected.
    quality : int
        Of JPEG, WebP and AVIF, 1..100.
    compression : {"deflate", "zstd", "lzw", "none"}
        Of TIFF; all are lossless.
    overwrite : bool
        Whether an existing file may be replaced.
    facts : mapping of str to str, optional
        About the stack, added to the metadata.
    records : sequence of str
        How the picture was made, as :func:`focusstack.provenance.pack` gives it: the fullest that
        there is room for is kept.
    delivery : Delivery
        Its size and colour space in the file, and what of the metadata goes into it.

    Returns
    -------
    list of str
        Warnings, for example that 16 bits were rounded to 8.

    Raises
    ------
    OutputExists, UnknownFormat, OutputError
        Nothing was written then.
    RecipeError
        If the quality is out of range.

    Notes
    -----
    Needs memory for one encoded copy of the picture, and for a converted one where it is rounded.
    """
    path = Path(path)
    if not 1 <= quality <= 100:
        raise RecipeError(f"quality is {quality}", "use 1 to 100")
    extension = check_extension(path, "picture")
    pixels, metadata, changed = _delivered(path, pixels, metadata, delivery)
    _check_size(path, pixels, extension)
    stored, warnings = _as_storable(path, pixels, extension)
    room = jpeg.XMP_ROOM if extension in (".jpg", ".jpeg") else None
    if delivery.metadata == "none":
        kept, lost = Metadata(icc=metadata.icc), changed
    else:
        kept, lost = for_picture(metadata, stored, facts or {}, records, room)
        lost = changed + lost
    with atomic_file(path, overwrite) as temporary:
        if extension in (".tif", ".tiff"):
            more = tiff.write(temporary, stored, kept, compression)
        elif extension == ".dng":
            more = dng.write(temporary, stored, replace(kept, camera=metadata.camera))
        else:
            more = _encode(temporary, stored, kept, extension, quality)
    return warnings + [f"{path}: {warning}" for warning in lost + more]


def _delivered(
    path: Path, pixels: Pixels, metadata: Metadata, delivery: Delivery
) -> tuple[Pixels, Metadata, list[str]]:
    """The picture and its metadata as they are handed over, and warnings."""
    if delivery.colour != "keep" and path.suffix.lower() == ".dng":
        raise OutputError(f"{path}: a .dng keeps its colour space", "write a .tif")
    height, width = pixels.shape[:2]
    pixels = resized(pixels, delivery.size_of(width, height), metadata.icc)
    pixels, icc, warnings = converted(pixels, metadata, delivery.colour)
    if not profile_fits(icc, pixels.shape[2]):
        warnings.append("the reference frame's colour profile is for other channels, left out")
        icc = b""
    if delivery.metadata == "nogps":
        metadata = without_gps(metadata)
    return pixels, replace(metadata, icc=icc), warnings


def _check_size(path: Path, pixels: Pixels, extension: str) -> None:
    limit = _MAX_SIDE.get(extension)
    if limit is not None and max(pixels.shape[:2]) > limit:
        raise OutputError(
            f"{path}: {pixels.shape[1]} x {pixels.shape[0]} pixels are more than {extension[1:]}"
            f" files hold ({limit} a side)",
            "write a .tif or .png",
        )


def _as_storable(path: Path, pixels: Pixels, extension: str) -> tuple[Pixels, list[str]]:
    """The pixels in a type that the format holds, and a warning where they were rounded."""
    allowed = _DTYPES.get(extension, ("uint8",))
    warnings = []
    if pixels.dtype.name not in allowed:
        bits = 8 * np.dtype(allowed[-1]).itemsize
        source = "float" if pixels.dtype.kind == "f" else "16-bit"
        warnings.append(f"{path} holds {bits} bits: the {source} frames were rounded")
        pixels = _rounded(pixels, np.dtype(allowed[-1]))
    if extension == ".webp" and pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return pixels, warnings


def _rounded(pixels: Pixels, dtype: np.dtype[np.unsignedinteger]) -> Pixels:
    """Round uint16 to uint8, or float32 in 0..1 to either, row by row to save memory."""
    rounded = np.empty(pixels.shape, dtype)
    full = np.iinfo(dtype).max
    for source, target in zip(pixels, rounded, strict=True):
        if pixels.dtype.kind == "f":
            target[...] = np.rint(np.clip(np.nan_to_num(source), 0, 1) * full)
        else:
            target[...] = (source.astype(np.uint32) * 255 + 32767) // 65535
    return rounded


def _encode(
    path: Path, pixels: Pixels, metadata: Metadata, extension: str, quality: int
) -> list[str]:
    warnings: list[str] = []
    if extension not in (".jpg", ".jpeg") and metadata.resources:
        warnings.append(f"{extension[1:]} files have no place for IPTC, which was left out")
    if extension == ".png":
        data = png.encode(pixels, metadata)
    elif extension == ".webp":
        data = webp.encode(pixels, metadata, quality)
    elif extension == ".avif":
        data = avif.encode(pixels, metadata, quality)
    else:
        data, warnings = jpeg.encode(pixels, metadata, quality)
    path.write_bytes(data)
    return warnings
