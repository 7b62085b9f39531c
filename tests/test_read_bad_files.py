"""Files that cannot be used: each says which file, what is wrong and what to try."""

from __future__ import annotations

import os
import struct
import zlib

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from focusstack.errors import UnreadableFrame
from focusstack.steps.read import open_source
from picture_files import encoded, exif, icc, jpeg, put, scene


def problem(path):
    """The error that reading this file ends in."""
    with pytest.raises(UnreadableFrame) as caught:
        open_source([path]).read(0)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value


def tiff(folder, pixels, **options):
    path = folder / "a.tif"
    tifffile.imwrite(path, pixels, **options)
    return path


def whole_file(kind):
    if kind == "tif":
        return encoded(scene(), "TIFF", compression="tiff_lzw")
    if kind == "jpg":
        return jpeg(scene(), exif=exif(), icc_profile=icc())
    return encoded(scene(), {"bmp": "BMP", "png": "PNG", "webp": "WEBP"}[kind])


KINDS = ["jpg", "png", "tif", "bmp", "webp"]


def test_text_named_jpg(tmp_path):
    error = problem(put(tmp_path, "a.jpg", b"not a picture at all"))
    assert "is not a picture" in error.message
    assert "JPEG, PNG, TIFF" in error.hint


@pytest.mark.parametrize("kind", KINDS)
def test_zero_bytes(tmp_path, kind):
    assert "empty" in problem(put(tmp_path, f"a.{kind}", b"")).message


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.95])
def test_cut_off(tmp_path, kind, part):
    data = whole_file(kind)
    error = problem(put(tmp_path, f"a.{kind}", data[: int(len(data) * part)]))
    assert error.hint


def test_a_cut_off_tiff_says_so(tmp_path):
    path = tiff(tmp_path, scene(), photometric="rgb", compression="zlib", rowsperstrip=8)
    path.write_bytes(path.read_bytes()[:-9])
    assert "cut off" in problem(path).message


def test_a_tiff_with_a_strip_missing_is_not_filled_with_black(tmp_path):
    path = tiff(tmp_path, scene(), photometric="rgb", compression="zlib", rowsperstrip=8)
    with tifffile.TiffFile(path, mode="r+") as opened:
        tag = opened.pages[0].tags[279]
        tag.overwrite([0, *tag.value[1:]])
    assert "part of the picture is missing" in problem(path).message


def test_a_jpeg_that_lacks_only_its_end_marker(tmp_path):
    assert "cut off" in problem(put(tmp_path, "a.jpg", jpeg(scene())[:-2])).message


