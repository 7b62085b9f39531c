"""``focusstack demo``: a stack appears and is stacked."""

import re
import signal
import subprocess
import sys

import cv2
import pytest

from focusstack.cli import main

SMALL = ["--frames", "3", "--size", "160x120"]
MADE = ["alignment.json", "depth.png", "frames", "fused.png"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_demo_makes_frames_and_stacks_them(here, capsys):
    assert main(["demo", *SMALL]) == 0
    out, err = capsys.readouterr()
    place = here / "focusstack-demo"
    assert sorted(path.name for path in place.iterdir()) == MADE
    assert len(list((place / "frames").iterdir())) == 3
    assert cv2.imread(str(place / "frames" / "frame_00.jpg")).shape == (120, 160, 3)
    assert cv2.imread(str(place / "depth.png"), cv2.IMREAD_UNCHANGED).dtype == "uint16"
    assert len(out.splitlines()) == 3
    last = err.splitlines()[-3:]
    assert [re.split(r" {2,}", line)[1] for line in last] == [
        "focusstack-demo/fused.png",
        "focusstack-demo/depth.png",
        "focusstack-demo/frames",
    ]


def test_it_goes_where_it_is_told_and_replaces_only_when_asked(here, capsys):
    assert main(["demo", "there", *SMALL, "-q"]) == 0
    assert capsys.readouterr() == ("", "")
    before = (here / "there" / "fused.png").read_bytes()
    assert main(["demo", "there", *SMALL, "--seed", "2"]) == 5
    assert "--overwrite" in capsys.readouterr().err
    assert (here / "there" / "fused.png").read_bytes() == before
    assert main(["demo", "there", "--frames", "2", "--size", "160x120", "--overwrite"]) == 0
    assert len(list((here / "there" / "frames").iterdir())) == 2


def test_other_files_in_its_place_are_left_alone(here):
    (here / "there" / "frames").mkdir(parents=True)
    (here / "there" / "frames" / "mine.txt").write_text("mine")
    assert main(["demo", "there", *SMALL]) == 5
    assert main(["demo", "there", *SMALL, "--overwrite"]) == 0
    assert (here / "there" / "frames" / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "args", [["--size", "big"], ["--size", "0x10"], ["--frames", "1"], ["--seed", "-1"], ["a", "b"]]
)
def test_senseless_arguments_end_with_2(here, capsys, args):
    assert main(["demo", *args]) == 2
    assert "focusstack: error: " in capsys.readouterr().err
    assert not any(here.iterdir())


def test_ctrl_c_says_what_is_there(here):
    process = subprocess.Popen(
        [sys.executable, "-m", "focusstack", "demo", "--size", "3000x2000"],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    first = process.stderr.readline()
    assert first.startswith("note: rendering")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1].startswith("stopped; ")
    assert not list(here.rglob(".*.part"))
    assert not list(here.rglob("fused*"))
