"""Which pictures below a folder belong together, and what they are."""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tifffile

from focusstack import InputError, RecipeError
from focusstack.batch import Splitting, find_stacks, read_plan, result_names, write_plan
from focusstack.batch.names import check_template
from focusstack.events import Warned
from focusstack.synthetic import render, write_card, write_stack
from truth import put_stack

KINDS = ("stack", "burst", "panorama", "bracket")


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """A small card, and what truly belongs together."""
    folder = tmp_path_factory.mktemp("root") / "card"
    shoots = write_card(
        folder, stacks=7, bursts=3, panoramas=2, brackets=2, seed=11, size=(300, 200)
    )
    return folder, shoots


def as_names(groups):
    return {tuple(path.name for path in group.frames): group for group in groups}


def test_a_card_is_split_into_its_shoots(card):
    folder, shoots = card
    found = as_names(find_stacks(folder).groups)
    right = Counter()
    for shoot in shoots:
        group = found.get(tuple(path.name for path in shoot.paths))
        right[shoot.kind] += group is not None and group.kind == shoot.kind
    total = Counter(shoot.kind for shoot in shoots)
    assert right["stack"] == total["stack"]
    assert sum(right.values()) >= sum(total.values()) - 1
    taken = [group for group in found.values() if group.wanted]
    assert all(group.kind == "stack" and group.sure >= 0.5 for group in taken)


def test_names_and_order_on_disk_do_not_matter(card, tmp_path):
    """Copying a card changes the times of its files and the order in which they are listed."""
    folder, _ = card
    copy = tmp_path / "card"
    copy.mkdir()
    for path in sorted(folder.iterdir(), reverse=True):
        shutil.copyfile(path, copy / path.name)
    assert as_names(find_stacks(copy).groups).keys() == as_names(find_stacks(folder).groups).keys()


def test_times_alone_split_where_nothing_is_looked_at(card):
    folder, shoots = card
    groups = find_stacks(folder, Splitting(look=False)).groups
    assert {group.kind for group in groups} <= {"unknown", "single"}
    truth = {tuple(path.name for path in shoot.paths) for shoot in shoots}
    assert len(truth & as_names(groups).keys()) >= len(truth) // 2


def test_a_folder_is_a_stack_and_is_called_after_it(tmp_path):
    root = tmp_path / "shoot"
    for name in ("a/fly", "a/bee", "b/fly"):
        put_stack(root / name, "steps", frames=5, size=(240, 160), seed=len(name))
    found = find_stacks(root)
    assert [group.name for group in found.groups] == ["a_bee", "a_fly", "b_fly"]
    assert [len(group.frames) for group in found.wanted] == [5, 5, 5]


def test_two_stacks_of_one_view_without_times_are_told_apart(tmp_path):
    """PNGs hold no times: the focus that goes back to the start tells."""
    stack = render("still-life", frames=7, size=(300, 200), drift_px=1)
    twice = write_stack(stack, tmp_path / "a", "png") + write_stack(stack, tmp_path / "b", "png")
    root = tmp_path / "root"
    root.mkdir()
    for number, path in enumerate(twice):
        shutil.copyfile(path, root / f"{number:03d}.png")
    assert [len(group.frames) for group in find_stacks(root).wanted] == [7, 7]


@pytest.mark.parametrize(
    ("how", "sizes"),
    [
        (Splitting("folder"), [12]),
        (Splitting("count", count=5), [5, 5, 2]),
        (Splitting("pattern", pattern=r"^(a|b)_"), [6, 6]),
        (Splitting("pattern", pattern="a_0[0-2]"), [3, 3]),
    ],
)
def test_a_person_says_what_belongs_together(tmp_path, how, sizes):
    stack = render("plane", frames=6, size=(200, 140))
    root = tmp_path / "root"
    root.mkdir()
    for letter in "ab":
        for path in write_stack(stack, tmp_path / letter, "png"):
            shutil.copyfile(path, root / path.name.replace("frame", letter))
    if how.pattern == "a_0[0-2]":
        how, sizes = dataclasses.replace(how, pattern="a_0[0-2](.)"), [3]
        assert [len(g.frames) for g in find_stacks(root, how).groups] == sizes
        return
    groups = find_stacks(root, how).groups
    assert sorted((len(group.frames) for group in groups), reverse=True) == sorted(
        sizes, reverse=True
    )


