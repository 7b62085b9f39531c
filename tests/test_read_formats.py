"""Every format, bit depth and channel layout comes in with all its bits."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
import simplejpeg
import tifffile
from PIL import Image

from focusstack.errors import UnreadableFrame
from focusstack.steps.read import open_source
from picture_files import encoded, jpeg, put, scene


def read(path):
    return open_source(path).read(0)


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_matches_its_picture(tmp_path, channels):
    pixels = scene(channels=channels)
    frame = read(put(tmp_path, "a.jpg", jpeg(pixels)))
    assert frame.pixels.shape == pixels.shape
    assert np.abs(frame.pixels.astype(int) - pixels).mean() < 1.5


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_png_is_exact_at_both_depths(tmp_path, dtype, channels):
    pixels = scene(channels=channels, dtype=dtype)
    flat = pixels[:, :, 0] if channels == 1 else pixels
    frame = read(put(tmp_path, "a.png", imagecodecs.png_encode(flat)))
    assert frame.pixels.dtype == dtype
    np.testing.assert_array_equal(frame.pixels, pixels)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_png_alpha_is_reported_and_left_out(tmp_path, dtype):
    pixels = scene(dtype=dtype)
    alpha = np.zeros((*pixels.shape[:2], 1), dtype)
    frame = read(put(tmp_path, "a.png", imagecodecs.png_encode(np.dstack([pixels, alpha]))))
    assert frame.info.has_alpha
    np.testing.assert_array_equal(frame.pixels, pixels)


def test_png_palette_becomes_rgb(tmp_path):
    picture = Image.fromarray(scene()).quantize(16)
    picture.save(tmp_path / "a.png")
    frame = read(tmp_path / "a.png")
    assert not frame.info.has_alpha
    np.testing.assert_array_equal(frame.pixels, np.asarray(picture.convert("RGB")))


def test_png_palette_with_transparency_is_reported(tmp_path):
    Image.fromarray(scene()).quantize(16).save(tmp_path / "a.png", transparency=3)
    frame = read(tmp_path / "a.png")
    assert frame.info.has_alpha
    assert frame.pixels.shape == (66, 90, 3)


def test_one_bit_png_becomes_black_and_white_grey(tmp_path):
    bits = Image.fromarray(scene(channels=1)[:, :, 0]).convert("1")
    bits.save(tmp_path / "a.png")
    pixels = read(tmp_path / "a.png").pixels
    np.testing.assert_array_equal(pixels[:, :, 0], np.where(np.asarray(bits), 255, 0))


TIFF_LAYOUTS = {
    "plain": {},
    "lzw": {"compression": "lzw"},
    "deflate": {"compression": "zlib", "predictor": True},
    "zstd tiles": {"compression": "zstd", "tile": (16, 32)},
    "strips": {"rowsperstrip": 7},
    "big endian": {"byteorder": ">"},
    "bigtiff": {"bigtiff": True},
}


@pytest.mark.parametrize("layout", TIFF_LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [1, 3])
def test_tiff_is_exact(tmp_path, layout, dtype, channels):
    pixels = scene(channels=channels, dtype=dtype)
    flat = pixels[:, :, 0] if channels == 1 else pixels
    photometric = "minisblack" if channels == 1 else "rgb"
    tifffile.imwrite(tmp_path / "a.tif", flat, photometric=photometric, **TIFF_LAYOUTS[layout])
    frame = read(tmp_path / "a.tif")
    assert frame.pixels.dtype == dtype
    np.testing.assert_array_equal(frame.pixels, pixels)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_planar_tiff_is_interleaved(tmp_path, compression):
    pixels = scene(dtype="uint16")
    planes = np.ascontiguousarray(np.moveaxis(pixels, 2, 0))
    tifffile.imwrite(
        tmp_path / "a.tif",
        planes,
        photometric="rgb",
        planarconfig="separate",
        compression=compression,
    )
    np.testing.assert_array_equal(read(tmp_path / "a.tif").pixels, pixels)


@pytest.mark.parametrize("channels", [1, 3])
def test_tiff_alpha_is_reported_and_left_out(tmp_path, channels):
    pixels = scene(channels=channels, dtype="uint16")
    tifffile.imwrite(
        tmp_path / "a.tif",
        np.dstack([pixels, pixels[:, :, :1] // 2]),
        photometric="minisblack" if channels == 1 else "rgb",
        planarconfig="contig",
        extrasamples=["unassalpha"],
    )
    frame = read(tmp_path / "a.tif")
    assert frame.info.has_alpha
    np.testing.assert_array_equal(frame.pixels, pixels)


def test_tiff_with_inverted_grey_is_turned_right(tmp_path):
    pixels = scene(channels=1)
    tifffile.imwrite(tmp_path / "a.tif", 255 - pixels[:, :, 0], photometric="miniswhite")
    np.testing.assert_array_equal(read(tmp_path / "a.tif").pixels, pixels)


def test_jpeg_in_tiff_comes_out_as_rgb(tmp_path):
    pixels = scene()
    tifffile.imwrite(
        tmp_path / "a.tif",
        iter([jpeg(pixels)]),
        shape=pixels.shape,
        dtype="uint8",
        photometric="ycbcr",
        compression="jpeg",
        subsampling=(1, 1),
        rowsperstrip=pixels.shape[0],
    )
    assert np.abs(read(tmp_path / "a.tif").pixels.astype(int) - pixels).mean() < 1.5


def test_a_thumbnail_beside_the_picture_does_not_count(tmp_path):
    pixels = scene()
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(pixels, photometric="rgb", subfiletype=0)
        writer.write(pixels[::4, ::4], photometric="rgb", subfiletype=1)
    np.testing.assert_array_equal(read(tmp_path / "a.tif").pixels, pixels)


@pytest.mark.parametrize("channels", [1, 3])
def test_bmp_is_exact(tmp_path, channels):
    pixels = scene(channels=channels)
    frame = read(put(tmp_path, "a.bmp", encoded(pixels, "BMP")))
    np.testing.assert_array_equal(frame.pixels, pixels)


def test_bmp_with_a_colour_palette_becomes_rgb(tmp_path):
    picture = Image.fromarray(scene()).quantize(16)
    picture.save(tmp_path / "a.bmp")
    expected = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(read(tmp_path / "a.bmp").pixels, expected)


def test_webp_is_exact_when_lossless(tmp_path):
    pixels = scene()
    frame = read(put(tmp_path, "a.webp", encoded(pixels, "WEBP", lossless=True)))
    np.testing.assert_array_equal(frame.pixels, pixels)


def test_webp_alpha_is_reported_and_left_out(tmp_path):
    pixels = np.dstack([scene(), np.full((66, 90), 255, np.uint8)])
    pixels[:9, :, 3] = 100
    frame = read(put(tmp_path, "a.webp", encoded(pixels, "WEBP", lossless=True, exact=True)))
    assert frame.info.has_alpha
    np.testing.assert_array_equal(frame.pixels, pixels[:, :, :3])


def test_the_content_decides_not_the_extension(tmp_path):
    pixels = scene(dtype="uint16")
    frame = read(put(tmp_path, "a.jpg", imagecodecs.png_encode(pixels)))
    np.testing.assert_array_equal(frame.pixels, pixels)


def test_info_tells_what_read_returns_without_reading_pixels(tmp_path):
    data = jpeg(scene(70, 80))
    source = open_source(put(tmp_path, "a.jpg", data[: len(data) // 2]))
    info = source.info(0)
    assert (info.width, info.height, info.channels, info.dtype) == (80, 70, 3, np.uint8)
    with pytest.raises(UnreadableFrame, match="cut off"):
        source.read(0)


def test_a_jpeg_with_stray_bytes_before_its_end_is_whole(tmp_path):
    data = jpeg(scene())
    path = put(tmp_path, "a.jpg", data[:-2] + b"\0\0\0\0" + data[-2:])
    np.testing.assert_array_equal(read(path).pixels, simplejpeg.decode_jpeg(data))


@pytest.mark.parametrize("size", [(66, 90), (67, 93), (71, 65), (5, 3), (1, 1)])
@pytest.mark.parametrize("scale", [1, 2, 4, 8])
@pytest.mark.parametrize("channels", [1, 3])
def test_reduced_jpeg_is_the_area_average(tmp_path, size, scale, channels):
    source = open_source(put(tmp_path, "a.jpg", jpeg(scene(*size, channels=channels))))
    whole = source.read(0).pixels.astype(float)
    reduced = source.read_reduced(0, scale)
    assert reduced.dtype == np.uint8
    np.testing.assert_allclose(reduced, blocks(whole, scale), atol=6)
    assert np.abs(reduced - blocks(whole, scale)).mean() < 1


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("scale", [1, 2, 4, 8])
@pytest.mark.parametrize("channels", [1, 3])
def test_reduced_tiff_is_the_area_average(tmp_path, dtype, scale, channels):
    pixels = scene(67, 93, channels, dtype)
    flat = pixels[:, :, 0] if channels == 1 else pixels
    photometric = "minisblack" if channels == 1 else "rgb"
    tifffile.imwrite(tmp_path / "a.tif", flat, photometric=photometric)
    reduced = open_source(tmp_path / "a.tif").read_reduced(0, scale)
    assert reduced.dtype == dtype
    tolerance = 1e-6 if dtype == "float32" else 1
    np.testing.assert_allclose(reduced, blocks(pixels.astype(float), scale), atol=tolerance)


def test_other_scales_are_refused(tmp_path):
    with pytest.raises(ValueError, match="scale"):
        open_source(put(tmp_path, "a.jpg", jpeg(scene()))).read_reduced(0, 3)


def blocks(pixels, scale):
    """The plainest area average: fill up with edge pixels, then the mean of each block."""
    height, width, channels = pixels.shape
    padding = ((0, -height % scale), (0, -width % scale), (0, 0))
    padded = np.pad(pixels, padding, mode="edge")
    shape = (padded.shape[0] // scale, scale, padded.shape[1] // scale, scale, channels)
    return padded.reshape(shape).mean(axis=(1, 3))
