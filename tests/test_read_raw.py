"""Camera RAW: developed alike, on the right grid, refused in plain words."""

import io
import re
import sys

import cv2
import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import ImageCms

from command import run
from focusstack import Recipe, stack
from focusstack.errors import FrameMismatch, UnreadableFrame
from focusstack.steps.read import Wishes, find_pictures, open_source, read_provenance
from raw_files import BLACK, WHITE, mosaic, write_dng
from truth import alignment_errors, rendered

pytest.importorskip("rawpy", reason="needs the extra 'raw'")
SIZE = 360, 240


def smooth(size=SIZE):
    """A picture without detail, which every way of interpolating colours gets right."""
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    return np.stack([0.2 + 0.6 * x, 0.3 + 0.5 * y, 0.8 - 0.5 * x * y], 2)


def off_by(pixels, encoded, border=6):
    inner = np.s_[border:-border, border:-border]
    return np.abs(pixels / 65535 - encoded)[inner].max()


@pytest.mark.parametrize("neutral", [(1, 1, 1), (0.5, 1, 0.65)])
def test_a_frame_looks_as_the_scene_did(tmp_path, neutral):
    path = write_dng(tmp_path / "a.dng", mosaic(smooth(), neutral), neutral)
    frame = open_source(path).read(0)
    assert frame.pixels.dtype == np.uint16
    assert frame.pixels.shape == (SIZE[1], SIZE[0], 3)
    assert off_by(frame.pixels, smooth()) < 0.012
    assert b"Testcam" in frame.metadata.exif


def test_all_frames_get_the_white_balance_of_the_first(tmp_path):
    first, second = (0.5, 1, 0.65), (0.6, 1, 0.5)
    write_dng(tmp_path / "1.dng", mosaic(smooth(), first), first)
    write_dng(tmp_path / "2.dng", mosaic(smooth(), first), second)
    source = open_source(tmp_path)
    np.testing.assert_array_equal(source.read(0).pixels, source.read(1).pixels)


def test_a_dark_frame_is_not_brightened(tmp_path):
    write_dng(tmp_path / "1.dng", mosaic(smooth()))
    write_dng(tmp_path / "2.dng", mosaic(smooth(), exposure=0.25))
    source = open_source(tmp_path)
    bright, dark = (source.read(k).pixels[100, 100].astype(float) / 65535 for k in (0, 1))
    linear = ((np.stack([bright, dark]) + 0.055) / 1.055) ** 2.4
    np.testing.assert_allclose(linear[1] / linear[0], 0.25, rtol=0.03)


@pytest.mark.parametrize("scale", [2, 4, 8])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_reduced_frames_lie_on_the_grid(tmp_path, scale, orientation):
    path = write_dng(tmp_path / "a.dng", mosaic(smooth()), orientation=orientation)
    source = open_source(path)
    whole = source.read(0).pixels
    turned = orientation in (6, 8)
    assert whole.shape[:2] == ((SIZE[0], SIZE[1]) if turned else (SIZE[1], SIZE[0]))
    expected = cv2.resize(
        whole.astype(np.float32), None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA
    )
    reduced = source.read_reduced(0, scale).astype(np.float32)
    assert np.abs(reduced - expected)[3:-3, 3:-3].max() < 0.01 * 65535


def test_a_stack_of_raw_files_becomes_a_16_bit_picture(tmp_path):
    frames = rendered("steps", frames=4, bits=16)[0]
    folder = tmp_path / "raw"
    folder.mkdir()
    for k, frame in enumerate(frames):
        write_dng(folder / f"{k}.dng", mosaic(frame / 65535))
    out = tmp_path / "fused.tif"
    done = run(folder, "-o", out, "--align", "none")
    assert done.returncode == 0, done.stderr
    fused = tifffile.imread(out)
    assert fused.dtype == np.uint16
    from_pictures = stack(frames, Recipe(align="none", depth=False)).image
    error = (fused.astype(float) - from_pictures)[8:-8, 8:-8] / 65535
    assert -10 * np.log10((error**2).mean()) > 30  # interpolated colours against none


def test_a_raw_file_beside_its_picture_is_left_out(tmp_path):
    write_dng(tmp_path / "a.dng", mosaic(smooth()))
    write_dng(tmp_path / "b.dng", mosaic(smooth()))
    cv2.imwrite(str(tmp_path / "a.jpg"), np.zeros((20, 30, 3), np.uint8))
    assert [path.name for path in find_pictures(tmp_path)] == ["a.jpg", "b.dng"]


def test_raw_files_of_different_sizes_are_refused_by_name(tmp_path):
    write_dng(tmp_path / "1.dng", mosaic(smooth()))
    write_dng(tmp_path / "2.dng", mosaic(smooth((300, 200))))
    with pytest.raises(FrameMismatch, match=r"2\.dng is 300 x 200"):
        stack(tmp_path)


def test_raw_files_of_different_cameras_are_refused_by_name(tmp_path):
    write_dng(tmp_path / "1.dng", mosaic(smooth()))
    write_dng(tmp_path / "2.dng", mosaic(smooth()), model="Othercam")
    with pytest.raises(
        FrameMismatch, match=r"2\.dng is from another camera \(Focusstack Othercam\) than .*1\.dng"
    ):
        stack(tmp_path)


