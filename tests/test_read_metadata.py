"""EXIF, ICC and XMP come in as the bytes they are."""

from __future__ import annotations

import struct
import zlib

import pytest
import tifffile
from PIL import Image

from focusstack.steps.read import open_source
from picture_files import MAKER_NOTE, XMP, encoded, exif, exif_of, icc, jpeg, put, scene


def metadata(path):
    return open_source(path).read(0).metadata


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_blocks_are_kept_byte_for_byte(tmp_path, kind):
    block, profile = exif(), icc()
    options = {"exif": block, "icc_profile": profile}
    if kind == "png":
        path = put(tmp_path, "a.png", with_xmp_chunk(encoded(scene(), "PNG", **options)))
    elif kind == "webp":
        path = put(tmp_path, "a.webp", encoded(scene(), "WEBP", xmp=XMP, **options))
    else:
        path = put(tmp_path, "a.jpg", jpeg(scene(), xmp=XMP, **options))
    found = metadata(path)
    assert (found.exif, found.icc, found.xmp) == (block, profile, XMP)


def with_xmp_chunk(data):
    body = b"iTXtXML:com.adobe.xmp\0\x01\0\0\0" + zlib.compress(XMP)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return data[:-12] + chunk + data[-12:]


def test_a_profile_in_several_segments_is_joined(tmp_path):
    profile = icc() + bytes(range(256)) * 600
    assert metadata(put(tmp_path, "a.jpg", jpeg(scene(), icc_profile=profile))).icc == profile


def test_a_tiff_gives_an_exif_block_of_its_descriptive_tags(tmp_path):
    block = Image.Exif()
    block.load(b"Exif\0\0" + exif(orientation=6))
    Image.fromarray(scene()).save(tmp_path / "a.tif", exif=block, icc_profile=icc())
    found = metadata(tmp_path / "a.tif")
    first, details, gps = exif_of(found.exif)
    assert (first[271], first[272], first[274]) == ("Acme", "Lens-o-matic", 6)
    assert 273 not in first
    assert details[37500] == MAKER_NOTE
    assert gps[1] == "N"
    assert found.icc == icc()


def test_bookkeeping_descriptions_are_not_taken_for_captions(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", scene(), photometric="rgb", metadata={"axes": "YXS"})
    assert b"shape" not in metadata(tmp_path / "a.tif").exif


def test_files_without_metadata_have_empty_blocks(tmp_path):
    found = metadata(put(tmp_path, "a.png", encoded(scene(), "PNG")))
    assert (found.exif, found.icc, found.xmp) == (b"", b"", b"")


def test_a_profile_bomb_is_not_inflated(tmp_path):
    data = encoded(scene(), "PNG")
    body = b"iCCPx\0\0" + zlib.compress(bytes(1 << 26))
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    assert metadata(put(tmp_path, "a.png", data[:33] + chunk + data[33:])).icc == b""
