"""``focusstack inspect``: text, JSON and pictures about a stack, and how it fails."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from focusstack import inspect_stack
from focusstack.cli import main
from focusstack.inspection import as_document
from focusstack.synthetic import render, write_stack

PLOTS = ["focus.png", "frames.png", "motion.png"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Files of a stack from which three frames are missing."""
    folder = tmp_path_factory.mktemp("made")
    paths = write_stack(render("plane", size=(300, 200), frames=12), folder)
    return [path for i, path in enumerate(paths) if i not in (5, 6, 7)]


@pytest.fixture
def here(tmp_path, monkeypatch, made):
    """The working directory, with that stack in a folder that is called like the command."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "inspect"
    folder.mkdir()
    for path in made:
        (folder / path.name).symlink_to(path)
    return tmp_path


def test_the_text_names_frames_and_the_gap(here, capsys):
    assert main(["inspect", "inspect"]) == 0
    out, err = capsys.readouterr()
    assert re.search(r"^frames +9 \(9 jpg", out, re.M)
    assert re.search(r"^size +300 x 200 px", out, re.M)
    assert len(re.findall(r"^ *\d+ frame_\d\d.jpg +[\d.]+ %", out, re.M)) == 9
    flat = " ".join(out.split())
    assert "the step from frame_04.jpg (4) to frame_08.jpg (5) is too large" in flat
    assert max(map(len, out.splitlines())) <= 80
    assert "inspect: done" in err
    assert "\x1b" not in out


def test_quiet_leaves_only_the_report(here, capsys):
    assert main(["inspect", "inspect", "-q"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("frames")
    assert err == ""


def test_json_is_one_object_that_agrees_with_python(here, capsys):
    assert main(["inspect", "inspect", "--json", "--threads", "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = json.loads(json.dumps(as_document(inspect_stack("inspect", threads=1))))
    assert {**told, "job": None} == {**found, "job": None}
    assert told["schema_version"] == 1
    assert [(gap["before"], gap["after"]) for gap in told["gaps"]] == [(4, 5)]
    assert [Path(f["name"]).name for f in told["frames"]][4:6] == ["frame_04.jpg", "frame_08.jpg"]


def test_a_folder_called_inspect_can_still_be_stacked(here):
    assert main(["./inspect", "-o", "out.png", "-q"]) == 0
    assert main(["-i", "inspect", "-o", "out2.png", "-q"]) == 0
    assert (here / "out.png").exists()
    assert (here / "out2.png").exists()


def test_pictures_are_drawn_whole_and_named(here, capsys):
    assert main(["inspect", "inspect", "--pictures", "new/plots"]) == 0
    folder = here / "new" / "plots"
    assert sorted(path.name for path in folder.iterdir()) == PLOTS
    for path in folder.iterdir():
        picture = cv2.imread(str(path))
        assert min(picture.shape[:2]) > 300
        assert picture.std() > 5
    assert "focus.png" in capsys.readouterr().out


def test_the_gap_is_drawn_where_it_is(here):
    assert main(["inspect", "inspect", "--pictures", "gap", "-q"]) == 0
    report = inspect_stack("inspect")
    picture = cv2.imread(str(here / "gap" / "focus.png")).astype(int)
    orange = picture[..., 2] - picture[..., 0] > 40
    rows = orange.sum(axis=1)
    _, y, _, height = report.gaps[0].box
    assert orange.mean() > 0.02
    # The plane is near at the bottom, so the gap is a band.
    scale = picture.shape[1] / 300
    centre = (rows[: round(200 * scale)] * range(round(200 * scale))).sum() / rows.sum()
    assert abs(centre / scale - (y + height / 2)) < 30


def test_pictures_replace_nothing_unless_asked(here, capsys):
    (here / "plots").mkdir()
    (here / "plots" / "focus.png").write_text("mine")
    assert main(["inspect", "inspect", "--pictures", "plots"]) == 5
    assert "--overwrite" in capsys.readouterr().err
    assert [path.name for path in (here / "plots").iterdir()] == ["focus.png"]
    assert (here / "plots" / "focus.png").read_text() == "mine"
    assert main(["inspect", "inspect", "--pictures", "plots", "--overwrite"]) == 0
    assert cv2.imread(str(here / "plots" / "focus.png")) is not None


def test_plots_do_not_go_among_the_frames(here, capsys):
    frames = here / "frames"
    write_stack(render("plane", size=(96, 72), frames=4), frames)
    assert main(["inspect", "frames", "--pictures", "frames"]) == 5
    assert "holds the frames" in capsys.readouterr().err
    assert len(list(frames.iterdir())) == 4


def test_without_matplotlib_pictures_say_what_to_install(here, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["inspect", "inspect", "--pictures", "plots"]) == 5
    out, err = capsys.readouterr()
    assert err.splitlines() == [
        "focusstack: error: --pictures needs matplotlib: pip install 'focusstack[report]'"
    ]
    assert not out
    assert not (here / "plots").exists()
    assert main(["inspect", "inspect", "-q"]) == 0


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["inspect"], 2, "SOURCES"),
        (["inspect", "nowhere"], 3, "nowhere does not exist"),
        (["inspect", "empty"], 3, "no pictures"),
        (["inspect", "inspect/frame_00.jpg"], 3, "only one frame"),
        (["inspect", "inspect", "--memory", "lots"], 2, "no amount of memory"),
        (["inspect", "inspect", "--pictures", "inspect/frame_00.jpg/x"], 5, "frame_00.jpg"),
    ],
)
def test_errors_are_those_of_the_main_command(here, capsys, args, code, says):
    (here / "empty").mkdir()
    assert main(args) == code
    out, err = capsys.readouterr()
    assert not out
    assert "focusstack: error: " in err
    assert says in err
    assert "Traceback" not in err


def test_memory_that_does_not_suffice_is_said_before_stacking(here, capsys):
    assert main(["inspect", "inspect", "--memory", "1M", "-q"]) == 0
    assert "MORE THAN THERE IS" in capsys.readouterr().out


def test_long_names_and_control_characters_do_no_harm(here, capsys):
    folder = here / "odd"
    folder.mkdir()
    for i, path in enumerate(sorted((here / "inspect").iterdir())[:4]):
        (folder / f"a-very-long-name-of-a-frame-\x1b[31m{i}.jpg").symlink_to(path.resolve())
    assert main(["inspect", "odd", "-q"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out


def test_ctrl_c_stops_it_and_leaves_nothing(here):
    (here / "large").mkdir()
    for path in sorted((here / "inspect").iterdir())[:6]:
        large = cv2.resize(cv2.imread(str(path)), (1500, 1000))
        cv2.imwrite(str(here / "large" / path.name), large)
    process = subprocess.Popen(
        [sys.executable, "-m", "focusstack", "inspect", "large", "--pictures", "plots"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr.readline() == "align: started\n"
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "stopped; nothing was written"
    assert out == ""
    assert list((here / "plots").iterdir()) == []


def test_a_reader_that_goes_away_is_no_failure(here):
    command = f"{shlex.quote(sys.executable)} -m focusstack inspect inspect -q | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("frames")
    assert done.stderr == ""
