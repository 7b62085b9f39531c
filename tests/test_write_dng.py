"""A linear DNG of RAW frames: what LibRaw and ExifTool make of it."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest

from focusstack import OutputError, Recipe, read_provenance, stack
from focusstack.cli import main
from focusstack.colour import XYZ_FROM_SRGB
from focusstack.model import CameraColour, Metadata
from focusstack.steps.read import open_source
from focusstack.steps.write import write_picture
from focusstack.steps.write.camera_space import to_camera
from raw_files import mosaic, write_dng
from truth import rendered

rawpy = pytest.importorskip("rawpy", reason="needs the extra 'raw'")
NEUTRAL = (0.5, 1, 0.65)
ODD_CAMERA = (0.9, -0.3, -0.1, -0.4, 1.2, 0.2, -0.1, 0.2, 0.6)
SPACES = {"srgb": "sRGB", "adobe": "Adobe", "prophoto": "ProPhoto"}
GAMMAS = {"srgb": (2.4, 12.92), "adobe": (563 / 256, 0.0), "prophoto": (1.8, 0.0)}


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    for index, frame in enumerate(rendered("steps", frames=4, bits=16)[0]):
        write_dng(folder / f"{index}.dng", mosaic(frame / 65535, NEUTRAL), NEUTRAL)
    return folder


def developed(path, space="srgb", **settings):
    with rawpy.imread(str(path)) as raw:
        return raw.postprocess(
            output_bps=16,
            no_auto_bright=True,
            adjust_maximum_thr=0.0,
            output_color=getattr(rawpy.ColorSpace, SPACES.get(space, space)),
            gamma=GAMMAS.get(space, (1, 1)),
            **settings,
        )


@pytest.mark.parametrize("space", SPACES)
def test_it_develops_to_the_fused_image(frames, tmp_path, space):
    result = stack(frames, Recipe(raw_colour=space, depth=False))
    result.save(tmp_path / "out.dng")
    again = developed(tmp_path / "out.dng", space, use_camera_wb=True)
    off = np.abs(again.astype(float) - result.image) / 65535
    assert np.percentile(off, 99.5) < 0.002
    assert off.mean() < 0.0005


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("matrix", [tuple(np.linalg.inv(XYZ_FROM_SRGB).ravel()), ODD_CAMERA])
def test_any_camera_and_space_come_back(tmp_path, space, matrix):
    """Colours that both hold, without the noise of an interpolated mosaic."""
    x, y = np.meshgrid(np.linspace(0.4, 0.7, 60), np.linspace(0.45, 0.65, 40))
    pixels = np.rint(np.stack([x, (x + y) / 2, y], 2) * 65535).astype(np.uint16)
    camera = CameraColour(matrix, (2.1, 1.0, 1.4), space)
    write_picture(tmp_path / "a.dng", pixels, Metadata(camera=camera))
    again = developed(tmp_path / "a.dng", space, use_camera_wb=True)
    assert np.abs(again.astype(float) - pixels).max() < 0.004 * 65535


@pytest.mark.parametrize("width", [24, 31, 32, 33, 40, 255, 257])
def test_every_width_that_libraw_takes_comes_back(tmp_path, width):
    rng = np.random.default_rng(width)
    pixels = rng.integers(20000, 40000, (9 + width, width, 3)).astype(np.uint16)
    camera = CameraColour(tuple(np.linalg.inv(XYZ_FROM_SRGB).ravel()), (1.0, 1.0, 1.0), "srgb")
    write_picture(tmp_path / "a.dng", pixels, Metadata(camera=camera))
    again = developed(tmp_path / "a.dng", "raw", use_camera_wb=True)
    assert np.abs(again.astype(int) - to_camera(pixels, camera)).max() <= 1


def test_white_balance_can_still_be_chosen(tmp_path):
    """What is in the file is what the camera saw: another balance multiplies that."""
    pixels = np.full((32, 32, 3), 30000, np.uint16)
    camera = CameraColour(tuple(np.linalg.inv(XYZ_FROM_SRGB).ravel()), (2.0, 1.0, 1.5), "srgb")
    write_picture(tmp_path / "a.dng", pixels, Metadata(camera=camera))
    seen = to_camera(pixels, camera)[0, 0].astype(float)
    assert seen[1] / seen[0] == pytest.approx(2.0, rel=1e-3)
    assert seen[1] / seen[2] == pytest.approx(1.5, rel=1e-3)
    plain = developed(tmp_path / "a.dng", "raw", user_wb=[1, 1, 1, 1])[16, 16].astype(float)
    np.testing.assert_allclose(plain, seen, atol=2)
    warm = developed(tmp_path / "a.dng", "raw", user_wb=[2, 1, 1, 1])[16, 16].astype(float)
    np.testing.assert_allclose(warm, seen * [2, 1, 1], atol=3)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="needs exiftool")
def test_exiftool_finds_a_valid_dng_with_the_frames_metadata(frames, tmp_path):
    stack(frames, Recipe(depth=False)).save(tmp_path / "out.dng")
    done = subprocess.run(
        ["exiftool", "-json", "-G1", "-validate", "-warning", tmp_path / "out.dng"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)[0]["ExifTool:Validate"] == "OK"
    done = subprocess.run(
        ["exiftool", "-json", "-G1", tmp_path / "out.dng"],
        capture_output=True,
        text=True,
        check=True,
    )
    tags = json.loads(done.stdout)[0]
    assert tags["File:FileType"] == "DNG"
    assert tags["SubIFD:PhotometricInterpretation"] == "Linear Raw"
    assert tags["IFD0:Model"] == "Testcam 1"
    assert tags["IFD0:UniqueCameraModel"] == "Focusstack Testcam 1"
    assert tags["IFD0:AsShotNeutral"] == "0.5 1 0.65"
    assert tags["IFD0:Software"].startswith("focusstack")
    assert "IFD0:PreviewImage" in tags


def test_it_is_a_frame_and_carries_its_record(frames, tmp_path, capsys):
    out = tmp_path / "out.dng"
    assert main([str(frames), "-o", str(out), "-q"]) == 0
    result = stack(frames, Recipe(depth=False))
    assert read_provenance(out)["picture"] == result.provenance["picture"]
    info = open_source(out).info(0)
    assert (info.height, info.width) == result.image.shape[:2]
    assert main(["restack", str(out), "--frames", str(frames)]) == 0
    assert "bit for bit" in capsys.readouterr().err
    again = tmp_path / "out-restacked.dng"
    assert read_provenance(again)["picture"] == read_provenance(out)["picture"]


def test_pictures_become_no_dng(tmp_path, capsys):
    from focusstack.synthetic import render, write_stack

    write_stack(render("plane", frames=3, size=(80, 60)), tmp_path / "shots")
    assert main([str(tmp_path / "shots"), "-o", str(tmp_path / "out.dng")]) == 5
    err = capsys.readouterr().err
    assert "a .dng is made of RAW frames, but frame_00.jpg is a picture" in err
    assert "write a .tif" in err
    with pytest.raises(OutputError):
        write_picture(tmp_path / "b.dng", np.zeros((9, 9, 3), np.uint16), Metadata())
    assert not list(tmp_path.glob("*.dng"))


def test_the_camera_picture_in_a_raw_file_is_found(tmp_path):
    """A linear DNG has one, too, so it serves as a RAW file with a preview."""
    from focusstack.batch.glimpse import take_glimpse
    from focusstack.steps.read import FileSource

    x, y = np.meshgrid(np.arange(1200), np.arange(800))
    checks = np.where((x // 40 + y // 40) % 2, 45000, 15000).astype(np.uint16)
    pixels = np.repeat(checks[..., None], 3, axis=2)
    camera = CameraColour(tuple(np.linalg.inv(XYZ_FROM_SRGB).ravel()), (1.0, 1.0, 1.0), "srgb")
    write_picture(tmp_path / "a.dng", pixels, Metadata(camera=camera))
    write_dng(tmp_path / "b.dng", mosaic(np.full((60, 80, 3), 0.5)))
    source = FileSource([tmp_path / "a.dng", tmp_path / "b.dng"])
    small = source.preview(0)
    assert small.shape == (683, 1024, 3)
    assert abs(int(small[300, 520, 1]) - int(pixels[351, 609, 1] / 257)) < 12
    assert source.preview(1) is None
    assert take_glimpse(source, 0).small.shape == (64, 96)
    assert take_glimpse(source, 1).small.shape == (72, 96)
