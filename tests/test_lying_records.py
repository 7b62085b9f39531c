"""Pictures whose XMP lies about how they were made: refused, or said; never believed in silence.

Every lie is told to ``restack`` and to ``explain``. Either nothing is made and a line says why, or
what is made is the first picture, or a line says that it is another one.
"""

from __future__ import annotations

import copy

import cv2
import numpy as np
import pytest

from focusstack import Recipe, stack
from focusstack.cli import main
from focusstack.model import Metadata
from focusstack.provenance import pack
from focusstack.steps.write import write_picture
from truth import rendered

NAN = float("nan")
GIVEN = {"given_alignment": True}
SAME, OTHER, REFUSED = "the same picture", "another picture", "refused"
TABLE = {
    # what the frames are
    "hash of another file": (["frames", 1, "sha256"], "0" * 64),
    "hash that is too short": (["frames", 1, "sha256"], "abc"),
    "hash that is a number": (["frames", 1, "sha256"], 5),
    "hash that is a list": (["frames", 1, "sha256"], ["a"]),
    "hash that is nothing": (["frames", 1, "sha256"], None),
    "size of another file": (["frames", 1, "bytes"], 7),
    "size below nothing": (["frames", 1, "bytes"], -7),
    "size that is a word": (["frames", 1, "bytes"], "many"),
    "name of another frame": (["frames", 1, "name"], "f2.png"),
    "name of no frame": (["frames", 1, "name"], "g1.png"),
    "name in another folder": (["frames", 1, "name"], "../f1.png"),
    "name that is a number": (["frames", 1, "name"], 1),
    "frame that is a word": (["frames", 1], "f1.png"),
    # how many there are
    "one frame": (["frames"], lambda frames: frames[:1]),
    "a frame too few": (["frames"], lambda frames: frames[:-1]),
    "a frame twice": (["frames"], lambda frames: [*frames, frames[0]]),
    "all frames are one": (["frames"], lambda frames: [frames[0]] * 4),
    "frames in another order": (["frames"], lambda frames: frames[::-1]),
    "frames that are a word": (["frames"], "four"),
    # versions and types
    "format of another program": (["format"], "stackfocus"),
    "a newer version": (["version"], 2),
    "a version before the first": (["version"], 0),
    "a version below nothing": (["version"], -1),
    "a version that is true": (["version"], True),
    "a version that is a word": (["version"], "1"),
    "a version between two": (["version"], 1.5),
    "software that is a list": (["software"], ["focusstack"]),
    "software of odd versions": (["software"], {"focusstack": [1], "numpy": {}}),
    "software of no version": (["software"], {}),
    "a recipe of a newer schema": (["recipe", "schema_version"], 99),
    "a recipe of a schema that is true": (["recipe", "schema_version"], True),
    "a recipe that is a list": (["recipe"], ["average"]),
    "a setting that is not known": (["recipe", "speed"], 11),
    "a method that is not known": (["recipe", "method"], "magic"),
    "a method that is a list": (["recipe", "method"], ["average"]),
    "a method that is a table": (["recipe", "method"], {}),
    "another method": (["recipe", "method"], "pyramid"),
    "a sharpness between two": (["recipe", "sharpness"], 3),
    "a sharpness that is a word": (["recipe", "sharpness"], "high"),
    "a kernel that is huge": (["recipe", "gaussian"], 10**9),
    "a switch that is a word": (["recipe", "clean"], "yes"),
    "a crop that is a number": (["recipe", "crop"], 1),
    "a reference that is not there": (["recipe", "reference"], 9),
    "a reference between two": (["recipe", "reference"], 1.5),
    "another reference": (["recipe", "reference"], 0),
    "a preference that is a list": (["recipe", "prefer"], []),
    # where frames lie; believed only of an alignment that the run was given
    "another size": (["size"], [3, 3]),
    "transforms of few frames": (["transforms"], lambda all_: all_[:2]),
    "transforms that are a word": (["transforms"], "near"),
    "a crop of nothing": (["crop"], [0, 0, 0, 0]),
    "warnings that are a number": (["warnings"], 3),
    "gains that are words": (["gains"], ["a", "b"]),
    "rejected that is a number": (["rejected"], 1),
    "given, but with transforms of few frames": (GIVEN, ["transforms"], lambda all_: all_[:2]),
    "given, but without transforms": (GIVEN, ["transforms"], None),
    "given, but with no numbers": (GIVEN, ["transforms", 0, 0, 0], NAN),
    "given, but with words": (GIVEN, ["transforms", 0, 0, 0], "one"),
    "given, but flat": (GIVEN, ["transforms", 0], [[0, 0, 0]] * 3),
    "given, but far away": (GIVEN, ["transforms", 0, 0, 2], 1e9),
    "given, but a little away": (GIVEN, ["transforms", 0, 0, 2], 3.0),
    "given, but endless": (GIVEN, ["transforms", 0, 0, 2], 1e308),
    "given, but through infinity": (GIVEN, ["transforms", 0, 2], [0.02, 0.02, -1.0]),
    "given, but with a crop beyond the frames": (GIVEN, ["crop"], [50, 50, 500, 500]),
    "given, but with a crop below nothing": (GIVEN, ["crop"], [-50, 0, 60, 40]),
    "given, but with a crop of nothing": (GIVEN, ["crop"], [0, 0, 0, 0]),
    "given, but with a crop of millions": (GIVEN, ["crop"], [0, 0, 10**7, 10**7]),
    "given, but with a crop of words": (GIVEN, ["crop"], ["a", "b", "c", "d"]),
    "given, but with another size": (GIVEN, ["size"], [60, 40]),
    "given, but with a size of words": (GIVEN, ["size"], ["wide", "high"]),
    "given, but with a frame twice in order": (GIVEN, ["order"], [0, 0, 1, 2]),
    "given, but with another order": (GIVEN, ["order"], [3, 2, 1, 0]),
    "given, but with no reference": (GIVEN, ["reference_index"], 44),
    "given, but with a reference below nothing": (GIVEN, ["reference_index"], -1),
    "given, but of an unknown model": (GIVEN, ["model"], "magic"),
    "given, but of another model": (GIVEN, ["model"], "homography"),
    "given, but rejected are numbers": (GIVEN, ["rejected"], [1, 2]),
    "given, but rejected have no index": (GIVEN, ["rejected"], [{"reason": "x"}]),
    "given, but a rejected index is a list": (GIVEN, ["rejected"], [{"index": [], "reason": "x"}]),
    # what was painted on it
    "strokes that are a word": (["retouch"], "brush"),
    "strokes that are numbers": (["retouch"], [1]),
    "a stroke of a frame that is not there": (
        ["retouch"],
        [{"frame": 9, "size": 9.0, "hardness": 1, "opacity": 1, "points": [[60, 40, 1]]}],
    ),
    "a stroke that nobody painted": (
        ["retouch"],
        [{"frame": 0, "size": 50.0, "hardness": 1, "opacity": 1, "points": [[60, 40, 1]]}],
    ),
    # what came out
    "a picture of another size": (["picture", "width"], 119),
    "a picture of no size": (["picture", "width"], 0),
    "a picture of a size that is true": (["picture", "width"], True),
    "a picture of a huge size": (["picture", "width"], 10**12),
    "a picture of another hash": (["picture", "sha256"], "0" * 64),
    "a picture of a hash that is a list": (["picture", "sha256"], []),
    "a picture of another type": (["picture", "dtype"], "uint16"),
    "a picture of no type": (["picture", "dtype"], ["uint8"]),
    "a picture of more channels": (["picture", "channels"], 4),
    "a picture that is a word": (["picture"], "here"),
}