def test_all_frames_get_the_levels_of_the_first(tmp_path):
    write_dng(tmp_path / "1.dng", mosaic(smooth()))
    write_dng(tmp_path / "2.dng", mosaic(smooth()), levels=(BLACK + 300, WHITE - 2000))
    first, second = (open_source(tmp_path).read(k).pixels.astype(int) for k in (0, 1))
    assert np.abs(first - second).max() <= 2
    alone = open_source(tmp_path / "2.dng").read(0).pixels
    assert np.abs(alone.astype(int) - first).max() > 1000


@pytest.mark.parametrize("colour", ["adobe", "prophoto"])
def test_other_colour_spaces_hold_the_same_colours(tmp_path, colour):
    write_dng(tmp_path / "1.dng", mosaic(smooth()))
    usual = open_source(tmp_path).read(0)
    wide = open_source(tmp_path, Wishes(colour=colour)).read(0)
    assert usual.metadata.icc == b""
    way = wide.metadata.icc, imagecodecs.cms_profile("srgb")
    back = imagecodecs.cms_transform(wide.pixels, *way, colorspace="rgb", flags=0x0100)
    assert np.abs(wide.pixels.astype(int) - usual.pixels).max() > 3000
    assert off_by(np.asarray(back), usual.pixels / 65535) < 0.002


def test_the_profile_of_a_colour_space_goes_into_the_result(tmp_path):
    for k in range(2):
        write_dng(tmp_path / f"{k}.dng", mosaic(smooth()))
    recipe = Recipe(raw_colour="prophoto", method="average", align="none", depth=False)
    stack(tmp_path, recipe).save(tmp_path / "out.tif")
    with tifffile.TiffFile(tmp_path / "out.tif") as tiff:
        profile = bytes(tiff.pages[0].tags[34675].value)
    name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    assert "RGB" in name
    red = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.red_primary[1][:2]
    np.testing.assert_allclose(red, (0.7347, 0.2653), atol=0.002)


def test_highlights_are_treated_as_wished(tmp_path):
    """A warm lamp: red is full where there is still shading in the others."""
    neutral = (1.0, 0.6, 0.4)
    ramp = np.linspace(0.4, 1, SIZE[0])[None, :, None] * np.ones((SIZE[1], 1, 3))
    write_dng(tmp_path / "1.dng", mosaic(ramp, neutral, exposure=1.8), neutral)
    made = {
        how: open_source(tmp_path, Wishes(highlights=how)).read(0).pixels.astype(int)
        for how in ("clip", "blend", "rebuild")
    }
    for how in ("blend", "rebuild"):
        assert np.abs(made[how] - made["clip"])[20:-20, 20:-20].max() > 500, how


def test_daylight_is_another_white(tmp_path):
    write_dng(tmp_path / "1.dng", mosaic(smooth(), (0.5, 1, 0.65)), (0.5, 1, 0.65))
    camera, daylight = (
        open_source(tmp_path, Wishes(white=white)).read(0).pixels.astype(int)
        for white in ("camera", "daylight")
    )
    assert np.abs(camera - daylight).mean() > 1000


def test_frames_are_aligned_as_pictures_are(tmp_path):
    frames, truth = rendered("plane", frames=4, bits=16, size=(480, 320), drift_px=6.0)
    for k, frame in enumerate(frames):
        write_dng(tmp_path / f"{k}.dng", mosaic(frame / 65535))
    found = stack(tmp_path, Recipe(method="average", depth=False)).alignment
    errors = alignment_errors(found, truth.transforms, 480, 320)
    assert len(errors) == 4
    assert max(errors.values()) < 0.2


def test_wishes_come_from_the_command_line_and_go_with_the_picture(tmp_path):
    for k in range(2):
        write_dng(tmp_path / f"{k}.dng", mosaic(smooth(), exposure=1.3))
    out = tmp_path / "out" / "a.tif"
    wishes = "--raw-highlights blend --raw-colour adobe --raw-white daylight --align none"
    done = run(tmp_path, "-o", out, *wishes.split())
    assert done.returncode == 0, done.stderr
    recipe = read_provenance(out)["recipe"]
    assert [recipe[f"raw_{what}"] for what in ("highlights", "colour", "white")] == [
        "blend",
        "adobe",
        "daylight",
    ]
    assert "bit for bit" in run("restack", out, "--frames", tmp_path).stderr


@pytest.mark.parametrize("damage", ["cut", "garbage"])
def test_a_damaged_raw_file_is_named(tmp_path, damage):
    path = write_dng(tmp_path / "a.dng", mosaic(smooth()))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 3] if damage == "cut" else data[:200] + b"\xff" * 4000)
    with pytest.raises(UnreadableFrame, match=r"a\.dng"):
        open_source(path).read(0)


def test_without_the_extra_it_says_how_to_get_it(tmp_path, monkeypatch):
    path = write_dng(tmp_path / "a.dng", mosaic(smooth()))
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(UnreadableFrame) as caught:
        open_source(path).read(0)
    assert "pip install 'focusstack[raw]'" in str(caught.value.hint)


def test_raw_files_beside_pictures_are_left_out_and_said(tmp_path, capsys):
    from focusstack.cli import main
    from picture_files import jpeg, scene

    for name in ("a", "b", "c"):
        write_dng(tmp_path / f"{name}.dng", mosaic(smooth()))
        (tmp_path / f"{name}.jpg").write_bytes(jpeg(scene(64, 96)))
    assert main([str(tmp_path), "-o", str(tmp_path / "out" / "x.png"), "--align", "none"]) == 0
    err = capsys.readouterr().err
    assert re.search(r"note: 3 RAW files beside pictures .* are left out, such as [abc]\.dng", err)
    assert "stacking 3 frames of 96 x 64" in err
