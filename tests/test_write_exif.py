"""EXIF blocks are brought up to date without moving what is not understood."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from focusstack import ifd
from focusstack.steps.write.exif import Changes, updated
from picture_files import MAKER_NOTE, exif, exif_of, scene

CHANGES = Changes(640, 480, "focusstack 9.9", "focus stack: frames 3")


def directory(block):
    order = ifd.byte_order(block)
    return ifd.parse(block, ifd.first_offset(block, order), order)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_changed_is_corrected_and_the_rest_stays(orientation):
    first, details, gps = exif_of(updated(exif(orientation), CHANGES))
    assert first[274] == 1
    assert first[305] == "focusstack 9.9"
    assert first[270] == "focus stack: frames 3"
    assert first[271] == "Acme"
    assert (details[40962], details[40963]) == (640, 480)
    assert details[33434] == exif_of(exif(orientation))[1][33434]
    assert gps == exif_of(exif(orientation))[2]


def test_nothing_moves():
    block = exif(orientation=6)
    result = updated(block, CHANGES)
    changed = [at for at in range(8, len(block)) if block[at] != result[at]]
    sizes = {at for tag in (40962, 40963) for at in record(block, tag)}
    assert set(changed) <= sizes
    assert result.index(MAKER_NOTE) == block.index(MAKER_NOTE)


def record(block, tag):
    """The bytes of a tag's 12-byte record, searched for by its big-endian number and type."""
    at = block.index(struct.pack(">HH", tag, 3))
    return range(at, at + 12)


def test_the_thumbnail_is_gone_with_its_directory():
    block = exif(orientation=6, thumbnail=True)
    thumbnail_at = block.rindex(b"\xff\xd8\xff")
    assert directory(block)[1] != 0
    result = updated(block, CHANGES)
    assert directory(result)[1] == 0
    assert b"\xff\xd8\xff" not in result
    assert len(result) < len(block)
    assert result[8:thumbnail_at].count(MAKER_NOTE) == 1


def test_a_thumbnail_in_the_middle_is_blanked_but_nothing_behind_it_moves():
    block = exif(thumbnail=True) + b"\0tail"
    result = updated(block, CHANGES)
    assert b"\xff\xd8\xff" not in result
    assert result[: len(block)].endswith(b"\0tail")


@pytest.mark.parametrize("block", [b"", b"II*\0", b"MM\0*\0\0\0\x08", b"junk" * 9, exif()[:20]])
def test_missing_and_broken_blocks_are_made_anew(block):
    first, details, _ = exif_of(updated(block, CHANGES))
    assert first[274] == 1
    assert first[305] == "focusstack 9.9"
    assert (details[40962], details[40963]) == (640, 480)


def test_names_outside_ascii_are_kept():
    result = updated(b"", Changes(1, 1, "focusstack", "Käfer"))
    assert "Käfer".encode() in result


def test_updating_twice_is_stable_in_content():
    once = updated(exif(3, thumbnail=True), CHANGES)
    assert exif_of(updated(once, CHANGES))[1:] == exif_of(once)[1:]


@given(st.binary(max_size=200), st.sampled_from([b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b""]))
def test_any_bytes_give_a_block_with_orientation_one(junk, head):
    result = updated(head + junk, CHANGES)
    order = ifd.byte_order(result)
    assert ifd.number(directory(result)[0], 274, order) == 1


@given(st.data())
def test_a_damaged_block_gives_a_block_with_orientation_one(data):
    block = bytearray(exif(6, thumbnail=True))
    for _ in range(data.draw(st.integers(1, 6))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    result = updated(bytes(block), CHANGES)
    assert ifd.number(directory(result)[0], 274, ifd.byte_order(result)) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_directories_round_trip(order):
    entries = {
        271: ifd.text_entry("Acme camera"),
        274: ifd.short_entry(6, order),
        40962: ifd.long_entry(70000, order),
        37500: ifd.Entry(ifd.UNDEFINED, 7, b"1234567"),
    }
    block = b"II*\0" + struct.pack("<I", 8) + ifd.serialise(entries, order, 8, next_offset=99)
    assert ifd.parse(block, 8, order) == (entries, 99)


def test_relocated_directories_point_to_their_copies():
    block = exif()
    first, _ = directory(block)
    order = ifd.byte_order(block)
    copies, moved = ifd.relocate(block, first, order, 1000)
    elsewhere = bytes(1000) + copies
    details, _ = ifd.parse(elsewhere, ifd.number(moved, ifd.EXIF_POINTER, order), order)
    assert details[37500].value == MAKER_NOTE
    assert len(copies) % 2 == 0


def test_a_directory_that_points_to_itself_ends():
    loop = {ifd.EXIF_POINTER: ifd.long_entry(8, "<"), ifd.GPS_POINTER: ifd.long_entry(8, "<")}
    block = b"II*\0\x08\0\0\0" + ifd.serialise(loop, "<", 8)
    copies, _ = ifd.relocate(block, loop, "<", 100)
    assert len(copies) < 500


def test_overlapping_values_do_not_multiply():
    entries = {tag: ifd.Entry(ifd.UNDEFINED, 1 << 20, b"") for tag in range(1000)}
    records = b"".join(
        struct.pack("<HHII", tag, entry.kind, entry.count, 8) for tag, entry in entries.items()
    )
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", 1000) + records + bytes(1 << 20)
    found, _ = ifd.parse(block, 8, "<")
    assert sum(len(entry.value) for entry in found.values()) <= 1 << 26


def test_pillow_agrees_that_no_thumbnail_is_left(tmp_path):
    from focusstack.model import Metadata
    from focusstack.steps.write import write_picture

    write_picture(tmp_path / "a.jpg", scene(), Metadata(exif(thumbnail=True)), overwrite=False)
    with Image.open(tmp_path / "a.jpg") as picture:
        assert picture.getexif().get_ifd(1) == {}