HARMLESS = {
    *("hash that is nothing", "software of odd versions", "software of no version"),
    *("another size", "a crop of nothing", "warnings that are a number"),
    *("rejected that is a number", "given, but with another order"),
    *("given, but with a crop beyond the frames", "given, but with a crop below nothing"),
    *("given, but with a crop of nothing", "given, but with a crop of millions"),
    *("a picture of another size", "a picture of a huge size", "a picture of another hash"),
    *("a picture of a hash that is a list", "a picture of another type"),
    *("a picture of no type", "a picture of more channels"),
}
"""The first picture comes out: what is not true here is found anew, or only compared with."""
SAID = {
    *("frames in another order", "another method", "another reference"),
    *("given, but a little away", "given, but through infinity", "a stroke that nobody painted"),
}
"""Another picture comes out, and a line says so."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with frames, and the result of stacking them."""
    home = tmp_path_factory.mktemp("made")
    for k, frame in enumerate(rendered("steps", frames=4, size=(120, 80))[0]):
        cv2.imwrite(str(home / f"f{k}.png"), frame[..., ::-1])
    frames = [home / f"f{k}.png" for k in range(4)]
    return home, stack(frames, Recipe(method="average", align="none", clean=False, depth=False))


def lying(record, lie):
    """The record with one thing changed, and with what the lie needs beside it."""
    record, (*beside, path, value) = copy.deepcopy(record), lie
    for more in beside:
        record |= more
    place = record
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value(place[path[-1]]) if callable(value) else value
    return record


@pytest.mark.parametrize("name", TABLE)
def test_lies(made, name, capsys):
    home, result = made
    picture, again = home / "fused.png", home / "fused-restacked.png"
    again.unlink(missing_ok=True)
    packed = pack(lying(result.provenance, TABLE[name]))
    write_picture(picture, result.image, Metadata(), overwrite=True, records=(packed, packed))

    code, said = main(["restack", str(picture)]), capsys.readouterr().err
    assert code in (0, 2, 3, 4, 6), said  # 1 would be a bug
    assert (code == 0) == again.exists()
    outcome = REFUSED
    if code == 0:
        same = np.array_equal(cv2.imread(str(again))[..., ::-1], result.image)
        outcome = SAME if same else OTHER
        assert same or "it differs from the first picture" in said
        assert same or "bit for bit" not in said
    expected = SAME if name in HARMLESS else OTHER if name in SAID else REFUSED
    assert outcome == expected, said

    code, told = main(["explain", str(picture), "10", "10", "-q"]), capsys.readouterr()
    assert code in (0, 2, 3, 4, 6), told.err
    assert code or outcome == SAME or "make another picture now" in told.out
