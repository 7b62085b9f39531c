"""Stopping while results are written: whole files or none, and the truth about which."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import focusstack
from focusstack.cli import main, summary

PROGRAM = """
import sys, time
import focusstack
from focusstack.cli import main
from focusstack.steps.write import atomic_file

def slowly(path, overwrite, seconds):
    with atomic_file(path, overwrite) as part:
        part.write_bytes(b"half")
        print("writing", path.name, flush=True)
        time.sleep(seconds)

class Result:
    def save(self, path, quality, compression, delivery, overwrite):
        slowly(path, overwrite, {picture})
        return []
    def save_depth(self, path, overwrite):
        slowly(path, overwrite, 600)

focusstack.stack = lambda *args, **settings: Result()
sys.exit(main())
"""


class Quick:
    """A result that is written at once."""

    def save(self, path, quality, compression, delivery, overwrite):
        path.write_text("picture")
        return []


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).touch()
    return tmp_path


def stop_at(line, *args, picture, times=1):
    """Run until ``line`` comes out, send Ctrl-C, and return the exit code and what was said."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(picture=picture), "a.jpg", "b.jpg", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while process.stdout.readline() != line + "\n":
        assert process.poll() is None
    for _ in range(times):
        process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    return process.returncode, said.splitlines()


def names(folder: Path):
    return sorted(path.name for path in folder.iterdir())


def test_a_picture_that_is_being_written_leaves_nothing(here):
    code, said = stop_at("writing out.jpg", "-o", "out.jpg", picture=600)
    assert code == 130
    assert said[-1] == "stopped; nothing was written"
    assert names(here) == ["a.jpg", "b.jpg"]


def test_what_is_replaced_stays_until_the_new_one_is_whole(here):
    (here / "out.jpg").write_text("old")
    stop_at("writing out.jpg", "-o", "out.jpg", "--overwrite", picture=600)
    assert (here / "out.jpg").read_text() == "old"
    assert names(here) == ["a.jpg", "b.jpg", "out.jpg"]


def test_a_picture_that_is_complete_is_named(here):
    args = ("-o", "out.jpg", "--depth", "d.tif")
    code, said = stop_at("writing d.tif", *args, picture=0)
    assert code == 130
    assert said[-1] == "stopped; out.jpg had been written"
    assert names(here) == ["a.jpg", "b.jpg", "out.jpg"]


def test_a_stop_after_everything_names_everything(here, monkeypatch, capsys):
    monkeypatch.setattr(focusstack, "stack", lambda *args, **settings: Quick())
    monkeypatch.setattr(summary, "summary_lines", lambda *args: signal.raise_signal(signal.SIGINT))
    assert main(["a.jpg", "b.jpg", "-o", "out.jpg"]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "stopped; out.jpg had been written"


def test_unfinished_files_of_others_are_left_alone(here):
    other = here / ".out.jpg.0123456789abcdef.part"
    other.touch()
    stop_at("writing out.jpg", "-o", "out.jpg", picture=600)
    assert names(here) == [other.name, "a.jpg", "b.jpg"]


def test_an_impatient_person_is_obeyed_at_once(here):
    code, _ = stop_at("writing out.jpg", "-o", "out.jpg", picture=600, times=2)
    assert code == 130
    assert names(here) == ["a.jpg", "b.jpg"]
