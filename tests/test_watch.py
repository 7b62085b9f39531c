"""``focusstack watch``: frames that arrive one by one, whole or in pieces."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import cv2
import numpy as np
import pytest

from focusstack import InputError, read_provenance, stack
from focusstack.batch.glimpse import glimpse_of
from focusstack.cli import main
from focusstack.cli.watch import describe
from focusstack.live import Arrivals, Ends, judge_coverage, watch_folder
from focusstack.live.arrivals import DAMAGED_SECONDS, SETTLED_SECONDS
from focusstack.live.looks import Looks
from focusstack.recipe import Recipe
from focusstack.steps.read import open_source
from focusstack.synthetic import render, write_stack
from truth import put_stack

FRAMES = 6


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    stack = render("steps", frames=FRAMES, size=(240, 160))
    return write_stack(stack, tmp_path_factory.mktemp("made"))


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self):
        return self.now


class Folder:
    """Arrivals in a folder, looked at whenever time has passed."""

    def __init__(self, path, **settings):
        self.path, self.clock, self.said = path, Clock(), []
        given = {"leave_out": None, "order": "name", "new_only": False} | settings
        self.arrivals = Arrivals(path, warn=self.said.append, clock=self.clock, **given)

    def after(self, seconds):
        self.clock.now += seconds
        return [path.name for path in self.arrivals.look()]

    @property
    def names(self):
        return [path.name for path in self.arrivals.frames]


def test_a_file_counts_once_it_is_complete(tmp_path, made):
    folder, data = Folder(tmp_path), made[0].read_bytes()
    path = tmp_path / "a.jpg"
    path.write_bytes(data[:2000])
    assert folder.after(0) == []
    assert folder.after(SETTLED_SECONDS + 0.1) == []  # cut off
    assert folder.arrivals.waiting
    path.write_bytes(data)
    assert folder.after(0.1) == []  # it grew just now
    assert folder.after(SETTLED_SECONDS + 0.1) == ["a.jpg"]
    assert folder.after(9) == []
    assert folder.names == ["a.jpg"]
    assert not folder.arrivals.waiting
    assert folder.said == []


def test_what_stays_damaged_is_left_out_with_a_warning(tmp_path, made):
    folder = Folder(tmp_path)
    (tmp_path / "a.jpg").write_bytes(made[0].read_bytes()[:2000])
    for _ in range(int(DAMAGED_SECONDS) + 2):
        assert folder.after(1.01) == []
    assert folder.names == []
    assert not folder.arrivals.waiting
    assert len(folder.said) == 1
    assert "a.jpg" in folder.said[0]


def test_other_sizes_results_and_what_was_there_are_left_out(tmp_path, made):
    shutil.copy(made[0], tmp_path / "old.jpg")
    folder = Folder(tmp_path, leave_out=tmp_path / "out.jpg", new_only=True)
    for name, source in (("1.jpg", made[1]), ("out.jpg", made[2]), ("3.jpg", made[3])):
        shutil.copy(source, tmp_path / name)
    put_stack(tmp_path / "small", "plane", frames=1, size=(100, 80))
    folder.after(0)
    folder.after(2)
    shutil.move(tmp_path / "small" / "frame_00.jpg", tmp_path / "4.jpg")
    folder.after(0)
    folder.after(2)
    assert folder.names == ["1.jpg", "3.jpg"]
    assert folder.said == [f"left out: {tmp_path / '4.jpg'} is not like the first frame"]


def test_order_and_frames_that_go(tmp_path, made):
    by_name, by_time = Folder(tmp_path), Folder(tmp_path, order="time")
    for index, name in enumerate(("img10.jpg", "img2.jpg", "img1.jpg")):
        shutil.copyfile(made[index], tmp_path / name)
        os.utime(tmp_path / name, (1000 + index, 1000 + index))
    for folder in (by_name, by_time):
        folder.after(0)
        folder.after(2)
    assert by_name.names == ["img1.jpg", "img2.jpg", "img10.jpg"]
    assert by_time.names == ["img10.jpg", "img2.jpg", "img1.jpg"]
    (tmp_path / "img2.jpg").unlink()
    by_name.after(1)
    assert by_name.names == ["img1.jpg", "img10.jpg"]
    assert "img2.jpg is gone" in by_name.said[0]


def seen(frames):
    """Sharpness of frames in which nothing moves."""
    return [glimpse_of(pixels).sharpness for pixels in frames]


def test_coverage_grows_until_the_last_part_was_sharp():
    frames = list(render("steps", frames=9, size=(480, 320), drift_px=0, iso=0).frames())
    glimpses = seen(frames)
    shares = [judge_coverage(glimpses[:n]).share for n in range(2, 10)]
    known = [share for share in shares if share is not None]
    assert known[-1] > known[0]
    middle, end = judge_coverage(glimpses[:5]), judge_coverage(glimpses)
    assert middle.soft
    assert len(end.soft) < len(middle.soft) or end.share > middle.share
    assert not middle.settled


def test_one_can_stop_when_nothing_comes_into_focus_any_more():
    """Past the last thing everything gets softer with every frame."""
    frames = list(render("plane", frames=12, size=(480, 320), drift_px=0, iso=0).frames())
    softer = seen([*frames[:6], *frames[4::-1]])
    assert judge_coverage(softer).settled
    assert judge_coverage(softer).share == 1
    assert not judge_coverage(softer[:7]).settled


def breathed(folder, scene="plane", count=9, **settings):
    """The frames of a stack, and how sharp each is, registered and not."""
    stack = render(scene, frames=count, size=(600, 400), drift_px=2, **settings)
    paths = write_stack(stack, folder)
    looks = Looks()
    for number, path in enumerate(paths, 1):
        looks.add(path, paths[:number])
    unmoved = seen(open_source([path]).read(0).pixels for path in paths)
    return stack, looks.sharpness(paths), unmoved


@pytest.mark.parametrize("breathing", [0.13, -0.13])
def test_motion_alone_is_not_taken_for_focus(tmp_path, breathing):
    """Everything stays sharp, and moves by a cell in the corners."""
    _, moved, unmoved = breathed(tmp_path, "still-life", breathing=breathing, blur_px=0.01)
    assert judge_coverage(moved).share is None
    assert judge_coverage(unmoved).share is not None  # as it would be without registration


def test_coverage_holds_for_strong_breathing(tmp_path):
    _, still, _ = breathed(tmp_path / "still", breathing=0)
    stack, moved, unmoved = breathed(tmp_path / "moved", breathing=0.13)
    for number in range(3, len(moved) + 1):
        now, then = judge_coverage(moved[:number]), judge_coverage(still[:number])
        assert now.share == pytest.approx(then.share, abs=0.1)
    end = judge_coverage(moved)
    assert end.share > 0.97
    assert not end.soft
    first_from_canvas = np.linalg.inv(stack.truth.transforms[0])
    depth = cv2.warpPerspective(
        stack.truth.depth.astype(np.float32),
        first_from_canvas,
        (600, 400),
        borderMode=cv2.BORDER_REPLICATE,
    )
    truth = cv2.resize(depth, moved[0].shape[::-1], interpolation=cv2.INTER_AREA)
    wrong, wrong_unmoved = (
        np.abs(np.argmax(maps, axis=0) - truth).mean() for maps in (moved, unmoved)
    )
    assert wrong < 0.35
    assert wrong < wrong_unmoved


def test_a_frame_that_comes_late_is_placed_by_its_neighbours(tmp_path):
    paths = put_stack(tmp_path, "plane", frames=5, size=(400, 300), breathing=0.06)
    in_order, late = Looks(), Looks()
    for number, path in enumerate(paths, 1):
        in_order.add(path, paths[:number])
    came = [0, 4, 3, 1, 2]
    for number, new in enumerate(came, 1):
        there = sorted(came[:number])
        late.add(paths[new], [paths[k] for k in there])
    for a, b in zip(in_order.sharpness(paths), late.sharpness(paths), strict=True):
        both = np.isfinite(a) & np.isfinite(b)
        assert both.mean() > 0.8
        assert np.abs(a - b)[both].max() < 0.3


def test_frames_without_detail_are_taken_as_they_are(tmp_path):
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((60, 90, 3), 90 + number, np.uint8))
    paths = sorted(tmp_path.glob("*.png"))
    looks = Looks()
    for number, path in enumerate(paths, 1):
        looks.add(path, paths[:number])
    assert judge_coverage(looks.sharpness(paths)).share is None
    assert all(np.isfinite(one).all() for one in looks.sharpness(paths))


def test_too_little_to_tell():
    grey = seen([np.full((80, 120, 3), 90, np.uint8)] * 3)
    assert judge_coverage(grey[:1]).share is None
    assert judge_coverage(grey).share is None


def test_what_is_said():
    assert describe(0.82, ("top left", "centre"), False) == (
        "   82 % of the subject has been sharp; still getting sharper: top left, centre"
    )
    assert describe(1.0, (), True).endswith("the last frames add nothing, you can stop")


def drip(sources, folder, stop=None, pause=0.15):
    """Write the frames in pieces, as over a slow cable."""
    for source in sources:
        data = source.read_bytes()
        with (folder / source.name).open("wb") as file:
            for part in (data[:3000], data[3000:]):
                file.write(part)
                file.flush()
                time.sleep(pause)
    if stop is not None:
        stop.set()


def test_the_result_is_that_of_the_same_frames_at_once(tmp_path, made, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shots = tmp_path / "shots"
    shots.mkdir()
    writer = threading.Thread(target=drip, args=(made, shots))
    writer.start()
    done = main(["watch", "shots", "-o", "live.tif", "--count", str(FRAMES), "--rhythm", "0.5"])
    writer.join()
    assert done == 0
    err = capsys.readouterr().err
    assert f"{FRAMES}: frame_05.jpg" in err
    assert "the picture shows" in err
    assert "of the subject has been sharp" in err
    assert main(["shots", "-o", "batch.tif"]) == 0
    then, now = (read_provenance(name)["picture"] for name in ("batch.tif", "live.tif"))
    assert now == then
    assert (tmp_path / "live.tif").read_bytes() == (tmp_path / "batch.tif").read_bytes()


def test_nothing_more_comes(tmp_path, made):
    for source in made[:3]:
        shutil.copy(source, tmp_path)
    shown = []
    frames = watch_folder(tmp_path, shown.append, ends=Ends(idle=2.5), rhythm=0.5)
    assert [path.name for path in frames] == [path.name for path in made[:3]]
    assert len(shown) == 1
    assert shown[0].recipe.preview


def test_ctrl_c_ends_the_stack_and_makes_the_picture(tmp_path, made):
    for source in made:
        shutil.copy(source, tmp_path)
    command = [sys.executable, "-m", "focusstack", "watch", ".", "-o", "out.png"]
    running = subprocess.Popen(
        [*command, "--idle", "0", "--rhythm", "1"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    for line in running.stderr:
        if "the picture shows" in line:
            break
    assert read_provenance(tmp_path / "out.png")["recipe"]["preview"] is True
    running.send_signal(signal.SIGINT)
    said = running.stderr.read()
    assert running.wait() == 0
    assert f"stacking the {FRAMES} frames at full size" in said
    assert read_provenance(tmp_path / "out.png")["recipe"]["preview"] is False
    alone = stack(list(made), Recipe(depth=False))
    assert read_provenance(tmp_path / "out.png")["picture"] == alone.provenance["picture"]


def test_bad_requests(tmp_path, made, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["watch", "gone", "-o", "out.jpg"]) == 3
    assert "gone is not a folder" in capsys.readouterr().err
    (tmp_path / "out.jpg").write_bytes(b"mine")
    assert main(["watch", ".", "-o", "out.jpg"]) == 5
    assert (tmp_path / "out.jpg").read_bytes() == b"mine"
    (tmp_path / "shots").mkdir()
    shutil.copy(made[0], tmp_path / "shots")
    assert main(["watch", "shots", "-o", "new.jpg", "--idle", "1.5"]) == 3
    assert "1 complete frames came" in capsys.readouterr().err
    assert not (tmp_path / "new.jpg").exists()
    with pytest.raises(InputError):
        watch_folder(tmp_path / "gone", lambda _result: None)
