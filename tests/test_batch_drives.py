"""What cameras note about series of exposures; ExifTool reads the same from the same files."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess

import numpy as np
import pytest

from focusstack.batch.drives import Drive
from focusstack.batch.shots import Shot, read_shot
from focusstack.ifd import ASCII, LONG, SHORT, UNDEFINED, Entry, serialise
from focusstack.model import Metadata
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
        ["exiftool", "-json", f"-{tag}", path], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)[0][tag] == value


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
