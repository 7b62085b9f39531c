"""The table of docs/files.md, row by row."""

import io
import re
import shutil
import subprocess
from pathlib import Path

import cv2
import pytest
import tifffile
from PIL import Image

from focusstack import Recipe, stack
from focusstack.model import Metadata
from focusstack.steps.read import open_source
from focusstack.steps.write import write_picture
from picture_files import MAKER_NOTE, XMP, big_tiff, encoded, exif, exif_of, icc, jpeg, scene
from raw_files import mosaic, write_dng

PAGE = (Path(__file__).parents[1] / "docs" / "files.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAGE.splitlines()
    if re.match(r"\|.*\| \.\w+ \|", line)
]
IPTC = b"8BIM\x04\x04\0\0\0\0\0\x0a\x1c\x02\x19\0\x05ants\0"
WHOLE = Metadata(exif(3), icc(), XMP, IPTC)


def put_frame(folder, kind, k):
    """A frame of a kind, with all the metadata that it can have."""
    path, pixels = folder / f"f{k}", scene(64, 96, seed=k)
    if kind == "JPEG":
        plain = jpeg(pixels, exif=exif(3), icc_profile=icc())
        path.with_suffix(".jpg").write_bytes(with_iptc(plain))
    elif kind == "PNG, 16 bits":
        deep = scene(64, 96, dtype="uint16", seed=k)
        write_picture(path.with_suffix(".png"), deep, Metadata(exif(3), icc(), XMP))
    elif kind.startswith("TIFF"):
        dtype = {"8 bits": "uint8", "16 bits": "uint16", "32-bit float": "float32"}[kind[6:]]
        write_picture(path.with_suffix(".tif"), scene(64, 96, dtype=dtype, seed=k), WHOLE)
    elif kind.startswith("BigTIFF"):
        deep, order = scene(64, 96, dtype="uint16", seed=k), "<" if WHOLE.exif[:1] == b"I" else ">"
        path.with_suffix(".tif").write_bytes(big_tiff(deep, WHOLE, order))
    elif kind in ("WebP", "AVIF"):
        options = {"exif": b"Exif\0\0" + exif(1), "icc_profile": icc(), "xmp": XMP}
        path.with_suffix(f".{kind.lower()}").write_bytes(encoded(pixels, kind.upper(), **options))
    elif kind == "JPEG XL, 16 bits":
        put_jxl(path, scene(64, 96, dtype="uint16", seed=k))
    elif kind == "HEIF, 10 bits":
        put_heif(path)
    elif kind == "RAW, 14 bits":
        write_dng(path.with_suffix(".dng"), mosaic(pixels / 255))
    else:
        path.with_suffix(".bmp").write_bytes(encoded(pixels, "BMP"))


def with_iptc(data):
    """A JPEG with XMP and IPTC behind its first marker."""
    segments = b""
    blocks = (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP), (0xED, b"Photoshop 3.0\0" + IPTC)
    for marker, body in blocks:
        segments += bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body
    return data[:2] + segments + data[2:]


def put_jxl(path, pixels):
    library = pytest.importorskip("pyjpegxl", reason="needs the extra 'jxl'")
    options = {"icc": icc(), "exif": exif(1), "xmp": XMP}
    data = library.encode_from_numpy(pixels, lossless=True, **options)
    path.with_suffix(".jxl").write_bytes(data)


def put_heif(path):
    encoder = shutil.which("heif-enc")
    if encoder is None:
        pytest.skip("needs heif-enc to write a file (Debian: libheif-examples)")
    source = path.with_suffix(".png")
    cv2.imwrite(str(source), scene(64, 96, dtype="uint16"))
    out = path.with_suffix(".heic")
    subprocess.run([encoder, "-b", "10", "-o", out, source], check=True, capture_output=True)
    source.unlink()


def bits_of(path):
    if path.suffix == ".tif":
        with tifffile.TiffFile(path) as tiff:
            return int(tiff.pages[0].bitspersample)
    if path.suffix == ".dng":
        with tifffile.TiffFile(path) as tiff:
            return int(tiff.pages[0].pages[0].bitspersample)
    if path.suffix == ".png":
        return path.read_bytes()[24]
    with Image.open(io.BytesIO(path.read_bytes())) as picture:
        assert picture.mode == "RGB"
    return 8


def came_through(found):
    """Which of the four kinds of metadata the result holds as they were."""
    block = exif_of(found.exif) if found.exif else ({}, {}, {})
    kept = block[0].get(271) in ("Acme", "Focusstack")
    if block[0].get(271) == "Acme":
        assert block[1][37500] == MAKER_NOTE
        assert block[2][1] == "N"
    assert block[0].get(274, 1) == 1
    return {
        "profile": bool(found.icc) and found.icc == icc(),
        "exif": kept,
        "xmp": b'tiff:Make="Acme"' in found.xmp,
        "iptc": b"ants" in found.resources,
    }


def test_the_table_has_rows():
    assert len(ROWS) >= 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} to {row[1]}")
def test_what_the_page_says_of_a_format_is_so(tmp_path, row):
    kind, extension, bits, *cells = row
    frames = tmp_path / "frames"
    frames.mkdir()
    if kind.startswith("HEIF"):
        pytest.importorskip("pi_heif", reason="needs the extra 'heif'")
    if kind.startswith("RAW"):
        pytest.importorskip("rawpy", reason="needs the extra 'raw'")
    for k in range(2):
        put_frame(frames, kind, k)
    out = tmp_path / f"out{extension}"
    recipe = Recipe(method="average", align="none", depth=False)
    warnings = stack(frames, recipe).save(out)
    assert bits_of(out) == int(re.search(r"to (\d+)", bits)[1])
    assert ("said" in bits) == any("rounded" in warning for warning in warnings)
    found = came_through(open_source(out).read(0).metadata)
    for cell, (name, kept) in zip(cells, found.items(), strict=True):
        assert kept == (cell == "kept"), name
    assert ("left out" in cells) == any("left out" in warning for warning in warnings)
