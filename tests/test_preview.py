"""A quick look: the same picture, small."""

import cv2
import numpy as np
import pytest

from command import run
from focusstack import Recipe, stack
from focusstack.steps.read import open_source
from focusstack.steps.read.smaller import smaller
from truth import rendered

SIZE = 2100, 1400


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Four frames of 2.9 MP."""
    place = tmp_path_factory.mktemp("large")
    for k, small in enumerate(rendered("steps", frames=4)[0]):
        large = cv2.resize(small, SIZE, interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(place / f"{k}.jpg"), large[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    return place


def test_the_preview_is_the_reduced_result(folder):
    recipe = Recipe(align="none", method="pyramid", depth=False, clean=False)
    full = stack(folder, recipe).image
    quick = stack(folder, Recipe(align="none", depth=False, preview=True))
    assert quick.image.shape == (700, 1050, 3)
    assert quick.recipe.method == "pyramid"
    reduced = cv2.resize(full, (1050, 700), interpolation=cv2.INTER_AREA)
    off = np.abs(quick.image.astype(int) - reduced).mean()
    assert off < 1.5


def test_small_frames_are_left_as_they_are():
    frames = [np.zeros((40, 60, 3), np.uint8)] * 3
    source = open_source(frames)
    assert smaller(source, 2_000_000) is source


def test_reduced_frames_are_reduced_further_on_the_same_grid(folder):
    source = smaller(open_source(folder), 100_000)
    info = source.info(0)
    assert (info.width, info.height) == (263, 175)  # by 8
    assert source.read(0).pixels.shape == (175, 263, 3)
    assert source.read_reduced(0, 2).shape == (88, 132, 3)


def test_the_command_writes_a_small_picture(folder, tmp_path):
    outputs = ["-o", tmp_path / "quick.png", "--depth", tmp_path / "d.tif"]
    done = run(folder, *outputs, "--preview")
    assert done.returncode == 0, done.stderr
    picture = cv2.imread(str(tmp_path / "quick.png"))
    assert picture.shape[0] * picture.shape[1] <= 2_000_000
    assert cv2.imread(str(tmp_path / "d.tif"), cv2.IMREAD_UNCHANGED).shape == picture.shape[:2]
