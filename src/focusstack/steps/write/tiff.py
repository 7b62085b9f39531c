"""TIFF, 8 or 16 bits or float32, losslessly compressed; metadata as tags."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from focusstack import ifd
from focusstack.model import Metadata, Pixels
from focusstack.packing import Compression
from focusstack.steps.write.resources import iptc, only_iptc

_SCHEMES = {"deflate": "adobe_deflate", "zstd": "zstd", "lzw": "lzw", "none": None}
_POINTER = 13
_XMP, _IPTC, _RESOURCES = 700, 33723, 34377
# Rows are compressed in strips of about this many bytes; a common compromise of size and access.
_STRIP_BYTES = 1 << 18
# Noisy pixels may take more room compressed than plain; offsets of classic TIFF end at 4 GiB.
_CLASSIC_BYTES = 4_000_000_000


def write(
    path: Path,
    pixels: Pixels,
    metadata: Metadata,
    compression: Compression = "deflate",
    more_tags: Sequence[Any] = (),
) -> list[str]:
    """Write pixels (H, W, 1 or 3) into an existing empty file; returns warnings.

    Deflate, which other programs read widely, at the quickest level for 16 bits, where more effort
    gains nothing; Zstandard is quicker, LZW older; all with a predictor. BigTIFF where a classic
    one might not hold the pixels. EXIF goes into the first directory and into Exif, GPS and
    interoperability directories that are put behind the pixels.
    """
    import tifffile

    order = order_for(metadata)
    grey = pixels.shape[2] == 1
    row_bytes = pixels.strides[0] if pixels.flags.c_contiguous else pixels[0].nbytes
    tifffile.imwrite(
        path,
        pixels[:, :, 0] if grey else pixels,
        byteorder=order,
        bigtiff=pixels.nbytes > _CLASSIC_BYTES,
        photometric="minisblack" if grey else "rgb",
        compression=_SCHEMES[compression],
        compressionargs=_effort(compression, pixels),
        predictor=compression != "none",
        rowsperstrip=max(1, _STRIP_BYTES // row_bytes),
        metadata=None,
        software=False,
        iccprofile=metadata.icc or None,
        extratags=[*metadata_tags(metadata), *more_tags],
        maxworkers=1,
    )
    if not metadata.exif:
        return []
    with path.open("r+b") as file:
        return append_exif(file, metadata.exif, order)


def order_for(metadata: Metadata) -> str:
    """The byte order of a TIFF: that of its EXIF, whose maker notes could not be turned."""
    return ifd.byte_order(metadata.exif) or "<"


def _effort(compression: Compression, pixels: Pixels) -> dict[str, int] | None:
    if compression == "deflate":
        return {"level": 1 if pixels.itemsize == 2 else 6}
    return {"level": 3} if compression == "zstd" else None


def metadata_tags(metadata: Metadata) -> list[tuple[Any, ...]]:
    """XMP and IPTC, as tifffile takes tags."""
    resources = metadata.resources
    blocks = (
        (_XMP, ifd.BYTE, metadata.xmp),
        (_IPTC, ifd.UNDEFINED, iptc(resources)),
        (_RESOURCES, ifd.BYTE, b"" if only_iptc(resources) else resources),
    )
    return [(tag, kind, len(block), block, True) for tag, kind, block in blocks if block]


def append_exif(file: BinaryIO, exif: bytes, order: str) -> list[str]:
    """Write the file's directory anew at its end, together with what the EXIF block holds."""
    head = file.read(8)
    if ifd.byte_order(head) is None:
        return ["the TIFF is larger than 4 GB: EXIF was left out"]
    own = ifd.parse(_FileBuffer(file), ifd.first_offset(head, order), order)[0]
    own = {tag: _plain(entry) for tag, entry in own.items()}
    described = ifd.parse(exif, ifd.first_offset(exif, order), order)[0]
    end = file.seek(0, 2)
    base = end + end % 2
    copies, described = ifd.relocate(exif, described, order, base)
    merged = own | {tag: entry for tag, entry in described.items() if tag in ifd.DESCRIPTIVE}
    start = base + len(copies)
    file.write(b"\0" * (end % 2) + copies + ifd.serialise(merged, order, start))
    file.seek(4)
    file.write(struct.pack(order + "I", start))
    return []


def _plain(entry: ifd.Entry) -> ifd.Entry:
    """Pointers to directories as plain numbers, which is what older programs know."""
    return replace(entry, kind=ifd.LONG) if entry.kind == _POINTER else entry


class _FileBuffer:
    """An open file that is sliced like bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, where: slice, /) -> bytes:
        start, stop, _ = where.indices(self._size)
        self._file.seek(start)
        return self._file.read(max(stop - start, 0))
