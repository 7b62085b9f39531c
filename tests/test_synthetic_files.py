"""Synthetic stacks as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from focusstack.errors import OutputError, UnknownFormat
from focusstack.synthetic import render, write_stack

SMALL = {"size": (48, 32), "frames": 3}


@pytest.mark.parametrize("format", ["png", "tif"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_lossless_files_hold_the_frames(
    tmp_path: Path, format: str, bits: int, channels: int
) -> None:
    stack = render("plane", bits=bits, channels=channels, **SMALL)
    paths = write_stack(stack, tmp_path / "new" / "folder", format)
    assert [p.name for p in paths] == [f"frame_0{i}.{format}" for i in range(3)]
    for i, path in enumerate(paths):
        np.testing.assert_array_equal(_read(path), stack.frame(i))
    assert sorted(paths[0].parent.iterdir()) == paths


@pytest.mark.parametrize("channels", [1, 3])
def test_jpegs_look_like_a_cameras(tmp_path: Path, channels: int) -> None:
    stack = render("plane", channels=channels, **SMALL)
    for i, path in enumerate(write_stack(stack, tmp_path)):
        with Image.open(path) as picture:
            pixels = np.asarray(picture).reshape(32, 48, channels)
            exif = picture.getexif()
        assert np.abs(pixels.astype(float) - stack.frame(i)).mean() < 3
        details = exif.get_ifd(0x8769)
        assert exif[0x0110] == "focusstack synthetic"
        assert float(details[0x829A]) == pytest.approx(1 / 125, rel=0.1)
        assert float(details[0x829D]) == 2.8
        assert float(details[0x920A]) == 60


def test_names_sort_in_order_of_focus(tmp_path: Path) -> None:
    paths = write_stack(render("flat", size=(8, 8), frames=101), tmp_path, "png")
    assert paths == sorted(paths)
    assert paths[-1].name == "frame_100.png"


def test_sixteen_bits_are_not_squeezed_into_jpeg(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="16"):
        write_stack(render("flat", bits=16, **SMALL), tmp_path / "none", "jpg")
    assert not (tmp_path / "none").exists()


def test_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="xyz"):
        write_stack(render("flat", **SMALL), tmp_path, "xyz")


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        write_stack(render("flat", **SMALL), tmp_path / "file" / "frames")


def _read(path: Path) -> np.ndarray:
    import cv2

    if path.suffix == ".tif":
        pixels = tifffile.imread(path)
        return pixels.reshape(pixels.shape[0], pixels.shape[1], -1)
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return pixels.reshape(pixels.shape[0], pixels.shape[1], -1)[..., ::-1]
