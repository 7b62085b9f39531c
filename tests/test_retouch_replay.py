"""Retouching from other results and without dust: made again bit for bit, or refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from focusstack import InputError, Recipe, read_provenance, stack
from focusstack.cli import main
from focusstack.retouched import retouched
from focusstack.synthetic import render, write_stack
from test_retouch import RECIPE, shots, stroke

__all__ = ["shots"]


@pytest.fixture(scope="module")
def two(shots):
    """A result and another of the same canvas."""
    return stack(shots, RECIPE), stack(shots, Recipe(method="average", clean=False, depth=False))


FROM_OTHER = {"points": ((120, 90, 1), (200, 140, 1)), "frame": None, "result": 2, "size": 60}


def test_another_result_is_copied_from_and_made_again_bit_for_bit(shots, two, tmp_path, capsys):
    own, other = two
    strokes = [stroke(**FROM_OTHER), stroke(frame=1, flow=0.3, hardness=0, matched=True, size=90)]
    result = retouched(own, strokes, {2: other})
    assert (result.image[90, 120] == other.image[90, 120]).all()
    result.save(tmp_path / "out.png")
    told = read_provenance(tmp_path / "out.png")["retouch_results"]["2"]
    assert told["recipe"]["method"] == "average"
    assert told["frames"] == [0, 1, 2, 3, 4]
    assert main(["restack", str(tmp_path / "out.png"), "--frames", str(shots)]) == 0
    said = capsys.readouterr().err
    assert "making result 2 again" in said
    assert "bit for bit" in said


def test_results_of_another_canvas_are_refused(shots, two):
    with pytest.raises(InputError, match="result 2, which is not there"):
        retouched(two[0], [stroke(**FROM_OTHER)])
    wide = stack(shots, Recipe(method="average", clean=False, depth=False, crop=False))
    with pytest.raises(InputError, match="result 2 has another canvas"):
        retouched(two[0], [stroke(**FROM_OTHER)], {2: wide})


def damaged(record, how):
    told = record["retouch_results"]["2"]
    if how == "missing":
        del record["retouch_results"]
    elif how == "no such frame":
        told["frames"][0] = 99
    elif how == "a frame is gone":
        told["frames"][0] = {"name": "gone.jpg", "sha256": "0"}
    elif how == "another canvas":
        told["recipe"]["crop"] = False
    else:
        told["recipe"]["methud"] = 1
    return record


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("missing", "does not tell how result 2 was made"),
        ("no such frame", "there is no frame 99"),
        ("a frame is gone", "result 2, from which it was painted, cannot be made again"),
        ("another canvas", "result 2 has another canvas"),
        ("another setting", "methud"),
    ],
)
def test_what_cannot_be_replayed_is_refused(shots, two, tmp_path, capsys, how, message):
    result = retouched(two[0], [stroke(**FROM_OTHER)], {2: two[1]})
    record = damaged(json.loads(json.dumps(result.provenance)), how)
    (tmp_path / "out.png.focusstack.json").write_text(json.dumps(record))
    command = ["restack", str(tmp_path / "out.png.focusstack.json"), "--frames", str(shots)]
    assert main(command) in (2, 3)
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out-restacked.png").exists()


def test_painted_frames_are_free_of_the_sensors_defects(tmp_path, capsys):
    dirty = {"frames": 7, "size": (480, 320), "breathing": 0.04, "drift_px": 5.0}
    made = render("plane", **dirty, dust=5, hot_pixels=20)
    write_stack(made, tmp_path / "shots", format="png")
    result = stack(tmp_path / "shots", Recipe(method="pyramid", depth=False))
    assert result.facts["hot_pixels"] > 5
    everything = stroke(((240, 160, 1),), frame=result.alignment.reference_index, size=4000)
    painted = retouched(result, [everything])
    x, y = result.alignment.crop[:2]
    hot = [
        (column - x, row - y)
        for column, row, _, level in made.sensor.hot_spots(480, 320, 3)
        if level > 0.5
    ]
    inside = [at for at in hot if 4 < at[0] < painted.image.shape[1] - 4]
    inside = [at for at in inside if 4 < at[1] < painted.image.shape[0] - 4]
    luma = painted.image.max(axis=2).astype(int)
    lone = [luma[r, c] - np.median(luma[r - 2 : r + 3, c - 2 : c + 3]) for c, r in inside]
    assert len(lone) > 8
    assert np.mean(np.array(lone) > 60) < 0.2
    bare = retouched(replace(result, defects=type(result.defects)()), [everything]).image
    luma = bare.max(axis=2).astype(int)
    lone = [luma[r, c] - np.median(luma[r - 2 : r + 3, c - 2 : c + 3]) for c, r in inside]
    assert np.mean(np.array(lone) > 60) > 0.5
    painted.save(tmp_path / "out.png")
    assert main(["restack", str(tmp_path / "out.png")]) == 0
    assert "bit for bit" in capsys.readouterr().err


def test_layers_and_report_show_the_retouched_picture(shots, two, tmp_path):
    from test_layered import layers_in

    white = stroke(((200, 140, 1),), frame=0, size=200)
    result = retouched(two[0], [white])
    result.save(tmp_path / "out.png")
    command = ["restack", str(tmp_path / "out.png"), "--frames", str(shots)]
    more = ["--layers", str(tmp_path / "layers.tif"), "--report", str(tmp_path / "page.html")]
    assert main([*command, *more]) == 0
    names, pixels = layers_in(tmp_path / "layers.tif")
    assert names[0] == "retouched"
    planes = np.dstack([pixels["retouched"][k] for k in range(3)])
    np.testing.assert_array_equal(planes, result.image)
    page = (tmp_path / "page.html").read_text()
    assert "<dt>Retouched</dt><dd>1 stroke</dd>" in page
    assert "restack" in page
