"""Pictures at another size, in another colour space, and with less about themselves."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess

import numpy as np
import pytest
from PIL import Image, ImageCms

from focusstack import OutputError, Recipe, RecipeError, read_provenance, stack
from focusstack.cli import main
from focusstack.colour import srgb_decode, srgb_encode
from focusstack.delivery import Delivery
from focusstack.model import Metadata
from focusstack.steps.read import FileSource, open_source
from focusstack.steps.write import write_picture
from focusstack.steps.write.private import without_gps
from focusstack.steps.write.profiles import converted, light_of_codes, profile
from focusstack.steps.write.resize import resized
from truth import put_stack

ADOBE = profile("adobe")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", (6000, 4000)),
        ("3000", (3000, 2000)),
        ("3000px", (3000, 2000)),
        ("50%", (3000, 2000)),
        ("12.5%", (750, 500)),
        ("400%", (24000, 16000)),
        ("16", (16, 11)),
    ],
)
def test_sizes_are_read(text, size):
    assert Delivery(text).size_of(6000, 4000) == size


@pytest.mark.parametrize(
    "text", ["0", "-5", "15", "70000", "0%", "401%", "50 %%", "1e3", "x", "10x10", "٣٠٠٠%"]
)
def test_sizes_that_make_no_sense_are_refused(text):
    with pytest.raises(RecipeError, match="resize"):
        Delivery(text)


def test_other_choices_are_refused():
    for wrong in ({"colour": "cmyk"}, {"metadata": "some"}):
        with pytest.raises(RecipeError):
            Delivery(**wrong)
    with pytest.raises(RecipeError, match="too large"):
        Delivery("400%").size_of(20_000, 100)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_reducing_keeps_the_light(dtype, channels):
    """A chequerboard of black and white is half the light, not half the code."""
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    board = (np.indices((64, 96)).sum(axis=0) % 2 * top).astype(dtype)[..., None]
    small = resized(np.repeat(board, channels, axis=2), (48, 32), b"")
    assert small.dtype == dtype
    assert small.shape == (32, 48, channels)
    np.testing.assert_allclose(small / top, srgb_encode(np.array(0.5)), atol=0.003)


def test_the_curve_is_the_profiles():
    at = np.linspace(0, 1, 65536)
    np.testing.assert_allclose(light_of_codes(b"", False), srgb_decode(at), atol=1e-6)
    np.testing.assert_allclose(light_of_codes(profile("srgb"), False), srgb_decode(at), atol=1e-4)
    np.testing.assert_allclose(light_of_codes(ADOBE, False), at ** (563 / 256), atol=1e-4)
    np.testing.assert_allclose(light_of_codes(b"broken" * 90, False), srgb_decode(at), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("icc", [b"", ADOBE])
def test_a_picture_of_one_value_stays_at_that_value(dtype, icc):
    top = np.iinfo(dtype).max
    for code in (0, 1, 2, 7, top // 3, top - 1, top):
        flat = np.full((40, 60, 3), code, dtype)
        for size in ((30, 20), (50, 33), (90, 60), (60, 20)):
            assert (resized(flat, size, icc) == code).all()


def test_enlarging_interpolates_and_stays_in_range():
    step = np.zeros((20, 40, 3), np.uint8)
    step[:, 20:] = 255
    large = resized(step, (160, 80), b"")
    assert large.shape == (80, 160, 3)
    assert large[40, 40, 0] == 0
    assert large[40, 120, 0] == 255


def by_pillow(pixels, source, target):
    """The same conversion by another binding of LittleCMS."""
    opened = [ImageCms.ImageCmsProfile(io.BytesIO(icc)) for icc in (source, target)]
    made = ImageCms.profileToProfile(Image.fromarray(pixels), *opened, renderingIntent=0)
    return np.asarray(made)


@pytest.mark.parametrize("colour", ["srgb", "p3", "adobe"])
@pytest.mark.parametrize("own", ["", "srgb", "p3", "adobe"])
def test_colours_stay_what_they_are(colour, own):
    rng = np.random.default_rng(3)
    pixels = rng.integers(60, 180, (30, 40, 3)).astype(np.uint8)
    icc = profile(own) if own else b""
    made, target, warnings = converted(pixels, Metadata(icc=icc), colour)
    assert warnings == []
    assert target == profile(colour)
    wanted = by_pillow(pixels, icc or profile("srgb"), target)
    assert np.abs(made.astype(int) - wanted).max() <= 1
    deep, _, _ = converted(pixels.astype(np.uint16) * 257, Metadata(icc=icc), colour)
    assert np.abs(deep / 257 - wanted).max() <= 1


def test_display_p3_has_the_primaries_of_its_name():
    """SMPTE EG 432-1 primaries, white at D65, the curve of sRGB."""
    icc = profile("p3")
    assert struct.unpack(">I", icc[:4])[0] == len(icc)
    assert "Display P3" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc)))
    red = np.array([[[255, 0, 0]]], np.uint8)
    in_p3 = converted(red, Metadata(), "p3")[0][0, 0]
    np.testing.assert_allclose(in_p3, [234, 51, 35], atol=1)  # sRGB's red, as browsers show it
    grey = np.full((1, 1, 3), 119, np.uint8)
    assert np.abs(converted(grey, Metadata(), "p3")[0].astype(int) - 119).max() <= 1


def test_grey_and_broken_profiles_are_kept_with_a_warning():
    grey = np.zeros((4, 4, 1), np.uint8)
    assert converted(grey, Metadata(), "srgb") == (
        grey,
        b"",
        ["grey pictures keep their colour space"],
    )
    broken = b"\0" * 16 + b"RGB " + b"\0" * 200
    pixels, icc, warnings = converted(np.zeros((4, 4, 3), np.uint8), Metadata(icc=broken), "srgb")
    assert icc == broken
    assert "damaged" in warnings[0]
    with pytest.raises(OutputError, match=r"\.dng"):
        write_picture("x.dng", pixels, Metadata(), delivery=Delivery(colour="srgb"))


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,12.5N" '
    b'exif:GPSLongitude=\'16,22.3E\' xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="a">'
    b"<exif:GPSAltitude>171/1</exif:GPSAltitude><exif:GPSMapDatum/></rdf:Description>"
    b"</rdf:RDF></x:xmpmeta>"
)


def gps_exif(order):
    """A block with a description, coordinates, and something behind them."""
    gps = struct.pack(order + "H", 2)
    gps += struct.pack(order + "HHI4s", 1, 2, 2, b"N\0\0\0")
    gps += struct.pack(order + "HHII", 2, 5, 3, 200)
    gps += struct.pack(order + "I", 0)
    first = struct.pack(order + "H", 3)
    first += struct.pack(order + "HHII", 270, 2, 9, 300)
    first += struct.pack(order + "HHII", 34853, 4, 1, 100)
    first += struct.pack(order + "HHII", 40092, 1, 4, 0x41424344)
    first += struct.pack(order + "I", 0)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    block = bytearray(400)
    block[:8] = mark + struct.pack(order + "I", 8)
    block[8 : 8 + len(first)] = first
    block[100 : 100 + len(gps)] = gps
    block[200:224] = struct.pack(order + "6I", 48, 1, 12, 1, 777777, 1000)
    block[300:309] = b"a beetle\0"
    return bytes(block)


@pytest.mark.parametrize("order", ["<", ">"])
def test_coordinates_are_gone_and_nothing_else(order):
    block = gps_exif(order)
    found = without_gps(Metadata(exif=block, xmp=XMP))
    assert len(found.exif) == len(block)
    assert struct.pack(order + "I", 777777) not in found.exif
    assert found.exif[300:309] == b"a beetle\0"
    assert b"gps" not in found.xmp.lower()
    assert b'dc:format="a"' in found.xmp
    again = without_gps(found)
    assert (again.exif, again.xmp) == (found.exif, found.xmp)
    for cut in range(len(block)):  # what is damaged does not stop it
        without_gps(Metadata(exif=block[:cut]))


@pytest.mark.parametrize("extension", ["jpg", "png", "tif", "webp", "avif"])
@pytest.mark.parametrize("kept", ["all", "nogps", "none"])
def test_files_say_what_was_chosen(tmp_path, extension, kept):
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    path = tmp_path / f"out.{extension}"
    metadata = Metadata(exif=gps_exif("<"), xmp=XMP, icc=ADOBE)
    pixels = np.full((60, 90, 3), 100, np.uint8)
    write_picture(path, pixels, metadata, delivery=Delivery(metadata=kept), records=["AAAA"])
    command = ["exiftool", "-G1", "-s", "-a", str(path)]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    assert ("GPS" in said) == (kept == "all")
    assert ("a beetle" in said) == (kept != "none")
    assert "ICC_Profile" in said
    if kept == "none":
        assert not [
            line for line in said.splitlines() if line.startswith(("[XMP", "[ExifIFD", "[GPS"))
        ]


@pytest.fixture(scope="module")
def shots(tmp_path_factory):
    folder = tmp_path_factory.mktemp("delivery") / "shots"
    put_stack(folder, "steps", frames=4, size=(300, 200))
    return folder


def test_the_command_line_delivers_and_restacks(shots, tmp_path, capsys):
    out = tmp_path / "out.png"
    wishes = ["--resize", "150", "--colour", "p3", "--metadata", "nogps"]
    assert main([str(shots), "-o", str(out), "--method", "pyramid", *wishes]) == 0
    source = FileSource([out])
    assert max(source.info(0).width, source.info(0).height) == 150
    assert source.read_metadata(0).icc == profile("p3")
    record = read_provenance(out)
    assert record["written"]["colour"] == "p3"
    assert record["picture"]["width"] > 250
    capsys.readouterr()
    assert main(["restack", str(out), "--frames", str(shots), *wishes]) == 0
    said = capsys.readouterr().err
    assert "cropped or scaled" not in said
    assert "bit for bit" in said
    again = tmp_path / "out-restacked.png"
    np.testing.assert_array_equal(
        open_source(out).read(0).pixels, open_source(again).read(0).pixels
    )
    assert main([str(shots), "-o", str(tmp_path / "x.png"), "--resize", "huge"]) == 2
    assert "resize is 'huge'" in capsys.readouterr().err


def test_results_are_saved_as_they_are_wanted(shots, tmp_path):
    result = stack(shots, Recipe(method="average", clean=False))
    result.save(tmp_path / "out.tif", delivery=Delivery("50%"))
    info = open_source(tmp_path / "out.tif").info(0)
    assert info.width == round(result.image.shape[1] / 2)
    assert result.provenance == result.provenance | {"picture": result.provenance["picture"]}
    assert "written" not in result.provenance
