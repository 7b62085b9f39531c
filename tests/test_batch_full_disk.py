"""A disk that fills up in the middle of a batch."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from cards import FOUR, entered, four_stacks
from focusstack.cli import main

QUICK = ("--set", "clean=false", "--method", "pyramid", "--template", "{stack}", "--by", "folder")
EXTRAS = ("--depth", "--sidecar")
EVERYTHING = ("focusstack-batch.jsonl", "focusstack-index.html")
OUT = Path("out")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Four stacks, and what a disk with room makes of them."""
    return four_stacks(tmp_path_factory.mktemp("made"), QUICK)


@pytest.fixture
def here(tmp_path, monkeypatch, made):
    return entered(tmp_path, monkeypatch, made)


def batch(*options):
    return main(["batch", "card", "-o", "out", *QUICK, *options])


def journal():
    """The outcomes in the journal; every line of it is whole."""
    lines = (OUT / "focusstack-batch.jsonl").read_text().splitlines()
    return [(one["stack"], one["state"]) for one in map(json.loads, lines)]


def pictures():
    return {path.stem: path.read_bytes() for path in OUT.glob("*.jpg")}


def parts():
    return [path.name for path in OUT.rglob("*") if path.name.endswith(".part")]


def alone(made):
    return {path.stem: path.read_bytes() for path in (made / "alone").glob("*.jpg")}


def no_room():
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fill(monkeypatch, call, is_full):
    """Have a call of the system fail for files whose name ``is_full`` says so of."""
    real = getattr(os, call)

    def limited(first, *others, **options):
        name = Path(f"/proc/self/fd/{first}").readlink() if isinstance(first, int) else first
        if is_full(Path(name).name):
            raise no_room()
        return real(first, *others, **options)

    monkeypatch.setattr(os, call, limited)


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_stack_that_finds_no_room_fails_and_is_made_later(here, made, capsys, monkeypatch, call):
    fill(monkeypatch, call, lambda name: re.fullmatch(r"\.bee\.jpg\.\w+\.part", name))
    assert batch(*EXTRAS) == 7
    err = capsys.readouterr().err
    assert "bee: failed: the disk is full writing out/bee.jpg (free some space" in err
    assert "1 of 4 stacks could not be made: bee" in err
    assert sorted(pictures()) == ["ant", "cat", "dog"]
    assert not parts()
    assert not list(OUT.glob("bee*"))  # its depth map had been written already
    assert journal()[2:4] == [("bee", "begun"), ("bee", "failed")]
    monkeypatch.undo()
    monkeypatch.chdir(here)
    assert batch(*EXTRAS) == 7  # known to fail
    assert batch(*EXTRAS, "--retry-failed") == 0
    assert sorted(pictures()) == list(FOUR)
    assert (OUT / "bee-depth.tif").exists()
    assert Counter(state for _, state in journal()) == {"begun": 5, "done": 4, "failed": 1}


def test_a_journal_that_finds_no_room_stops_nothing(here, made, capsys, monkeypatch):
    fill(monkeypatch, "fsync", lambda name: name in EVERYTHING or name.startswith(".focusstack"))
    assert batch() == 0
    err = capsys.readouterr().err
    said = "warning: the disk is full writing out/focusstack-batch.jsonl; the batch goes on"
    assert err.count(said) == 1
    assert "warning: the disk is full writing out/focusstack-index.html" in err
    assert "4 of 4 made" in err
    assert pictures() == alone(made)
    assert journal() == []
    monkeypatch.undo()
    monkeypatch.chdir(here)
    assert batch() == 0
    assert capsys.readouterr().err.count("made before") == 4


@pytest.fixture
def small_disk(here):
    """``out`` on a file system of its own, of 1 MB."""
    OUT.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(OUT.resolve())]
    done = (
        subprocess.run(mount, capture_output=True, check=False) if shutil.which("mount") else None
    )
    if done is None or done.returncode:
        pytest.skip("may not mount a small disk")
    yield OUT
    subprocess.run(["umount", str((here / "out").resolve())], check=True)


@pytest.mark.parametrize("extension", ["jpg", "tif", "png"])
def test_a_disk_that_is_really_full(small_disk, made, capsys, extension):
    biggest = max(map(len, alone(made).values()))
    room = {"jpg": 2, "tif": 8, "png": 6}[extension] * biggest
    ballast = small_disk / "ballast"
    status = os.statvfs(small_disk)
    ballast.write_bytes(b"\0" * (status.f_bavail * status.f_frsize - room))
    assert batch("--format", extension) == 7
    err = capsys.readouterr().err
    assert "failed: the disk is full writing out/" in err
    there = list(OUT.glob(f"*.{extension}"))
    assert len(there) < 4
    assert f"{len(there)} of 4 made" in err
    assert not parts()
    done = [name for name, state in journal() if state == "done"]
    ballast.unlink()
    assert batch("--format", extension, "--retry-failed") == 0
    assert len(list(OUT.glob(f"*.{extension}"))) == 4
    assert "4 of 4 made" in capsys.readouterr().err
    assert len(set(done)) == len(done)
    if extension == "jpg":
        assert pictures() == alone(made)
