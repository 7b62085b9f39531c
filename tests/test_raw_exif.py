"""EXIF out of RAW files that are not plain TIFF; ExifTool reads the same from them."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess

import pytest

from focusstack.exif_values import read_exif_values
from focusstack.ifd import ASCII, LONG, RATIONAL, Entry, serialise
from focusstack.steps.read.raw_exif import raw_exif

HEADS = {"<": b"II*\0", ">": b"MM\0*"}


def text(value):
    data = value.encode() + b"\0"
    return Entry(ASCII, len(data), data)


def ratio(order, over, under):
    return Entry(RATIONAL, 1, struct.pack(order + "II", over, under))


def block(order="<", head=None, maker="Testmaker"):
    """A TIFF with a camera and an exposure."""
    details = {
        33434: ratio(order, 1, 125),
        33437: ratio(order, 28, 10),
        36867: text("2024:05:01 09:30:00"),
        37382: ratio(order, 31, 100),
    }
    main = {271: text(maker), 272: text("Camera 1"), 34665: Entry(LONG, 1, bytes(4))}
    at = 8 + len(serialise(main, order, 8))
    main[34665] = Entry(LONG, 1, struct.pack(order + "I", at))
    start = (head or HEADS[order]) + struct.pack(order + "I", 8)
    return start + serialise(main, order, 8) + serialise(details, order, at)


def fuji():
    exif = block(">")
    preview = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif
    preview += b"\xff\xd9"
    head = b"FUJIFILMCCD-RAW 0201FF383501Camera 1".ljust(84, b"\0")
    offsets = struct.pack(">6I", 160, len(preview), 160 + len(preview), 0, 160 + len(preview), 0)
    return (head + offsets).ljust(160, b"\0") + preview


def box(kind, content):
    return struct.pack(">I4s", 8 + len(content), kind) + content


def canon(order="<"):
    camera = HEADS[order] + struct.pack(order + "I", 8)
    camera += serialise({271: text("Testmaker"), 272: text("Camera 1")}, order, 8)
    details = {33434: ratio(order, 1, 125), 33437: ratio(order, 28, 10)}
    details |= {36867: text("2024:05:01 09:30:00"), 37382: ratio(order, 31, 100)}
    exposure = HEADS[order] + struct.pack(order + "I", 8) + serialise(details, order, 8)
    uuid = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    parts = box(b"CMT1", camera) + box(b"CMT2", exposure)
    start = box(b"ftyp", b"crx \0\0\0\1crx isom")
    return start + box(b"moov", box(b"uuid", uuid + parts)) + box(b"mdat", b"\0" * 16)


FILES = {
    "tiff.dng": block(),
    "tiff-big.dng": block(">"),
    "olympus.orf": block("<", b"IIRO", "OLYMPUS"),
    "olympus-big.orf": block(">", b"MMOR", "OLYMPUS"),
    "panasonic.rw2": block("<", b"IIU\0", "Panasonic"),
    "fuji.raf": fuji(),
    "canon.cr3": canon(),
    "canon-big.cr3": canon(">"),
}


@pytest.mark.parametrize("name", FILES)
def test_camera_and_exposure_are_found(name):
    found = read_exif_values(raw_exif(FILES[name]))
    assert found.model == "Camera 1"
    assert found.maker
    assert found.seconds == pytest.approx(1 / 125)
    assert found.aperture == pytest.approx(2.8)
    assert found.distance == pytest.approx(0.31)
    assert found.taken is not None


@pytest.mark.skipif(not shutil.which("exiftool"), reason="needs exiftool")
@pytest.mark.parametrize("name", FILES)
def test_exiftool_finds_the_same(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    tags = ["-Model", "-EXIF:ExposureTime", "-EXIF:FNumber", "-EXIF:SubjectDistance"]
    done = subprocess.run(
        ["exiftool", "-json", "-n", *tags, path], capture_output=True, text=True, check=False
    )
    seen = json.loads(done.stdout)[0]
    found = read_exif_values(raw_exif(FILES[name]))
    assert seen["Model"] == found.model
    assert seen["ExposureTime"] == pytest.approx(found.seconds)
    assert seen["FNumber"] == pytest.approx(found.aperture)
    assert seen["SubjectDistance"] == pytest.approx(found.distance)


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_cut_off_anywhere_give_what_there_is_or_nothing(name):
    data = FILES[name]
    whole = read_exif_values(raw_exif(data))
    for end in range(0, len(data), 3):
        found = read_exif_values(raw_exif(data[:end]))
        assert found.model in ("", whole.model)
        assert found.seconds in (None, whole.seconds)
