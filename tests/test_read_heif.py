"""HEIF and AVIF: bits, turning, metadata, damage."""

import shutil
import subprocess
import sys

import cv2
import imagecodecs
import numpy as np
import pytest
from PIL import Image

from focusstack.errors import UnreadableFrame
from focusstack.steps.read import find_pictures, open_source

WIDTH, HEIGHT = 96, 64


def scene(top=255):
    x, y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    picture = np.stack([x, y, 1 - x * y], 2)
    return np.rint(picture * top)


def near(pixels, top, expected=None):
    expected = scene(top) if expected is None else expected
    return np.abs(pixels.astype(float) - expected).mean() / top < 0.01


@pytest.fixture
def heic(tmp_path):
    """Writes the scene as HEIC with 8 or 10 bits."""
    pytest.importorskip("pi_heif", reason="needs the extra 'heif'")
    if not shutil.which("heif-enc"):
        pytest.skip("needs heif-enc to write a file (Debian: libheif-examples)")

    def write(bits=8):
        source = tmp_path / "source.png"
        top, dtype = (255, np.uint8) if bits == 8 else (65535, np.uint16)
        cv2.imwrite(str(source), scene(top).astype(dtype)[..., ::-1])
        path = tmp_path / f"{bits}.heic"
        command = ["heif-enc", "-q", "95", "-b", str(bits), str(source), "-o", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        source.unlink()
        return path

    return write


@pytest.mark.parametrize(("bits", "dtype"), [(8, np.uint8), (10, np.uint16)])
def test_heif_keeps_its_bits(heic, bits, dtype):
    frame = open_source(heic(bits)).read(0)
    assert frame.pixels.dtype == dtype
    assert near(frame.pixels, np.iinfo(dtype).max)
    assert frame.pixels.max() == np.iinfo(dtype).max


def test_damaged_heif_is_named(heic):
    path = heic()
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UnreadableFrame, match=r"8\.heic"):
        open_source(path).read(0)


def test_without_the_extra_it_says_how_to_get_it(tmp_path, monkeypatch):
    path = tmp_path / "a.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(UnreadableFrame) as caught:
        open_source(path).info(0)
    assert "pip install 'focusstack[heif]'" in str(caught.value.hint)


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_avif_keeps_its_bits(tmp_path, bits):
    top = 2**bits - 1
    codes = scene(top).astype(np.uint8 if bits == 8 else np.uint16)
    path = tmp_path / "a.avif"
    path.write_bytes(imagecodecs.avif_encode(codes, bitspersample=bits, level=95))
    frame = open_source(path).read(0)
    full = 255 if bits == 8 else 65535
    assert frame.pixels.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert near(frame.pixels, full)
    assert open_source(path).read_reduced(0, 2).shape == (HEIGHT // 2, WIDTH // 2, 3)


def test_avif_is_turned_once_and_keeps_what_it_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    path = tmp_path / "a.avif"
    Image.fromarray(scene().astype(np.uint8)).save(path, quality=95, exif=exif, icc_profile=b"")
    frame = open_source(path).read(0)
    assert frame.pixels.shape == (WIDTH, HEIGHT, 3)
    assert near(frame.pixels, 255, np.rot90(scene(), -1))
    assert b"Maker" in frame.metadata.exif


def test_alpha_is_left_out(tmp_path):
    rgba = np.dstack([scene(), np.full((HEIGHT, WIDTH), 200)]).astype(np.uint8)
    path = tmp_path / "a.avif"
    Image.fromarray(rgba).save(path, quality=95)
    source = open_source(path)
    assert source.info(0).has_alpha
    assert near(source.read(0).pixels, 255)


@pytest.mark.parametrize("keep", [20, 200, 600])
def test_damaged_avif_is_named(tmp_path, keep):
    path = tmp_path / "a.avif"
    Image.fromarray(scene().astype(np.uint8)).save(path, quality=95)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(UnreadableFrame, match=r"a\.avif"):
        open_source(path).read(0)


def test_folders_are_searched_for_them(tmp_path):
    for name in ("1.heic", "2.HIF", "3.avif", "4.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in find_pictures(tmp_path)] == ["1.heic", "2.HIF", "3.avif"]
