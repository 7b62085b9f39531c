"""Standard output and standard error: terminals, pipes, full disks, nobody there."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import focusstack
from focusstack import events
from focusstack.cli import main
from focusstack.model import Alignment

FACTS = dict(frames=2, used=2, width=60, height=40, bits=8, reference_index=0, rejected=[],
             reference_name="a.jpg", model="none", drift_px=0.0, breathing_percent=0.0,
             hot_pixels=0, dust_spots=0, seconds={}, peak_bytes=1, megapixels=1.0)

class Result:
    facts = FACTS
    alignment = Alignment((), 0, (0, 0, 1, 1))
    def save(self, path, quality, compression, delivery, overwrite):
        path.write_text("picture")
        return []

def stack(source, recipe, *, observer, **_):
    observer(events.RunStarted(2, 60, 40, 1000))
    observer(events.StepStarted("align", 2))
    observer(events.Warned("one is [bold]dark\\x07"))
    observer(events.StepAdvanced("align", 2, 2))
    observer(events.StepFinished("align", 0.5))
    return Result()

focusstack.stack = stack
sys.exit(main())
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).touch()
    return tmp_path


FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")


def run(*args, **how):
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **how}
    return subprocess.run([sys.executable, "-c", PROGRAM, *args], check=False, **how)


def on_terminal(*args, **variables):
    """Everything the program shows on a terminal, and its exit code."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **variables}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *args], stderr=theirs, stdout=subprocess.PIPE, env=env
    )
    os.close(theirs)
    shown = everything(ours)
    process.communicate()
    return shown, process.returncode


def everything(terminal):
    """What is shown on a terminal until its last writer has gone."""
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            piece = b""
        if not piece:
            os.close(terminal)
            return shown.decode()
        shown += piece


def test_a_terminal_gets_a_bar_per_step(here):
    shown, code = on_terminal("a.jpg", "b.jpg", "-o", "out.jpg")
    assert code == 0
    assert "\x1b[" in shown
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert re.search(r"align +━+ 2/2 0:00:0\d", plain)
    assert re.search(r"write +━+ 1/1 0:00:0\d", plain)
    assert "warning: one is [bold]dark\\x07" in plain
    assert "wrote      out.jpg" in plain


def test_names_are_not_said_twice_on_one_terminal(here):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "a.jpg", "b.jpg", "-o", "out.jpg"],
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "dumb"},
    )
    os.close(theirs)
    shown = everything(ours)
    assert process.wait(timeout=60) == 0
    assert shown.count("out.jpg") == 1


def test_no_color_is_respected(here):
    shown, _ = on_terminal("a.jpg", "b.jpg", "-o", "out.jpg", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9][0-9;]*m", shown)


@pytest.mark.parametrize(("args", "variables"), [(["-q"], {}), ([], {"TERM": "dumb"})])
def test_no_control_characters_where_they_would_be_in_the_way(here, args, variables):
    shown, code = on_terminal("a.jpg", "b.jpg", "-o", "out.jpg", *args, **variables)
    assert code == 0
    assert "\x1b" not in shown


def test_quiet_shows_nothing_on_a_terminal(here):
    assert on_terminal("a.jpg", "b.jpg", "-o", "out.jpg", "-q") == ("", 0)


def test_a_reader_that_has_gone_is_no_failure(here):
    reading, writing = os.pipe()
    os.close(reading)
    done = run("a.jpg", "b.jpg", "-o", "out.jpg", stdout=writing)
    os.close(writing)
    assert done.returncode == 0
    assert (here / "out.jpg").read_text() == "picture"
    assert "Error" not in done.stderr
    assert "Exception" not in done.stderr


def test_help_into_a_closed_pipe_is_no_failure():
    reading, writing = os.pipe()
    os.close(reading)
    done = run("--help", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@needs_full
@pytest.mark.parametrize("args", [["a.jpg", "b.jpg", "-o", "out.jpg"], ["--help"], ["--version"]])
def test_a_full_standard_output_is_said(here, args):
    with FULL.open("w") as full:
        done = run(*args, stdout=full)
    assert done.returncode == 5
    assert "focusstack: error: cannot write" in done.stderr
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@needs_full
def test_a_full_standard_error_costs_no_picture(here):
    with FULL.open("w") as full:
        done = run("a.jpg", "b.jpg", "-o", "out.jpg", stderr=full)
    assert done.returncode == 0
    assert done.stdout == "out.jpg\n"
    assert (here / "out.jpg").exists()


@pytest.mark.parametrize("closed", [1, 2])
def test_closed_streams_cost_no_picture(here, closed):
    done = run("a.jpg", "b.jpg", "-o", "out.jpg", preexec_fn=lambda: os.close(closed))
    assert done.returncode == 0
    assert (here / "out.jpg").exists()
    assert "Traceback" not in done.stderr + done.stdout


def test_names_of_files_go_out_as_they_are(here):
    name = os.fsdecode(b"caf\xe9.jpg")
    done = run("a.jpg", "b.jpg", "-o", name, text=False)
    assert done.returncode == 0
    assert done.stdout == b"caf\xe9.jpg\n"


def test_the_version_needs_nothing_heavy():
    code = (
        "import sys; from focusstack.cli import main; main(['--version']); "
        "print([m for m in ('numpy', 'cv2', 'rich', 'tifffile', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, heavy = done.stdout.splitlines()
    assert version.startswith("focusstack ")
    assert heavy == "[]"
