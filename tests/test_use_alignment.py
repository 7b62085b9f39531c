"""The alignment of one run, used for the frames of another."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from focusstack import AlignmentError, InputError, Recipe, RecipeError, stack
from focusstack.cli import main
from focusstack.events import StepStarted
from focusstack.steps.read import read_alignment
from truth import rendered

SMALL = {"size": (120, 80), "frames": 5}


@pytest.fixture(scope="module")
def first():
    """A run whose alignment is used again, and its frames."""
    frames, _ = rendered("plane", **SMALL)
    return stack(frames, Recipe(depth=False)), frames


@pytest.fixture
def saved(first, tmp_path):
    path = tmp_path / "a.json"
    first[0].save_alignment(path)
    return path


def dimmed(frames):
    """The same frames under another light."""
    return [np.uint8(f // 2) for f in frames]


@pytest.mark.parametrize("as_file", [True, False])
def test_frames_are_placed_as_before(first, saved, as_file):
    result, frames = first
    given = saved if as_file else result.alignment
    again = stack(dimmed(frames), Recipe(depth=False), alignment=given)
    assert again.alignment.crop == result.alignment.crop
    assert again.alignment.model == result.alignment.model
    assert again.alignment.reference_index == result.alignment.reference_index
    for a, b in zip(again.alignment.transforms, result.alignment.transforms, strict=True):
        np.testing.assert_array_equal(a, b)
    assert again.warnings == ()


def test_the_picture_is_the_one_that_aligning_gives(first, saved):
    result, frames = first
    again = stack(frames, result.recipe, alignment=saved)
    np.testing.assert_array_equal(again.image, result.image)


def test_frames_that_could_not_be_aligned_are_placed_by_it(first, saved):
    _, frames = first
    blank = [np.full_like(f, 90) for f in frames]
    again = stack(blank, Recipe(depth=False), alignment=saved)
    assert again.alignment.model == "similarity"
    assert again.warnings == ()


@pytest.mark.parametrize("match", [True, False])
def test_only_exposures_are_looked_at(first, saved, match):
    steps = []

    def watch(event):
        if isinstance(event, StepStarted):
            steps.append(event.step)

    recipe = Recipe(depth=False, match_exposure=match)
    stack(first[1], recipe, alignment=saved, observer=watch)
    assert ("align" in steps) == match


def test_what_was_left_out_is_left_out_again(tmp_path):
    frames, _ = rendered("plane", frames=9, seed=2)
    spoilt = list(frames)
    spoilt[4] = np.zeros_like(frames[4])
    path = tmp_path / "a.json"
    stack(spoilt, Recipe(depth=False)).save_alignment(path)
    again = stack(frames, Recipe(depth=False), alignment=path)
    assert again.alignment.transforms[4] is None
    assert len(again.warnings) == 1
    assert "left out array 4: the alignment leaves it out" in again.warnings[0]


def test_the_order_found_is_used_again(tmp_path):
    frames, _ = rendered("plane", frames=9)
    mixed = [frames[i] for i in (4, 0, 8, 2, 6, 1, 7, 3, 5)]
    first = stack(mixed)
    first.save_alignment(tmp_path / "a.json")
    again = stack(mixed, alignment=tmp_path / "a.json")
    assert again.alignment.order == first.alignment.order != tuple(range(9))
    np.testing.assert_array_equal(again.depth, first.depth)


def test_another_number_of_frames_is_refused(first, saved):
    with pytest.raises(AlignmentError, match="for 5 frames, but there are 4"):
        stack(first[1][:4], alignment=saved)


def test_another_size_is_refused(first, saved):
    larger = [cv2.resize(f, (140, 90)) for f in first[1]]
    with pytest.raises(AlignmentError, match="of 120x80 pixels, but array 0 is 140x90"):
        stack(larger, alignment=saved)


@pytest.mark.parametrize("recipe", [Recipe(reference=0), Recipe(align="affine")])
def test_a_recipe_that_contradicts_it_is_refused(first, saved, recipe):
    assert first[0].alignment.reference_index != 0
    with pytest.raises(RecipeError, match="but the alignment is"):
        stack(first[1], recipe, alignment=saved)


def broken(record, change):
    """A record with one thing wrong."""
    record = json.loads(json.dumps(record))
    change(record)
    return json.dumps(record)


BAD = {
    "not JSON": lambda r: "focus",
    "a list": lambda r: "[1, 2]",
    "something else": lambda r: '{"format": "recipe"}',
    "newer": lambda r: broken(r, lambda x: x.update(version=99)),
    "no size": lambda r: broken(r, lambda x: x.pop("size")),
    "not a matrix": lambda r: broken(r, lambda x: x["transforms"].__setitem__(1, [[1, 2]])),
    "singular": lambda r: broken(r, lambda x: x["transforms"].__setitem__(1, [[0.0] * 3] * 3)),
    "order": lambda r: broken(r, lambda x: x.update(order=[0, 0, 1, 2, 3])),
    "reference": lambda r: broken(r, lambda x: x.update(reference_index=77)),
    "left out": lambda r: broken(r, lambda x: x["transforms"].__setitem__(0, None)),
    "words": lambda r: broken(r, lambda x: x.update(crop="all of it")),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_no_alignment_is_named(saved, kind):
    saved.write_text(BAD[kind](json.loads(saved.read_text())))
    with pytest.raises(InputError, match=r"a\.json") as error:
        read_alignment(saved)
    assert error.value.hint


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.json"):
        read_alignment(tmp_path / "none.json")


def test_on_the_command_line(first, tmp_path, capsys):
    folder = tmp_path / "frames"
    folder.mkdir()
    for i, frame in enumerate(first[1]):
        cv2.imwrite(str(folder / f"{i}.png"), frame)
    made, again = tmp_path / "a.json", tmp_path / "b.json"
    one = [str(folder), "-o", str(tmp_path / "1.png"), "--alignment", str(made)]
    two = [str(folder), "-o", str(tmp_path / "2.png"), "--alignment", str(again)]
    assert main(one) == 0
    assert main([*two, "--use-alignment", str(made)]) == 0
    assert made.read_bytes() == again.read_bytes()
    pictures = (cv2.imread(str(tmp_path / name)) for name in ("1.png", "2.png"))
    np.testing.assert_array_equal(*pictures)
    (folder / "4.png").unlink()
    assert main([*two, "--overwrite", "--use-alignment", str(made)]) == 4
    assert "for 5 frames, but there are 4" in capsys.readouterr().err
