"""JPEG XL: bits, colours, metadata, turning, damage."""

from __future__ import annotations

import sys

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from focusstack import Recipe, stack
from focusstack.colour import luma_shares
from focusstack.errors import UnreadableFrame
from focusstack.steps.read import find_pictures, open_source
from focusstack.synthetic import render
from picture_files import icc

ADOBE = bytes(imagecodecs.cms_profile("adobergb"))
MAKE = 0x010F

WIDTH, HEIGHT = 96, 64


def scene(dtype, channels=3):
    x, y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    picture = np.stack([x, y, 1 - x * y], 2)[..., :channels]
    if dtype == np.float32:
        return np.ascontiguousarray(picture, np.float32)
    return np.rint(picture * np.iinfo(dtype).max).astype(dtype)


@pytest.fixture
def jxl(tmp_path):
    """Writes pixels as a file."""
    library = pytest.importorskip("pyjpegxl", reason="needs the extra 'jxl'")

    def write(pixels, name="a.jxl", **options):
        path = tmp_path / name
        path.write_bytes(library.encode_from_numpy(pixels, **options))
        return path

    return write


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_bit_comes_through(jxl, dtype, channels):
    pixels = scene(dtype, channels)
    source = open_source(jxl(pixels, lossless=True))
    info, frame = source.info(0), source.read(0)
    assert (info.width, info.height, info.channels) == (WIDTH, HEIGHT, channels)
    assert frame.pixels.dtype == dtype
    np.testing.assert_array_equal(frame.pixels, pixels)


@pytest.mark.parametrize("bits", [10, 12])
def test_white_of_few_bits_is_white(tmp_path, bits):
    pytest.importorskip("pyjpegxl", reason="needs the extra 'jxl'")
    codes = scene(np.uint16) >> (16 - bits)
    path = tmp_path / "a.jxl"
    path.write_bytes(imagecodecs.jpegxl_encode(codes, lossless=True, bitspersample=bits))
    pixels = open_source(path).read(0).pixels
    assert pixels.max() == 65535
    np.testing.assert_array_equal(pixels >> (16 - bits), codes)


def test_lossy_pixels_are_near_and_alpha_is_left_out(jxl):
    opaque = np.full((HEIGHT, WIDTH, 1), 255, np.uint8)
    path = jxl(np.concatenate([scene(np.uint8), opaque], 2), quality=1.0)
    pixels = open_source(path).read(0).pixels
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(pixels.astype(int) - scene(np.uint8)).mean() < 2


def test_wide_colours_and_metadata_are_handed_on(jxl):
    exif = Image.Exif()
    exif[MAKE] = "A maker"
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    path = jxl(scene(np.uint16), lossless=True, icc=ADOBE, exif=block, xmp=b"<x:xmpmeta/>")
    metadata = open_source(path).read_metadata(0)
    np.testing.assert_allclose(luma_shares(metadata.icc), luma_shares(ADOBE), atol=1e-3)
    assert luma_shares(metadata.icc) != pytest.approx(luma_shares(icc()), abs=1e-2)
    assert b"A maker" in metadata.exif
    assert metadata.exif.startswith((b"II*\0", b"MM\0*"))
    assert metadata.xmp == b"<x:xmpmeta/>"


def test_a_picture_without_a_profile_says_which_colours_it_means(tmp_path):
    pytest.importorskip("pyjpegxl", reason="needs the extra 'jxl'")
    path = tmp_path / "a.jxl"
    path.write_bytes(imagecodecs.jpegxl_encode(scene(np.uint8)))
    assert luma_shares(open_source(path).profile(0)) == pytest.approx(luma_shares(icc()), abs=1e-3)


@pytest.mark.parametrize("left", [0, 11, 40, 300])
def test_a_file_that_is_cut_off_is_named(jxl, left):
    path = jxl(scene(np.uint8))
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(UnreadableFrame, match=r"a\.jxl"):
        open_source(path).read(0)


@pytest.mark.parametrize("head", [b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"])
def test_without_the_extra_it_says_how_to_get_it(tmp_path, monkeypatch, head):
    path = tmp_path / "a.jxl"
    path.write_bytes(head + bytes(40))
    monkeypatch.setitem(sys.modules, "pyjpegxl", None)
    with pytest.raises(UnreadableFrame) as caught:
        open_source(path).info(0)
    assert "pip install 'focusstack[jxl]'" in str(caught.value.hint)


def test_a_folder_of_them_is_stacked_as_their_pixels_are(jxl, tmp_path):
    frames = list(render("still-life", frames=3, size=(240, 160)).frames())
    for k, frame in enumerate(frames):
        jxl(frame, f"{k}.jxl", lossless=True)
    paths = find_pictures(tmp_path)
    assert [path.name for path in paths] == ["0.jxl", "1.jxl", "2.jxl"]
    recipe = Recipe(method="pyramid")
    np.testing.assert_array_equal(stack(paths, recipe).image, stack(frames, recipe).image)
