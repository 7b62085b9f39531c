"""Frames in different colour spaces become one picture in one of them."""

import imagecodecs
import numpy as np
import pytest
import tifffile

from command import run
from focusstack import Recipe, stack
from focusstack.steps.read import one_profile, open_source, profiles
from picture_files import icc, jpeg, scene

ADOBE = bytes(imagecodecs.cms_profile("adobergb"))
RECIPE = Recipe(method="average", align="none", depth=False, match_exposure=False)


def in_adobe(pixels):
    """The same colours in Adobe RGB, by another library's call of LittleCMS."""
    return np.asarray(imagecodecs.cms_transform(pixels, icc(), ADOBE, colorspace="rgb"))


def write(path, pixels, profile):
    tifffile.imwrite(path, pixels, photometric="rgb", iccprofile=profile, metadata=None)


def stack_of(folder, profiles, dtype="uint16"):
    """One scene many times over, in the given profiles."""
    pixels = scene(dtype=dtype)
    for k, profile in enumerate(profiles):
        own = in_adobe(pixels) if profile == ADOBE else pixels
        write(folder / f"f{k}.tif", own, profile)
    return pixels


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("most", ["sRGB", "Adobe RGB"])
def test_frames_are_converted_to_the_profile_of_most(tmp_path, dtype, most):
    profiles = [icc(), icc(), ADOBE] if most == "sRGB" else [ADOBE, icc(), ADOBE]
    pixels = stack_of(tmp_path, profiles, dtype)
    result = stack(tmp_path, RECIPE)
    expected = pixels if most == "sRGB" else in_adobe(pixels)
    off = np.abs(result.image.astype(float) - expected) * (255 / np.iinfo(dtype).max)
    assert off.max() < 1.5
    assert result.metadata.icc == (icc() if most == "sRGB" else ADOBE)
    (warning,) = [text for text in result.warnings if "colour space" in text]
    assert "1 of 3 frames is in another colour space" in warning
    assert ("f2.tif" if most == "sRGB" else "f1.tif") in warning


def test_frames_without_a_profile_count_as_srgb(tmp_path):
    pixels = stack_of(tmp_path, [None, None, ADOBE])
    result = stack(tmp_path, RECIPE)
    assert np.abs(result.image.astype(float) - pixels).max() < 400
    assert result.metadata.icc == b""
    assert any("converted to sRGB: f2.tif" in text for text in result.warnings)


def test_profiles_that_mean_the_same_change_nothing(tmp_path):
    other = bytes(imagecodecs.cms_profile("srgb"))
    assert other != icc()
    stack_of(tmp_path, [icc(), other, None])
    said = []
    frames = one_profile(open_source(tmp_path), said.append)
    assert said == []
    whole = open_source(tmp_path).read(1).pixels
    np.testing.assert_array_equal(frames.read(1).pixels, whole)
    assert len({frames.read(i).metadata.icc for i in range(3)}) == 1


@pytest.mark.parametrize("profile", [None, icc(), ADOBE, b"not a profile" * 20])
def test_a_stack_with_one_profile_is_not_touched(tmp_path, profile):
    stack_of(tmp_path, [profile] * 3)
    source = open_source(tmp_path)
    said = []
    assert one_profile(source, said.append) is source
    assert said == []


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (icc()[:200], "the colour profile of {} is damaged; it is read as sRGB"),
        (
            icc()[:16] + b"CMYK" + icc()[20:],
            "{} has a colour profile for other channels; it is read as sRGB",
        ),
        (b"\0" * 500, "{} has a colour profile for other channels; it is read as sRGB"),
    ],
)
def test_a_profile_that_cannot_be_used_counts_as_none(tmp_path, profile, said):
    pixels = stack_of(tmp_path, [icc(), icc(), profile])
    result = stack(tmp_path, RECIPE)
    np.testing.assert_allclose(result.image, pixels, atol=300)
    assert said.format(tmp_path / "f2.tif") in result.warnings


def test_sixteen_bits_are_converted_exactly():
    """Dark saturated colours, where LittleCMS's own shortcut is off by 4 %."""
    primaries = (0.7347, 0.2653, 1.0, 0.1596, 0.8404, 1.0, 0.0366, 0.0001, 1.0)
    white = (0.3457, 0.3585, 1.0)
    wide = imagecodecs.cms_profile("rgb", whitepoint=white, primaries=primaries, gamma=1.8)
    srgb = bytes(imagecodecs.cms_profile("srgb"))
    rng = np.random.default_rng(0)
    codes = rng.integers(6000, 60000, (40, 50, 3)).astype(np.uint16)
    there = profiles._Conversion(srgb, bytes(wide), False).of(codes)
    back = profiles._Conversion(bytes(wide), srgb, False).of(there)
    assert np.abs(back.astype(int) - codes).max() < 130  # half a code of 8 bits


def test_grey_frames_are_converted_too(tmp_path):
    dark, bright = (bytes(imagecodecs.cms_profile("gray", gamma=g)) for g in (2.2, 1.8))
    pixels = scene(channels=1, dtype="uint16")
    for k, profile in enumerate([dark, dark, bright]):
        tifffile.imwrite(tmp_path / f"{k}.tif", pixels[..., 0], iccprofile=profile, metadata=None)
    frames = one_profile(open_source(tmp_path), lambda _said: None)
    found = frames.read(2).pixels / 65535
    np.testing.assert_allclose(found, (pixels / 65535) ** (1.8 / 2.2), atol=2e-3)


def test_reduced_frames_are_converted_as_well(tmp_path):
    stack_of(tmp_path, [icc(), icc(), ADOBE])
    frames = one_profile(open_source(tmp_path), lambda _said: None)
    off = frames.read_reduced(2, 2).astype(float) - frames.read_reduced(0, 2)
    assert np.abs(off).max() < 400


def test_a_mixed_stack_is_made_again_bit_for_bit(tmp_path):
    for k, profile in enumerate([icc(), ADOBE, icc(), icc()]):
        pixels = scene(seed=k)
        data = jpeg(in_adobe(pixels) if profile == ADOBE else pixels, icc_profile=profile)
        (tmp_path / f"{k}.jpg").write_bytes(data)

    done = run(tmp_path, "-o", tmp_path / "out" / "a.png", "--reference", 1, "--align", "none")
    assert done.returncode == 0, done.stderr
    assert "1 of 4 frames is in another colour space" in done.stderr
    again = run("restack", tmp_path / "out" / "a.png", "--frames", tmp_path)
    assert "bit for bit" in again.stderr, again.stderr
    assert "another colour space" in run("inspect", tmp_path).stderr
