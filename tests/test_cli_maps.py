"""The options of the default method, through whole runs, and the files that they make."""

import pytest
import tifffile

from focusstack.cli import main
from truth import small_frames


@pytest.fixture
def arguments(tmp_path):
    (tmp_path / "frames").mkdir()
    for k, pixels in enumerate(small_frames()):
        tifffile.imwrite(tmp_path / "frames" / f"{k}.tif", pixels, photometric="rgb")
    return [str(tmp_path / "frames"), "-o", str(tmp_path / "out.tif"), "-q"]


def written(folder):
    return sorted(path.name for path in folder.iterdir())


def test_maps_are_written_once(arguments, tmp_path):
    folder, out = tmp_path / "maps", tmp_path / "out.tif"
    arguments += ["--maps", str(folder)]
    assert main([*arguments, "--prefer", "near"]) == 0
    assert written(folder) == ["confidence.tif", "lost.tif", "sources.tif"]
    out.unlink()
    assert main(arguments) == 5
    assert not out.exists()
    assert main([*arguments, "--overwrite"]) == 0


@pytest.mark.parametrize("other", [["--select-only"], ["--method", "average"]])
def test_only_maps_that_the_method_makes_are_written(arguments, tmp_path, other):
    assert main([*arguments, "--maps", str(tmp_path / "maps"), *other]) == 0
    assert written(tmp_path / "maps") == ["confidence.tif", "sources.tif"]


@pytest.mark.parametrize("wrong", [["--prefer", "left"], ["--select-only", "--method", "pyramid"]])
def test_what_makes_no_sense_is_refused(arguments, tmp_path, wrong):
    assert main([*arguments, *wrong]) == 2
    assert not (tmp_path / "out.tif").exists()
