"""Which frames a pixel came from."""

import json

import cv2
import numpy as np
import pytest
import tifffile

from command import run
from truth import rendered


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A picture with its maps, and the frames beside it."""
    home = tmp_path_factory.mktemp("made")
    (home / "frames").mkdir()
    for k, frame in enumerate(rendered("steps", frames=5, size=(240, 160))[0]):
        cv2.imwrite(str(home / "frames" / f"f{k}.png"), frame[..., ::-1])
    done = run(
        home / "frames", "-o", home / "fused.png", "--maps", home / "maps", "--align", "none"
    )
    assert done.returncode == 0, done.stderr
    return home / "fused.png"


def asked(*args):
    done = run("explain", *args, "--json", "-q")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_answer_is_that_of_the_maps(made):
    sources = tifffile.imread(made.parent / "maps" / "sources.tif")
    confidence = tifffile.imread(made.parent / "maps" / "confidence.tif")
    assert len(np.unique(sources)) > 1
    for x, y in ((20, 30), (200, 140), (120, 80)):
        found = asked(made, x, y, "--maps", made.parent / "maps")
        assert found["frame"] == sources[y, x]
        assert found["name"] == f"f{sources[y, x]}.png"
        assert found["confidence"] == pytest.approx(confidence[y, x], abs=6e-4)


def test_without_maps_the_frames_are_stacked_again(made):
    found = asked(made, 20, 30)
    shares = found.pop("shares")
    assert found.pop("same") is True
    quick = asked(made, 20, 30, "--maps", made.parent / "maps")
    assert quick.pop("same") is None
    assert quick.pop("shares") == []
    assert found == quick
    assert sum(one["share"] for one in shares) == pytest.approx(1, abs=1e-9)
    assert shares[0]["name"] == f"f{shares[0]['frame']}.png"
    assert len({one["frame"] for one in shares}) == len(shares) > 1
    assert [one["share"] for one in shares] == sorted((s["share"] for s in shares), reverse=True)


def test_for_people_it_is_said_in_words(made):
    done = run("explain", made, 20, 30, "--maps", made.parent / "maps")
    assert "frame       f" in done.stdout
    assert "within one frame" in done.stdout
    again = run("explain", made, 20, 30, "-q").stdout
    assert again.startswith(done.stdout.rstrip())
    assert "shares " in again


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ((240, 0), 2, "240 x 160 pixels"),
        ((0, -1), 2, "is not in"),
        ((0, 0, "--maps", "nowhere"), 3, "does not exist"),
    ],
)
def test_what_cannot_be_answered(made, args, code, said):
    options = ["--", *args] if -1 in args else args
    done = run("explain", made, *options)
    assert done.returncode == code
    assert said in done.stderr


def test_maps_of_another_picture_are_refused(made, tmp_path):
    for name in ("sources", "confidence"):
        tifffile.imwrite(tmp_path / f"{name}.tif", np.zeros((9, 9), np.uint16))
    done = run("explain", made, 1, 1, "--maps", tmp_path)
    assert done.returncode == 3
    assert "not those of" in done.stderr
