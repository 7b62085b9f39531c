"""What BigTIFF files say about their pictures."""

import struct

import numpy as np
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from focusstack import ifd
from focusstack.model import Metadata
from focusstack.steps.read import bigtiff, open_source
from focusstack.steps.read.exif_block import descriptive_exif
from focusstack.steps.write import write_picture
from picture_files import MAKER_NOTE, XMP, big_tiff, exif, exif_of, icc, put, scene

IPTC = b"8BIM\x04\x04\0\0\0\0\0\x0a\x1c\x02\x19\0\x05ants\0"


def metadata():
    return Metadata(exif(6), icc(), XMP, IPTC)


def order_of(block):
    return ifd.byte_order(block)


def made(pixels=None):
    known = metadata()
    pixels = scene(dtype="uint16") if pixels is None else pixels
    return big_tiff(pixels, known, order_of(known.exif))


def test_everything_is_read(tmp_path):
    frame = open_source([put(tmp_path, "a.tif", made())]).read(0)
    first, details, gps = exif_of(frame.metadata.exif)
    expected, camera, place = exif_of(exif(6))
    assert first[271] == expected[271]
    assert details[33434] == camera[33434]
    assert details[37500] == MAKER_NOTE
    assert gps == place
    assert (frame.metadata.icc, frame.metadata.xmp) == (icc(), XMP)
    assert frame.pixels.shape == (90, 66, 3)  # turned upright, as EXIF says
    np.testing.assert_array_equal(frame.pixels, np.rot90(scene(dtype="uint16"), -1))


def test_tifffile_sees_the_same_in_the_result(tmp_path):
    """It reads the directories of both layouts by itself."""
    given = put(tmp_path, "a.tif", made())
    out = tmp_path / "b.tif"
    write_picture(out, scene(dtype="uint16"), open_source([given]).read(0).metadata)

    def tags(path):
        with tifffile.TiffFile(path) as tiff:
            found = tiff.pages[0].tags
            plain = {code: found.valueof(code) for code in (271, 272, 700, 34377, 34675)}
            return tiff.is_bigtiff, plain, found.valueof(34665), found.valueof(34853)

    (was_big, *before), (is_big, *after) = tags(given), tags(out)
    assert (was_big, is_big) == (True, False)
    size = {"PixelXDimension": 90, "PixelYDimension": 66}
    assert before[1] | size == after[1] | size
    assert before[2] == after[2]
    assert {k: v for k, v in before[0].items() if k in (271, 272, 34675)} == {
        k: v for k, v in after[0].items() if k in (271, 272, 34675)
    }


def test_numbers_of_64_bits_become_32_where_they_fit():
    def directory(kind, code, value):
        record = struct.pack("<HHQ", 700, kind, 1) + struct.pack("<" + code, value)
        return b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1) + record + bytes(8)

    read = bigtiff.parse(directory(16, "Q", 77), 16, "<")[0]
    assert read[700] == ifd.long_entry(77, "<")
    assert bigtiff.parse(directory(17, "q", -5), 16, "<")[0][700].value == struct.pack("<i", -5)
    assert bigtiff.parse(directory(16, "Q", 1 << 40), 16, "<")[0] == {}


@given(st.data())
def test_damage_does_no_harm(data):
    block = bytearray(made(scene(8, 8, dtype="uint8")))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(block) - 1))
        block[at] = data.draw(st.integers(0, 255))
    kept = descriptive_exif(bytes(block[: data.draw(st.integers(0, len(block)))]))
    assert kept == b"" or ifd.byte_order(kept) in "<>"


def test_directories_that_lead_round_in_a_circle_end():
    order = "<"
    body = bytearray(b"II+\0\x08\0\0\0" + struct.pack("<Q", 16))
    record = struct.pack("<HHQQ", ifd.EXIF_POINTER, 18, 1, 16)
    body += struct.pack("<Q", 1) + record + bytes(8)
    assert bigtiff.byte_order(body) == order
    descriptive_exif(bytes(body))