def test_a_jpeg_whose_hole_is_behind_a_forged_end_marker(tmp_path):
    data = jpeg(scene())
    problem(put(tmp_path, "a.jpg", data[: len(data) // 2] + b"\xff\xd9"))


def test_a_progressive_jpeg_cut_between_scans(tmp_path):
    data = jpeg(scene(), progressive=True)
    problem(put(tmp_path, "a.jpg", data[: len(data) * 2 // 3]))


def test_a_reduced_read_of_a_cut_off_jpeg_fails_too(tmp_path):
    data = jpeg(scene(160, 160))
    source = open_source(put(tmp_path, "a.jpg", data[: len(data) // 2]))
    with pytest.raises(UnreadableFrame, match="cut off"):
        source.read_reduced(0, 4)


def test_a_png_with_a_flipped_bit(tmp_path):
    data = bytearray(encoded(scene(), "PNG"))
    data[len(data) // 2] ^= 0x10
    problem(put(tmp_path, "a.png", bytes(data)))


def test_missing(tmp_path):
    assert "does not exist" in problem(tmp_path / "a.jpg").message


def test_gone_between_describing_and_reading(tmp_path):
    path = put(tmp_path, "a.jpg", jpeg(scene()))
    source = open_source(path)
    source.info(0)
    path.unlink()
    with pytest.raises(UnreadableFrame, match="was there when the run began"):
        source.read(0)


def test_replaced_between_describing_and_reading(tmp_path):
    path = put(tmp_path, "a.jpg", jpeg(scene()))
    source = open_source(path)
    source.info(0)
    put(tmp_path, "a.jpg", jpeg(scene(30, 40)))
    with pytest.raises(UnreadableFrame, match="changed while"):
        source.read(0)


def test_a_folder_named_like_a_picture_and_a_pipe(tmp_path):
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    source = open_source(tmp_path / "pipe.jpg")
    with pytest.raises(UnreadableFrame, match="no ordinary file"):
        source.read(0)
    assert [path.name for path in open_source(tmp_path).paths] == ["pipe.jpg"]


def test_no_permission(tmp_path, monkeypatch):
    path = put(tmp_path, "a.jpg", jpeg(scene()))

    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(path), "open", refuse)
    assert "may not be read" in problem(path).message


def test_the_disk_fails(tmp_path, monkeypatch):
    path = put(tmp_path, "a.jpg", jpeg(scene()))

    def fail(*_args, **_options):
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(type(path), "open", fail)
    assert "Input/output error" in problem(path).message


def test_cmyk_jpeg(tmp_path):
    Image.fromarray(scene()).convert("CMYK").save(tmp_path / "a.jpg")
    error = problem(tmp_path / "a.jpg")
    assert "CMYK" in error.message
    assert "RGB" in error.hint


def test_twelve_bit_jpeg(tmp_path):
    data = bytearray(jpeg(scene()))
    data[data.index(b"\xff\xc0") + 4] = 12
    assert "12-bit" in problem(put(tmp_path, "a.jpg", bytes(data))).message


REFUSED_TIFFS = {
    "CMYK": ({"photometric": "separated"}, np.zeros((8, 9, 4), np.uint8)),
    "palette": (
        {"photometric": "palette", "colormap": np.zeros((3, 256), np.uint16)},
        np.zeros((8, 9), np.uint8),
    ),
    "1-bit": ({"photometric": "minisblack"}, np.zeros((8, 9), bool)),
    "16-bit int": ({"photometric": "minisblack"}, np.zeros((8, 9), np.int16)),
    "32-bit uint": ({"photometric": "minisblack"}, np.zeros((8, 9), np.uint32)),
    "64-bit float": ({"photometric": "minisblack"}, np.zeros((8, 9), np.float64)),
    "float values": ({"photometric": "minisblack"}, np.full((8, 9), 300, np.float32)),
    "no numbers (NaN)": ({"photometric": "minisblack"}, np.full((8, 9), np.nan, np.float32)),
    "3 channels": (
        {"photometric": "minisblack", "planarconfig": "contig"},
        np.zeros((8, 9, 3), np.uint8),
    ),
}


@pytest.mark.parametrize("what", REFUSED_TIFFS)
def test_tiffs_that_hold_something_else(tmp_path, what):
    options, pixels = REFUSED_TIFFS[what]
    error = problem(tiff(tmp_path, pixels, **options))
    assert what in error.message
    assert error.hint


@pytest.mark.parametrize("options", [{"imagej": True}, {"ome": True}])
def test_microscope_stacks_in_one_file(tmp_path, options):
    path = tiff(tmp_path, np.zeros((4, 8, 9), np.uint8), photometric="minisblack", **options)
    assert "holds 4 channels" in problem(path).message  # unless their axes are named


def test_an_animated_webp(tmp_path):
    first, second = Image.fromarray(scene()), Image.fromarray(scene()[::-1])
    first.save(tmp_path / "a.webp", save_all=True, append_images=[second], duration=100)
    assert "animated" in problem(tmp_path / "a.webp").message


FOREIGN = {
    "GIF": b"GIF89a" + bytes(20),
    "PDF": b"%PDF-1.7" + bytes(20),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_formats_that_are_known_but_not_read(tmp_path, what):
    assert what in problem(put(tmp_path, "a.jpg", FOREIGN[what])).message


def test_a_header_that_claims_a_billion_pixels(tmp_path):
    head = struct.pack(">IIBBBBB", 40000, 25000, 8, 2, 0, 0, 0)
    body = b"IHDR" + head
    data = b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + body + struct.pack(">I", zlib.crc32(body))
    end = b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    assert "40000 x 25000" in problem(put(tmp_path, "a.png", data + end)).message


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_damage_ends_in_pixels_or_in_an_error_for_people(tmp_path, kind, data):
    content = bytearray(whole_file(kind))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, min(len(content), 900) - 1))
        content[at] = data.draw(st.integers(0, 255))
    source = open_source(put(tmp_path, f"a.{kind}", bytes(content)))
    try:
        frame = source.read(0)
    except UnreadableFrame:
        return
    assert frame.pixels.shape == (frame.info.height, frame.info.width, frame.info.channels)