def test_pages_of_one_file_are_a_stack(tmp_path):
    frames = np.stack(list(render("plane", frames=5, size=(120, 80)).frames()))
    for name in ("one", "two"):
        tifffile.imwrite(tmp_path / f"{name}.tif", frames, photometric="rgb")
    groups = find_stacks(tmp_path).groups
    assert [(group.name, len(group.frames), group.kind) for group in groups] == [
        ("one", 5, "stack"),
        ("two", 5, "stack"),
    ]


def test_bad_files_and_odd_folders(tmp_path):
    root, events = tmp_path / "root", []
    good = put_stack(root / "good", "plane", frames=5, size=(200, 140))
    (root / "good" / "frame_99.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (root / "good" / "frame_98.jpg").write_bytes(good[0].read_bytes()[:900])
    (root / "good" / "round").symlink_to(root, target_is_directory=True)
    (root / "round").symlink_to(root / "round")
    (root / ".hidden").mkdir()
    shutil.copy(good[0], root / ".hidden")
    (root / "out").mkdir()
    shutil.copy(good[0], root / "out")
    found = find_stacks(root, output=root / "out", observer=events.append)
    assert [len(group.frames) for group in found.groups] == [5]
    assert {path.name for path, _ in found.unusable} == {"frame_98.jpg", "frame_99.jpg"}
    assert all(str(path) in why for path, why in found.unusable)
    assert not [event for event in events if isinstance(event, Warned)]


def refused(monkeypatch, locked):
    """Listing a folder fails as for a person who may not read it, whoever runs this."""
    for name in ("scandir", "listdir"):
        real = getattr(os, name)

        def listed(folder=".", real=real):
            if Path(folder) == locked:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
            return real(folder)

        monkeypatch.setattr(os, name, listed)


def test_a_folder_that_may_not_be_read_is_left_out(tmp_path, monkeypatch):
    put_stack(tmp_path / "good", "plane", frames=5, size=(200, 140))
    (tmp_path / "locked" / "inner").mkdir(parents=True)
    refused(monkeypatch, tmp_path / "locked")
    events = []
    found = find_stacks(tmp_path, observer=events.append)
    assert [len(group.frames) for group in found.groups] == [5]
    (said,) = [event.message for event in events if isinstance(event, Warned)]
    assert str(tmp_path / "locked") in said
    assert "left out" in said


def test_mixed_cameras_are_told_apart(tmp_path):
    """Names that alternate, as of two cameras on one card."""
    for size, offset in (((300, 200), 0), ((260, 200), 1)):
        frames = render("still-life", frames=6, size=size, seed=offset).frames()
        for index, pixels in enumerate(frames):
            from focusstack.synthetic.files import Exposure, write_frame

            write_frame(tmp_path / f"P{2 * index + offset:04d}.jpg", pixels, Exposure(0.01))
    found = find_stacks(tmp_path)
    assert sorted(len(group.frames) for group in found.wanted) == [6, 6]


def test_a_counter_that_started_again_goes_on(tmp_path):
    stack = render("still-life", frames=6, size=(300, 200))
    from datetime import datetime, timedelta

    from focusstack.synthetic.files import Exposure, write_frame

    for index, pixels in enumerate(stack.frames()):
        number = (9996 + index) % 9999 + 1
        taken = datetime(2024, 5, 1, 9) + timedelta(seconds=index)
        write_frame(tmp_path / f"IMG_{number:04d}.jpg", pixels, Exposure(0.01, 100, taken))
    (group,) = find_stacks(tmp_path).wanted
    assert [path.stem[-4:] for path in group.frames] == [
        *("9997", "9998", "9999", "0001", "0002", "0003")
    ]


def test_nothing_there(tmp_path):
    with pytest.raises(InputError, match="no pictures"):
        find_stacks(tmp_path)
    with pytest.raises(InputError, match="not a folder"):
        find_stacks(tmp_path / "gone")


def test_a_plan_comes_back_as_it_was(card, tmp_path):
    folder, _ = card
    found = find_stacks(folder)
    groups = (
        dataclasses.replace(found.groups[0], settings={"method": "pyramid"}, output='a "b".jpg'),
        *found.groups[1:],
    )
    found = dataclasses.replace(found, groups=groups)
    write_plan(tmp_path / "plan.toml", found, overwrite=False)
    assert read_plan(tmp_path / "plan.toml", folder).groups == found.groups


HEAD = 'format = "focusstack-batch-plan"\nversion = 1\n'
BAD_PLANS = {
    "no toml": ("[[stack", "is no TOML"),
    "another file": ("a = 1", "is no plan"),
    "newer": ('format = "focusstack-batch-plan"\nversion = 2', "update focusstack"),
    "misspelt": (HEAD + '[[stack]]\nname="a"\nframe=["b"]', "did you mean 'frames'"),
    "no name": (HEAD + '[[stack]]\nframes=["b"]', "has no name"),
    "no frames": (HEAD + '[[stack]]\nname="a"', "frames must be names"),
    "above": (HEAD + '[[stack]]\nname="a"\nframes=["../b"]', "leads to another folder"),
    "absolute": (HEAD + '[[stack]]\nname="a"\nframes=["/b"]', "leads to another folder"),
    "output above": (
        HEAD + '[[stack]]\nname="a"\nframes=["b"]\noutput="../x.jpg"',
        "leads to another folder",
    ),
    "twice": (HEAD + 2 * '[[stack]]\nname="a"\nframes=["b"]\n', "two stacks are called a"),
    "wanted": (HEAD + '[[stack]]\nname="a"\nframes=["b"]\nwanted="no"', "true or false"),
}


@pytest.mark.parametrize(("text", "said"), BAD_PLANS.values(), ids=BAD_PLANS)
def test_a_broken_plan_is_refused_by_name(tmp_path, text, said):
    plan = tmp_path / "plan.toml"
    plan.write_text(text)
    with pytest.raises(InputError) as caught:
        read_plan(plan, tmp_path)
    assert said in str(caught.value)
    assert "plan.toml" in str(caught.value)


def test_settings_of_a_plan_are_checked(tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(HEAD + '[[stack]]\nname="a"\nframes=["b"]\n[stack.settings]\nmetod="x"')
    with pytest.raises(RecipeError, match="did you mean 'method'"):
        read_plan(plan, tmp_path)


@pytest.mark.parametrize("template", ["{stak}", "{", "same", "/{stack}", "../{stack}", "{count}"])
def test_a_template_that_cannot_work_is_refused(template):
    with pytest.raises(RecipeError):
        check_template(template)


def test_names_of_results_differ_and_stay_in_their_folder(tmp_path):
    from focusstack.batch import Group

    def group(name, *frames):
        return Group(name, tuple(Path(frame) for frame in frames), "stack", 1.0, "")

    groups = [group("a", "x/1.jpg", "x/2.jpg"), group("A", "y/1.jpg"), group("a/../b", "s.tif#3")]
    names = result_names(groups, ["auto"] * 3, "{stack}_{first}-{last}_{method}", ".jpg")
    assert names == ["a_1-2_auto.jpg", "A_1-1_auto.jpg", "a_.._b_3-3_auto.jpg"]
    assert result_names(groups[:2], ["auto"] * 2, "{first}", ".tif") == ["1.tif", "1-2.tif"]
