"""Every combination of what a TIFF may be made of is read exactly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tifffile

from focusstack.steps.read import open_source
from focusstack.steps.read.bytesource import ByteSource

TYPES = ("uint8", "uint16", "float32")
PLANAR = ("contig", "separate")
ORDERS = ("<", ">")
CODECS = (None, "lzw", "adobe_deflate", "zstd", "packbits")
LAYOUTS = ({}, {"rowsperstrip": 7}, {"tile": (16, 32)})
SIZE = 45, 67


def pixels_of(dtype, channels):
    rng = np.random.default_rng(channels)
    values = rng.random((*SIZE, channels)) ** 2
    if dtype == "float32":
        return values.astype(np.float32)
    return np.rint(values * np.iinfo(dtype).max).astype(dtype)


@pytest.mark.parametrize("codec", ["lzw", "adobe_deflate"])
def test_packed_pages_are_not_mixed_up(tmp_path, codec):
    pages = [pixels_of("uint16", 3) + np.uint16(k) for k in range(4)]
    thumbnail = np.zeros((5, 7, 3), np.uint16)
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for k, page in enumerate(pages):
            file.write(page, photometric="rgb", compression=codec, metadata=None)
            if k == 1:
                file.write(thumbnail, photometric="rgb", compression=codec, subfiletype=1)
    source = open_source(tmp_path / "a.tif")
    assert len(source) == 4
    for k, page in enumerate(pages):
        np.testing.assert_array_equal(source.read(k).pixels, page)


@pytest.mark.parametrize("codec", ["lzw", "adobe_deflate"])
def test_a_packed_page_behind_its_thumbnail_is_found(tmp_path, codec):
    page = pixels_of("uint16", 3)
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        small = {"photometric": "rgb", "compression": codec, "subfiletype": 1}
        file.write(np.zeros((5, 7, 3), np.uint16), **small)
        file.write(page, photometric="rgb", compression=codec, metadata=None)
    np.testing.assert_array_equal(open_source(tmp_path / "a.tif").read(0).pixels, page)


def test_of_many_packed_pages_only_one_is_read_at_a_time(tmp_path, monkeypatch):
    page = pixels_of("uint16", 3)
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for _ in range(5):
            file.write(page, photometric="rgb", compression="lzw", metadata=None)
    most, read = [], ByteSource.__getitem__

    def watched(self, where):
        found = read(self, where)
        most.append(len(found))
        return found

    source = open_source(tmp_path / "a.tif")
    monkeypatch.setattr(ByteSource, "__getitem__", watched)
    np.testing.assert_array_equal(source.read(3).pixels, page)
    assert max(most) < (tmp_path / "a.tif").stat().st_size / 3


def combinations():
    every = itertools.product(TYPES, (1, 3), PLANAR, ORDERS, (False, True), CODECS, LAYOUTS)
    for dtype, channels, planar, order, big, codec, layout in every:
        if channels == 1 and planar == "separate":
            continue
        for predictor in (False, True) if codec in ("lzw", "adobe_deflate", "zstd") else (False,):
            yield dtype, channels, planar, order, big, codec, layout, predictor


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels", [1, 3])
def test_all_of_them_come_in_exactly(tmp_path, dtype, channels):
    wrong, count = [], 0
    pixels = pixels_of(dtype, channels)
    for kind in combinations():
        if kind[:2] != (dtype, channels):
            continue
        _, _, planar, order, big, codec, layout, predictor = kind
        path = tmp_path / "a.tif"
        stored = pixels[..., 0] if channels == 1 else pixels
        tifffile.imwrite(
            path,
            stored.transpose(2, 0, 1) if planar == "separate" else stored,
            photometric="minisblack" if channels == 1 else "rgb",
            planarconfig=planar if channels == 3 else None,
            byteorder=order,
            bigtiff=big,
            compression=codec,
            predictor=predictor,
            metadata=None,
            **layout,
        )
        found = open_source(path).read(0).pixels
        count += 1
        if found.dtype != dtype or not np.array_equal(found, pixels):
            wrong.append(kind)
    assert not wrong
    assert count == (96 if channels == 1 else 192)
