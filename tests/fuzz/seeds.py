"""Small valid files of every format that is read, made anew each time."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from PIL import Image

from focusstack import Recipe
from focusstack.ifd import byte_order
from focusstack.model import Alignment, Metadata, Rejection
from focusstack.provenance import pack
from focusstack.steps.write import write_alignment, write_picture
from focusstack.steps.write.xmp import fresh, with_record
from picture_files import XMP, big_tiff, encoded, exif, icc, jpeg, scene
from raw_files import mosaic, write_dng

SMALL = 40, 56
WHOLE = Metadata(exif(8), icc(), XMP)


def _tiff(pixels, **settings) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, metadata=None, **settings)
    return file.getvalue()


def _through_a_file(write: Callable[[Path], object], suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{suffix}")
        write(path)
        return path.read_bytes()


def jpegs() -> list[bytes]:
    whole = jpeg(scene(*SMALL), exif=exif(6, True), icc_profile=icc())
    return [
        whole,
        jpeg(scene(*SMALL, channels=1)),
        encoded(scene(*SMALL), "JPEG", progressive=True),
    ]


def pngs() -> list[bytes]:
    deep = cv2.imencode(".png", scene(*SMALL, dtype="uint16"))[1].tobytes()
    palette = io.BytesIO()
    Image.fromarray(scene(*SMALL)).convert("P").save(palette, "PNG", transparency=3)
    return [
        encoded(scene(*SMALL), "PNG", exif=exif(3), icc_profile=icc()),
        deep,
        palette.getvalue(),
    ]


def tiffs() -> list[bytes]:
    eight, deep = scene(*SMALL), scene(*SMALL, dtype="uint16")
    pages = np.stack([eight] * 3)
    rgb = {"photometric": "rgb"}
    return [
        _through_a_file(lambda path: write_picture(path, eight, WHOLE, compression="lzw"), ".tif"),
        _tiff(deep, **rgb, compression="zlib", predictor=True, rowsperstrip=7),
        _tiff(deep, **rgb, tile=(16, 16), compression="zstd", byteorder=">"),
        _tiff(eight, **rgb, bigtiff=True),
        big_tiff(eight, WHOLE, byte_order(WHOLE.exif)),
        _tiff(eight, **rgb, compression="jpeg", rowsperstrip=16),
        _tiff(scene(*SMALL, dtype="float32"), **rgb),
        _tiff(pages, **rgb),
    ]


def webps() -> list[bytes]:
    options = {"exif": b"Exif\0\0" + exif(6), "icc_profile": icc(), "xmp": XMP}
    return [
        encoded(scene(*SMALL), "WEBP", **options),
        encoded(scene(*SMALL), "WEBP", lossless=True),
    ]


def bmps() -> list[bytes]:
    return [encoded(scene(*SMALL), "BMP"), encoded(scene(*SMALL, channels=1), "BMP")]


def avifs() -> list[bytes]:
    return [encoded(scene(*SMALL), "AVIF", icc_profile=icc(), exif=b"Exif\0\0" + exif(6))]


def heifs() -> list[bytes]:
    """None without the program that writes them."""
    encoder = shutil.which("heif-enc")
    if encoder is None:
        return []

    def write(path: Path) -> None:
        source = path.with_name("a.png")
        cv2.imwrite(str(source), scene(64, 96))
        subprocess.run([encoder, "-q", "90", "-o", path, source], check=True, capture_output=True)

    return [_through_a_file(write, ".heic")]


def jxls() -> list[bytes]:
    """None without the library that writes them."""
    try:
        from pyjpegxl import encode_from_numpy
    except ImportError:
        return []
    return [
        encode_from_numpy(scene(*SMALL), icc=icc(), exif=exif(6)),
        encode_from_numpy(scene(*SMALL).astype(np.uint16) * 257, lossless=True),
    ]


def raws() -> list[bytes]:
    picture = scene(64, 96).astype(float) / 255
    return [_through_a_file(lambda path: write_dng(path, mosaic(picture)), ".dng")]


def recipes() -> list[bytes]:
    return [Recipe().to_toml().encode(), Recipe(method="pyramid", reference=3).to_toml().encode()]


def alignments() -> list[bytes]:
    still = Alignment(
        (np.eye(3), np.eye(3), None),
        0,
        (0, 0, 56, 40),
        (Rejection(2, "c.jpg", "shaken"),),
        (0, 1, 2),
        "similarity",
        (56, 40),
    )
    names = ["a.jpg", "b.jpg", "c.jpg"]

    def write(path: Path) -> None:
        write_alignment(path, still, names, overwrite=True)

    return [_through_a_file(write, ".json")]


def records() -> list[bytes]:
    """Sidecars: how a picture was made."""
    return [json.dumps(_record()).encode()]


def carriers() -> list[bytes]:
    """Pictures that carry such a record."""
    packet = with_record(fresh("focusstack", {"frames": "2"}), pack(_record()))
    assert packet is not None
    return [encoded(scene(*SMALL), "WEBP", xmp=packet)]


def _record() -> dict[str, Any]:
    return {
        "format": "focusstack-provenance",
        "version": 1,
        "software": {"focusstack": "0.1.0"},
        "recipe": {"method": "auto"},
        "frames": [{"name": "a.jpg", "sha256": "0" * 64}, {"name": "b.jpg"}],
        "transforms": [np.eye(3).tolist()] * 2,
        "rejected": [],
        "picture": {"width": 56, "height": 40, "channels": 3, "dtype": "uint8", "sha256": ""},
    }


SEEDS: dict[str, tuple[str, Callable[[], list[bytes]]]] = {
    "jpeg": (".jpg", jpegs),
    "png": (".png", pngs),
    "tiff": (".tif", tiffs),
    "webp": (".webp", webps),
    "bmp": (".bmp", bmps),
    "avif": (".avif", avifs),
    "heif": (".heic", heifs),
    "jxl": (".jxl", jxls),
    "raw": (".dng", raws),
    "recipe": (".toml", recipes),
    "alignment": (".json", alignments),
    "record": (".focusstack.json", records),
    "carrier": (".webp", carriers),
}
"""Extension and maker, by the name of the format."""
