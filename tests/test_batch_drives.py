"""What cameras note about series of exposures; ExifTool reads the same from the same files."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess

import numpy as np
import pytest

from focusstack.batch.drives import Drive, drive_of_canon
from focusstack.batch.shots import Shot, read_shot
from focusstack.ifd import ASCII, LONG, SHORT, UNDEFINED, Entry, serialise
from focusstack.model import Metadata
from focusstack.steps.read import canon_note
from focusstack.steps.write import jpeg_bytes

HEAD = 8
"""Bytes before the first directory."""


def shorts(*values):
    return Entry(SHORT, len(values), struct.pack(f"<{len(values)}H", *values))


def note_of_olympus(settings, mark=b"OLYMPUS\0II\x03\0", head=12):
    """A maker note whose offsets count from its own start."""
    below = head + 2 + 12 + 4
    below += below % 2
    main = {0x2020: Entry(13, 1, struct.pack("<I", below))}
    body = mark.ljust(head, b"\0") + serialise(main, "<", head)
    return body.ljust(below, b"\0") + serialise(settings, "<", below)


def note_of_fuji(entries):
    return b"FUJIFILM" + struct.pack("<I", 12) + serialise(entries, "<", 12)


def longs(*values):
    return Entry(LONG, len(values), struct.pack(f"<{len(values)}I", *values))


def note_of_canon(entries, footer=False):
    """Offsets count from the start of the EXIF block; a footer says where the note stood."""

    def note(where):
        stood = where + 100 if footer else where
        data = serialise(entries, "<", stood)
        return data + b"II*\0" + struct.pack("<I", stood) if footer else data

    return note


def note_of_nikon(mode, order="<"):
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    entries = {0x0089: Entry(SHORT, 1, struct.pack(order + "H", mode))}
    return b"Nikon\0\x02\x11\0\0" + head + serialise(entries, order, 8)


def bracket_mode(mode):
    return shorts(20, 0, 0, mode, 0, 0, 0, 0, 0, 0)


def picture(folder, maker, model, note=None, details=None):
    """A JPEG with EXIF; ``note`` makes the note, told where it stands in the block."""
    make = Entry(ASCII, len(maker) + 1, maker.encode() + b"\0")
    name = Entry(ASCII, len(model) + 1, model.encode() + b"\0")
    main = {271: make, 272: name, 34665: Entry(LONG, 1, struct.pack("<I", 0))}
    at = HEAD + len(serialise(main, "<", HEAD))
    at += at % 2
    main[34665] = Entry(LONG, 1, struct.pack("<I", at))
    inner = dict(details or {})
    if note is not None:
        # the note is the only long value of its directory, so it stands right behind that
        where = at + 2 + 12 * (len(inner) + 1) + 4
        inner[37500] = Entry(UNDEFINED, len(data := note(where)), data)
    block = b"II*\0" + struct.pack("<I", HEAD) + serialise(main, "<", HEAD)
    block = block.ljust(at, b"\0") + serialise(inner, "<", at)
    path = folder / "one.jpg"
    pixels = np.zeros((16, 16, 3), np.uint8)
    path.write_bytes(jpeg_bytes(pixels, Metadata(exif=block), 90))
    return path


def in_the_block(entries, mark, head):
    """A note whose offsets count from the start of the EXIF block."""
    return lambda where: mark.ljust(head, b"\0") + serialise(entries, "<", where + head)


CASES = {
    "olympus focus": (
        ("OLYMPUS CORPORATION", "E-M1MarkII"),
        lambda _where: note_of_olympus({0x0600: shorts(5, 7, 64, 0, 4)}),
        Drive("focus", 7),
        ("DriveMode", "Focus Bracketing, Shot 7; Electronic shutter"),
    ),
    "om system exposure": (
        ("OM Digital Solutions", "OM-1"),
        lambda _where: note_of_olympus(
            {0x0600: shorts(5, 2, 1, 0, 0)}, b"OM SYSTEM\0\0\0II\x04\0", 16
        ),
        Drive("exposure", 2),
        ("DriveMode", "AE Bracketing, Shot 2"),
    ),
    "olympus burst": (
        ("OLYMPUS CORPORATION", "E-M5"),
        lambda _where: note_of_olympus({0x0600: shorts(1, 3, 0)}),
        Drive("burst", 3),
        ("DriveMode", "Continuous Shooting, Shot 3"),
    ),
    "olympus single": (
        ("OLYMPUS CORPORATION", "E-M5"),
        lambda _where: note_of_olympus({0x0600: shorts(0, 0, 0)}),
        Drive(),
        ("DriveMode", "Single Shot"),
    ),
    "panasonic focus": (
        ("Panasonic", "DC-G9"),
        in_the_block(
            {0x2A: shorts(3), 0x2B: Entry(LONG, 1, struct.pack("<I", 5))}, b"Panasonic", 12
        ),
        Drive("focus", 5),
        ("BurstMode", "Focus Bracketing"),
    ),
    "sony exposure": (
        ("SONY", "ILCE-7RM3"),
        in_the_block({0xB049: shorts(5), 0xB04A: shorts(2)}, b"SONY DSC ", 12),
        Drive("exposure", 2),
        ("ReleaseMode", "Exposure Bracketing"),
    ),
    "fujifilm": (
        ("FUJIFILM", "X-T4"),
        lambda _where: note_of_fuji({0x1101: shorts(4)}),
        Drive("", 4),
        ("SequenceNumber", 4),
    ),
    "canon focus": (
        ("Canon", "Canon EOS R5"),
        note_of_canon({0x93: bracket_mode(0), 0x4053: longs(32, 1, 50, 4, 0, 0, 0, 0)}),
        Drive("focus"),
        ("Canon_0x4053", "32 1 50 4 0 0 0 0"),
    ),
    "canon focus, moved": (
        ("Canon", "Canon EOS R5"),
        note_of_canon({0x4053: longs(32, 1, 50, 4, 0, 0, 0, 0)}, footer=True),
        Drive("focus"),
        ("Canon_0x4053", "32 1 50 4 0 0 0 0"),
    ),
    "canon focus off": (
        ("Canon", "Canon EOS R5"),
        note_of_canon({0x4053: longs(32, 0, 50, 4, 0, 0, 0, 0)}),
        Drive(),
        ("Canon_0x4053", "32 0 50 4 0 0 0 0"),
    ),
    "canon exposure": (
        ("Canon", "Canon EOS R5"),
        note_of_canon({0x93: bracket_mode(1)}),
        Drive("exposure"),
        ("BracketMode", "AEB"),
    ),
    "canon white balance": (
        ("Canon", "Canon EOS R5"),
        note_of_canon({0x93: bracket_mode(4)}),
        Drive(),
        ("BracketMode", "WB"),
    ),
    "nikon exposure": (
        ("NIKON CORPORATION", "NIKON Z 7_2"),
        lambda _where: note_of_nikon(0x11, ">"),
        Drive("exposure"),
        ("ShootingMode", "Continuous, Exposure Bracketing"),
    ),
    "nikon white balance": (
        ("NIKON CORPORATION", "NIKON Z 7_2"),
        lambda _where: note_of_nikon(0x50),
        Drive(),
        ("ShootingMode", "Single-Frame, Exposure Bracketing, White-Balance Bracketing"),
    ),
    "nikon burst": (
        ("NIKON CORPORATION", "NIKON Z 7_2"),
        lambda _where: note_of_nikon(0x01),
        Drive(),
        ("ShootingMode", "Continuous"),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_note_says_which_series(tmp_path, case):
    camera, note, drive, _ = case
    shot = read_shot(picture(tmp_path, *camera, note))
    assert isinstance(shot, Shot)
    assert shot.drive == drive


@pytest.mark.skipif(not shutil.which("exiftool"), reason="needs exiftool")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_exiftool_agrees(tmp_path, case):
    camera, note, _, (tag, value) = case
    path = picture(tmp_path, *camera, note)
    done = subprocess.run(
        ["exiftool", "-u", "-json", f"-{tag}", path], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)[0][tag] == value


def cr3(entries):
    """A CR3 without pictures, with a maker note in its box."""

    def block(directory):
        return b"II*\0" + struct.pack("<I", 8) + serialise(directory, "<", 8)

    def box(kind, content):
        return struct.pack(">I4s", 8 + len(content), kind) + content

    maker = Entry(ASCII, 6, b"Canon\0")
    parts = box(b"CMT1", block({271: maker})) + box(b"CMT3", block(entries))
    uuid = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    start = box(b"ftyp", b"crx \0\0\0\1crx isom")
    return start + box(b"moov", box(b"uuid", uuid + parts)) + box(b"mdat", b"\0" * 16)


def test_the_note_of_a_cr3_is_in_a_box_by_itself(tmp_path):
    path = tmp_path / "one.cr3"
    data = cr3({0x4053: longs(32, 1, 50, 4, 0, 0, 0, 0)})
    path.write_bytes(data)
    assert drive_of_canon(canon_note(path)) == Drive("focus")
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        assert drive_of_canon(canon_note(path)) in (Drive(), Drive("focus"))
    assert canon_note(tmp_path / "gone.cr3") == b""


@pytest.mark.skipif(not shutil.which("exiftool"), reason="needs exiftool")
def test_exiftool_finds_the_same_in_a_cr3(tmp_path):
    path = tmp_path / "one.cr3"
    path.write_bytes(cr3({0x93: bracket_mode(1), 0x4053: longs(32, 1, 50, 4, 0, 0, 0, 0)}))
    done = subprocess.run(
        ["exiftool", "-u", "-json", "-BracketMode", "-Canon_0x4053", path],
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(done.stdout)[0]
    assert seen["BracketMode"] == "AEB"
    assert seen["Canon_0x4053"] == "32 1 50 4 0 0 0 0"


def test_a_note_whose_offsets_lead_elsewhere_says_nothing(tmp_path):
    """Without a footer nothing tells where a moved note stood; the array's own length does."""
    entries = {0x4053: longs(32, 1, 50, 4, 0, 0, 0, 0)}
    path = picture(tmp_path, "Canon", "R5", lambda where: serialise(entries, "<", where - 20))
    assert read_shot(path).drive == Drive()


def test_the_common_tag_tells_of_exposure_brackets(tmp_path):
    path = picture(tmp_path, "NIKON", "Z 7", None, {41986: shorts(2)})
    assert read_shot(path).drive == Drive("exposure", None)


@pytest.mark.parametrize("length", [0, 3, 11, 13, 20, 30])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_note_that_is_cut_off_says_nothing_wrong(tmp_path, case, length):
    camera, note, drive, _ = case
    found = read_shot(picture(tmp_path, *camera, lambda where: note(where)[:length])).drive
    assert found.kind in ("", drive.kind)
    assert found.shot in (None, drive.shot)
