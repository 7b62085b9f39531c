"""Fused images come back from their files: bit exact where lossless, with their metadata."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from focusstack.errors import OutputError, OutputExists, RecipeError, UnknownFormat
from focusstack.model import Metadata
from focusstack.steps.read import open_source
from focusstack.steps.write import write_picture
from focusstack.steps.write.xmp import updated
from picture_files import MAKER_NOTE, XMP, exif, exif_of, icc, jpeg, put, scene

FORMATS = ["jpg", "png", "tif", "webp", "avif"]
LOSSLESS = [
    ("png", "uint8"),
    ("png", "uint16"),
    ("tif", "uint8"),
    ("tif", "uint16"),
    ("tif", "float32"),
]


def written(folder, kind, pixels, metadata=None, **options):
    """Write a picture and read it back."""
    path = folder / f"out.{kind}"
    warnings = write_picture(path, pixels, metadata or Metadata(), overwrite=False, **options)
    assert [item.name for item in folder.iterdir() if item.name.endswith(".part")] == []
    return open_source(path).read(0), warnings


@pytest.mark.parametrize(("kind", "dtype"), LOSSLESS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(66, 90), (1, 1), (5, 301)])
def test_lossless_formats_are_exact(tmp_path, kind, dtype, channels, size):
    pixels = scene(*size, channels=channels, dtype=dtype)
    frame, warnings = written(tmp_path, kind, pixels)
    assert warnings == []
    assert frame.pixels.dtype == dtype
    np.testing.assert_array_equal(frame.pixels, pixels)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize(
    ("compression", "code"), [("none", 1), ("lzw", 5), ("deflate", 8), ("zstd", 50000)]
)
def test_a_tiff_is_packed_as_asked(tmp_path, compression, code, dtype):
    pixels = scene(300, 200, dtype=dtype)
    metadata = Metadata(exif(6), icc(), XMP)
    frame, warnings = written(tmp_path, "tif", pixels, metadata, compression=compression)
    assert warnings == []
    np.testing.assert_array_equal(frame.pixels, pixels)
    assert exif_of(frame.metadata.exif)[1][37500] == MAKER_NOTE
    with tifffile.TiffFile(tmp_path / "out.tif") as tiff:
        assert int(tiff.pages[0].compression) == code


@pytest.mark.parametrize(("kind", "dtype"), LOSSLESS)
@pytest.mark.parametrize("channels", [1, 3])
def test_opencv_reads_the_same(tmp_path, kind, dtype, channels):
    pixels = scene(channels=channels, dtype=dtype)
    written(tmp_path, kind, pixels, Metadata(exif(6), icc(), XMP))
    other = cv2.imread(str(tmp_path / f"out.{kind}"), cv2.IMREAD_UNCHANGED)
    other = other[:, :, None] if channels == 1 else other[:, :, ::-1]
    np.testing.assert_array_equal(other, pixels)


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_is_close_and_closer_with_quality(tmp_path, channels):
    pixels = scene(channels=channels)
    errors = []
    for quality in (50, 100):
        path = tmp_path / f"{quality}.jpg"
        write_picture(path, pixels, Metadata(), quality=quality, overwrite=False)
        errors.append(np.abs(open_source(path).read(0).pixels.astype(int) - pixels).mean())
    assert errors[1] < 0.6 < errors[0] < 6


@pytest.mark.parametrize("channels", [1, 3])
def test_avif_is_close_in_every_channel(tmp_path, channels):
    pixels = scene(channels=channels)
    frame, _ = written(tmp_path, "avif", pixels)
    off = frame.pixels.astype(float) - pixels
    assert np.abs(off).mean(axis=(0, 1)).max() < 1.5


def test_webp_is_close_and_colour(tmp_path):
    pixels = scene(channels=1)
    frame, _ = written(tmp_path, "webp", pixels)
    assert frame.pixels.shape[2] == 3
    assert np.abs(frame.pixels.astype(int) - pixels).mean() < 4


@pytest.mark.parametrize("kind", ["jpg", "webp", "avif"])
def test_sixteen_bits_are_rounded_to_eight_with_a_warning(tmp_path, kind):
    frame, warnings = written(tmp_path, kind, scene(dtype="uint16"))
    assert frame.pixels.dtype == np.uint8
    assert np.abs(frame.pixels.astype(int) - scene()).mean() < 4
    assert len(warnings) == 1
    assert f"out.{kind} holds 8 bits: the 16-bit frames were rounded" in warnings[0]


def test_every_sixteen_bit_value_rounds_to_the_nearest(tmp_path, monkeypatch):
    from focusstack.steps.write import picture

    seen = []
    monkeypatch.setattr(
        picture.jpeg, "encode", lambda pixels, *_: (seen.append(pixels), (b"x", []))[1]
    )
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    write_picture(tmp_path / "a.jpg", values, Metadata(), overwrite=False)
    np.testing.assert_array_equal(seen[0], np.rint(values / 257).astype(np.uint8))


def test_float_pixels_become_sixteen_bits_in_png(tmp_path):
    pixels = scene(dtype="float32")
    frame, warnings = written(tmp_path, "png", pixels)
    assert frame.pixels.dtype == np.uint16
    assert np.abs(frame.pixels / 65535 - pixels).max() < 1e-5
    assert len(warnings) == 1


def test_float_pixels_outside_the_range_are_clipped_not_wrapped(tmp_path):
    pixels = np.array([[[-0.2]], [[1.3]]], np.float32)
    frame, _ = written(tmp_path, "png", pixels)
    np.testing.assert_array_equal(frame.pixels.ravel(), [0, 65535])


@pytest.mark.parametrize("kind", FORMATS)
def test_metadata_is_carried_over_and_corrected(tmp_path, kind):
    metadata = Metadata(exif(orientation=6), icc(), XMP)
    frame, warnings = written(tmp_path, kind, scene(50, 40), metadata, facts={"frames": "12"})
    assert warnings == []
    first, details, gps = exif_of(frame.metadata.exif)
    assert (first[271], first[272], first.get(274, 1)) == ("Acme", "Lens-o-matic", 1)
    assert first[305].startswith("focusstack")
    assert first[270] == "focus stack: frames 12"
    assert (details[40962], details[40963]) == (40, 50)
    assert details[37500] == MAKER_NOTE
    assert gps[2] == (48.0, 30.0, 0.0)
    assert frame.metadata.icc == icc()
    upright = XMP.replace(b'Orientation="6"', b'Orientation="1"')
    before, after = upright.split(b"</rdf:RDF>")
    assert frame.metadata.xmp.startswith(before)
    assert frame.metadata.xmp.endswith(after)
    assert b'focusstack:frames="12"' in frame.metadata.xmp
    assert frame.info.orientation == 1


@pytest.mark.parametrize("kind", FORMATS)
def test_pillow_sees_the_metadata(tmp_path, kind):
    written(tmp_path, kind, scene(), Metadata(exif(8), icc()))
    with Image.open(tmp_path / f"out.{kind}") as picture:
        picture.load()
        assert picture.size == (90, 66)
        found = picture.getexif()
        assert found[271] == "Acme"
        assert found.get(274, 1) == 1
        assert found.get_ifd(0x8769)[37500] == MAKER_NOTE
        assert found.get_ifd(0x8825)[1] == "N"
        assert picture.info["icc_profile"] == icc()


@pytest.mark.parametrize("kind", FORMATS)
def test_facts_are_added_where_there_was_no_metadata(tmp_path, kind):
    facts = {"frames": "12", "method": 'a "b" & <c>', "odd name": "x"}
    frame, _ = written(tmp_path, kind, scene(), facts=facts)
    assert exif_of(frame.metadata.exif)[0][270].startswith("focus stack: frames 12, method")
    assert b'focusstack:frames="12"' in frame.metadata.xmp
    assert b"focusstack:odd_name=" in frame.metadata.xmp
    from xml.etree import ElementTree

    values = [
        value
        for node in ElementTree.fromstring(frame.metadata.xmp).iter()
        for value in node.attrib.values()
    ]
    assert 'a "b" & <c>' in values


def test_a_caption_is_not_replaced(tmp_path):
    block = Image.Exif()
    block[270] = "A beetle"
    metadata = Metadata(block.tobytes().removeprefix(b"Exif\0\0"))
    frame, _ = written(tmp_path, "jpg", scene(), metadata, facts={"frames": "12"})
    assert exif_of(frame.metadata.exif)[0][270] == "A beetle"


def test_a_profile_longer_than_a_segment_survives(tmp_path):
    profile = icc() + bytes(range(256)) * 600
    frame, _ = written(tmp_path, "jpg", scene(), Metadata(icc=profile))
    assert frame.metadata.icc == profile
    with Image.open(tmp_path / "out.jpg") as picture:
        assert picture.info["icc_profile"] == profile


def test_exif_too_large_for_jpeg_is_left_out_with_a_warning(tmp_path):
    block = Image.Exif()
    block.get_ifd(0x8769)[37500] = bytes(70000)
    metadata = Metadata(block.tobytes().removeprefix(b"Exif\0\0"))
    frame, warnings = written(tmp_path, "jpg", scene(), metadata)
    assert frame.metadata.exif == b""
    assert any("EXIF" in warning for warning in warnings)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_profile_for_other_channels_is_left_out_with_a_warning(tmp_path, kind):
    profile = bytearray(icc())
    profile[16:20] = b"GRAY"
    frame, warnings = written(tmp_path, kind, scene(), Metadata(icc=bytes(profile)))
    assert frame.metadata.icc == b""
    assert any("profile" in warning for warning in warnings)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_broken_exif_block_is_replaced(tmp_path, kind):
    frame, _ = written(tmp_path, kind, scene(), Metadata(b"MM\0*\xff\xff\xff\xff garbage"))
    assert exif_of(frame.metadata.exif)[0].get(274, 1) == 1


def test_jpeg_to_jpeg_keeps_the_old_block_in_place(tmp_path):
    block = exif(orientation=6)
    path = put(tmp_path, "in.jpg", jpeg(scene(), exif=block))
    frame = open_source(path).read(0)
    result, _ = written(tmp_path, "jpg", frame.pixels, frame.metadata)
    at = block.index(MAKER_NOTE)
    assert result.metadata.exif.index(MAKER_NOTE) == at


def test_tiff_strips_and_tags_are_plain(tmp_path):
    written(tmp_path, "tif", scene(600, 300, dtype="uint16"), Metadata(exif(6), icc(), XMP))
    with tifffile.TiffFile(tmp_path / "out.tif") as tiff:
        page = tiff.pages[0]
        assert len(tiff.pages) == 1
        assert page.compression.name == "ADOBE_DEFLATE"
        assert len(page.dataoffsets) > 1
        assert list(page.tags.keys()) == sorted(page.tags.keys())


def test_an_existing_file_stays_without_overwrite(tmp_path):
    path = put(tmp_path, "out.png", b"old")
    with pytest.raises(OutputExists, match="--overwrite"):
        write_picture(path, scene(), Metadata(), overwrite=False)
    assert path.read_bytes() == b"old"
    write_picture(path, scene(), Metadata(), overwrite=True)
    np.testing.assert_array_equal(open_source(path).read(0).pixels, scene())


@pytest.mark.parametrize("name", ["out.bmp", "out.gif", "out", "out.jpg.txt"])
def test_unknown_extensions(tmp_path, name):
    with pytest.raises(UnknownFormat, match=r"\.png"):
        write_picture(tmp_path / name, scene(), Metadata(), overwrite=False)


@pytest.mark.parametrize("kind", ["jpg", "webp"])
def test_pictures_too_large_for_the_format(tmp_path, kind):
    with pytest.raises(OutputError, match=r"\.tif or \.png"):
        write_picture(tmp_path / f"a.{kind}", np.zeros((1, 65501, 3), np.uint8), Metadata())


@pytest.mark.parametrize("quality", [0, 101, -1])
def test_quality_out_of_range(tmp_path, quality):
    with pytest.raises(RecipeError, match="quality"):
        write_picture(tmp_path / "a.jpg", scene(), Metadata(), quality=quality)
    assert list(tmp_path.iterdir()) == []


def test_xmp_elements_are_corrected_like_attributes():
    packet = b"<tiff:Orientation>8</tiff:Orientation><exif:PixelXDimension>9</exif:PixelXDimension>"
    assert updated(packet, 640, 480) == packet.replace(b">8<", b">1<").replace(b">9<", b">640<")


def test_a_picture_that_may_not_fit_becomes_a_bigtiff(tmp_path, monkeypatch):
    monkeypatch.setattr("focusstack.steps.write.tiff._CLASSIC_BYTES", 1000)
    pixels = np.random.default_rng(0).integers(0, 65536, (20, 30, 3)).astype(np.uint16)
    path = tmp_path / "a.tif"
    write_picture(path, pixels, Metadata())
    assert path.read_bytes()[:4] == b"II+\0"
    np.testing.assert_array_equal(tifffile.imread(path), pixels)
