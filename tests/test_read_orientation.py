"""All eight EXIF orientations, whole and reduced, in every format that carries one."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from focusstack.steps.read import open_source
from picture_files import encoded, exif, jpeg, put, scene

ORIENTATIONS = range(1, 9)


def stored(tmp_path, kind, pixels, orientation):
    """A file whose stored pixels are ``pixels`` and whose tag says ``orientation``."""
    path = tmp_path / f"a.{kind}"
    block = exif(orientation)
    if kind == "tif":
        tag = (274, "H", 1, orientation, True)
        tifffile.imwrite(path, pixels, photometric="rgb", extratags=[tag])
        return path
    if kind == "jpg":
        return put(tmp_path, path.name, jpeg(pixels, exif=block))
    options = {"lossless": True} if kind == "webp" else {}
    return put(tmp_path, path.name, encoded(pixels, kind.upper(), exif=block, **options))


def upright(pixels, orientation):
    """What Pillow makes of the same tag."""
    picture = Image.fromarray(pixels)
    picture.getexif()[274] = orientation
    return np.asarray(ImageOps.exif_transpose(picture))


@pytest.mark.parametrize("kind", ["tif", "png", "webp"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_whole_frames_are_turned_upright(tmp_path, kind, orientation):
    pixels = scene(21, 34)
    source = open_source(stored(tmp_path, kind, pixels, orientation))
    info, frame = source.info(0), source.read(0)
    expected = upright(pixels, orientation)
    np.testing.assert_array_equal(frame.pixels, expected)
    assert (info.height, info.width) == expected.shape[:2]
    assert info.orientation == orientation


@pytest.mark.parametrize("size", [(64, 96), (67, 93), (65, 96), (21, 34)])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_reduced_jpegs_keep_the_upright_grid(tmp_path, size, orientation):
    pixels = scene(*size)
    source = open_source(stored(tmp_path, "jpg", pixels, orientation))
    whole = source.read(0).pixels
    assert np.abs(whole.astype(int) - upright(pixels, orientation)).mean() < 1.5
    for scale in (2, 4, 8):
        reduced = source.read_reduced(0, scale)
        height, width = whole.shape[:2]
        assert reduced.shape == (-(-height // scale), -(-width // scale), 3)
        inner = whole[: height // scale * scale, : width // scale * scale].astype(float)
        means = inner.reshape(height // scale, scale, width // scale, scale, 3).mean(axis=(1, 3))
        covered = reduced[: height // scale, : width // scale]
        assert np.abs(covered - means).mean() < 0.6


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_grey_jpegs_keep_their_channel_axis(tmp_path, orientation):
    data = jpeg(scene(67, 93, channels=1), exif=exif(orientation))
    source = open_source(put(tmp_path, "a.jpg", data))
    whole = source.read(0).pixels
    assert whole.shape[2] == 1
    assert source.read_reduced(0, 2).shape == (-(-whole.shape[0] // 2), -(-whole.shape[1] // 2), 1)


@pytest.mark.parametrize("value", [0, 9, 500])
def test_nonsense_orientations_mean_upright(tmp_path, value):
    pixels = scene(21, 34)
    source = open_source(stored(tmp_path, "png", pixels, value))
    np.testing.assert_array_equal(source.read(0).pixels, pixels)
    assert source.info(0).orientation == 1
