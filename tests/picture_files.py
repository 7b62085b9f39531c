"""Small pictures, metadata blocks and damaged files for the tests of reading and writing."""

from __future__ import annotations

import io
import struct
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

MAKER_NOTE = b"Maker\0\x01\x02\x03" + bytes(range(200))


def scene(height=66, width=90, channels=3, dtype="uint8", seed=3):
    """A smooth picture without any symmetry, (height, width, channels)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    base = np.stack(
        [(x * (2 + c) + y * (3 - c)) / (3 * (height + width)) for c in range(channels)], 2
    )
    base[: height // 4, : width // 3] += 0.25
    base = np.clip(base + rng.normal(0, 0.002, base.shape), 0, 1)
    if dtype == "float32":
        return base.astype(np.float32)
    return np.rint(base * np.iinfo(dtype).max).astype(dtype)


def exif(orientation=1, thumbnail=False, size=(90, 66)):
    """An EXIF block with camera tags, a maker note and GPS, as Pillow writes it."""
    block = Image.Exif()
    block[271], block[272] = "Acme", "Lens-o-matic"
    block[274] = orientation
    block[305] = "Camera firmware 1.0"
    details = block.get_ifd(0x8769)
    details[33434] = (1, 125)
    details[37500] = MAKER_NOTE
    details[40962], details[40963] = size
    gps = block.get_ifd(0x8825)
    gps[1], gps[2] = "N", (48.0, 30.0, 0.0)
    data = block.tobytes().removeprefix(b"Exif\0\0")
    return with_thumbnail(data) if thumbnail else data


def with_thumbnail(block):
    """The block with a second directory that names a JPEG thumbnail at its end."""
    from focusstack import ifd

    order = ifd.byte_order(block)
    first, _ = ifd.parse(block, ifd.first_offset(block, order), order)
    base = len(block) + len(block) % 2
    moved = ifd.serialise(first, order, base, next_offset=1)
    second_at = base + len(moved)
    moved = ifd.serialise(first, order, base, next_offset=second_at)
    image = jpeg(scene(16, 16))
    second = {0x201: ifd.long_entry(0, order), 0x202: ifd.long_entry(len(image), order)}
    room = len(ifd.serialise(second, order, second_at))
    second[0x201] = ifd.long_entry(second_at + room, order)
    block = block.ljust(base, b"\0") + moved + ifd.serialise(second, order, second_at) + image
    return block[:4] + ifd.long_entry(base, order).value + block[8:]


@cache
def icc():
    """A real sRGB profile; made once, for it holds the time it was made."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'tiff:Orientation="6" tiff:Make="Acme"/></rdf:RDF></x:xmpmeta>'
)


def encoded(pixels, kind, **options):
    """The bytes of a picture as Pillow writes it."""
    flat = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    buffer = io.BytesIO()
    Image.fromarray(flat).save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg(pixels, **options):
    """A JPEG of good quality without chroma subsampling."""
    if "exif" in options:
        options["exif"] = b"Exif\0\0" + options["exif"]
    return encoded(pixels, "JPEG", quality=95, subsampling=0, **options)


def put(folder: Path, name: str, data: bytes) -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(data)
    return path


def exif_of(block):
    """A block parsed by Pillow: first directory, Exif directory, GPS directory."""
    parsed = Image.Exif()
    parsed.load(b"Exif\0\0" + block)
    return dict(parsed), dict(parsed.get_ifd(0x8769)), dict(parsed.get_ifd(0x8825))


def big_tiff(pixels, metadata, order="<"):
    """An uncompressed BigTIFF, (height, width, 3), with all metadata, written by hand.

    Pointers to directories are 64-bit, as the format wants them.
    """
    from focusstack import ifd

    height, width, channels = pixels.shape
    stored = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    body = bytearray(struct.pack(order + "2s3HQ", b"II" if order == "<" else b"MM", 43, 8, 0, 0))
    samples = struct.pack(order + "3H", *[8 * pixels.itemsize] * 3)
    entries = {
        **{256: _long(width, order), 257: _long(height, order), 278: _long(height, order)},
        258: ifd.Entry(ifd.SHORT, 3, samples),
        **{
            tag: ifd.short_entry(value, order)
            for tag, value in ((259, 1), (262, 2), (277, channels))
        },
        273: _long8(len(body), order),
        279: _long8(len(stored), order),
        700: ifd.Entry(ifd.BYTE, len(metadata.xmp), metadata.xmp),
        34377: ifd.Entry(ifd.BYTE, len(metadata.resources), metadata.resources),
        34675: ifd.Entry(ifd.UNDEFINED, len(metadata.icc), metadata.icc),
    }
    body += stored + b"\0" * (len(stored) % 2)
    block = metadata.exif
    assert ifd.byte_order(block) == order
    first = ifd.parse(block, ifd.first_offset(block, order), order)[0]
    for tag in (ifd.EXIF_POINTER, ifd.GPS_POINTER):
        child = ifd.parse(block, ifd.number(first, tag, order), order)[0]
        first[tag] = _long8(len(body), order)
        body += _big_directory(child, order, len(body))
    struct.pack_into(order + "Q", body, 8, len(body))
    return bytes(body + _big_directory(first | entries, order, len(body)))


def _long(value, order):
    from focusstack import ifd

    return ifd.long_entry(value, order)


def _long8(value, order):
    from focusstack import ifd

    return ifd.Entry(16, 1, struct.pack(order + "Q", value))


def _big_directory(entries, order, base):
    records, values = b"", b""
    behind = base + 8 + 20 * len(entries) + 8
    for tag, entry in sorted(entries.items()):
        field = entry.value.ljust(8, b"\0")
        if len(entry.value) > 8:
            field = struct.pack(order + "Q", behind + len(values))
            values += entry.value + b"\0" * (len(entry.value) % 2)
        records += struct.pack(order + "HHQ", tag, entry.kind, entry.count) + field
    return struct.pack(order + "Q", len(entries)) + records + bytes(8) + values
