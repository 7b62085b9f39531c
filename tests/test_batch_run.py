"""``focusstack batch``: what it makes, what it leaves alone, how it goes on after anything."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from focusstack import read_provenance, stack
from focusstack.cli import main
from focusstack.recipe import Recipe
from focusstack.steps.read import open_source
from truth import put_stack

NAMES = ("ant", "bee", "cat", "dog")
QUICK = ("--set", "clean=false", "--method", "pyramid")
KILLS = 20


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("made")
    for seed, name in enumerate(NAMES):
        put_stack(root / name, "steps", frames=5, size=(240, 160), seed=seed)
    return root


@pytest.fixture
def here(tmp_path, monkeypatch, made):
    """The working directory, with four stacks in ``card``."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path / "card")
    return tmp_path


def batch(*options):
    return main(["batch", "card", "-o", "out", *QUICK, *options])


def results(folder=Path("out")):
    return sorted(path.name for path in folder.glob("*.jpg"))


def journal():
    lines = Path("out/focusstack-batch.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


ALL = [f"{name}_frame_00-frame_04_pyramid.jpg" for name in NAMES]


def test_every_stack_is_made_as_by_itself(here, capsys):
    assert batch() == 0
    assert results() == ALL
    out, err = capsys.readouterr()
    assert out.split() == [f"out/{name}" for name in ALL]
    assert "4 of 4 made" in err
    alone = stack("card/bee", Recipe(method="pyramid", clean=False, depth=False))
    again = read_provenance(f"out/{ALL[1]}")["picture"]["sha256"]
    assert again == alone.provenance["picture"]["sha256"]


def test_what_is_made_is_not_made_again(here, capsys):
    assert batch() == 0
    before = {path: path.stat().st_mtime_ns for path in Path("out").glob("*.jpg")}
    capsys.readouterr()
    assert batch() == 0
    assert {path: path.stat().st_mtime_ns for path in Path("out").glob("*.jpg")} == before
    assert capsys.readouterr().err.count("made before") == 4
    assert Counter(line["state"] for line in journal()) == {"begun": 4, "done": 4}


def test_without_its_journal_the_records_tell(here, capsys):
    assert batch() == 0
    Path("out/focusstack-batch.jsonl").unlink()
    capsys.readouterr()
    assert batch() == 0
    assert capsys.readouterr().err.count("made before") == 4
    assert [line["state"] for line in journal()] == ["done"] * 4


@pytest.fixture
def hashed(monkeypatch):
    """Names of the files whose content was read to compare it."""
    from focusstack.batch import finished

    names, real = [], finished.hash_of

    def noting(path):
        names.append(path.name)
        return real(path)

    monkeypatch.setattr(finished, "hash_of", noting)
    return names


def test_other_times_alone_make_no_other_frames(here, capsys, hashed):
    """A card that was copied again; content is compared once, then times are known."""
    assert batch() == 0
    assert batch() == 0
    assert hashed == []
    for path in Path("card/bee").iterdir():
        os.utime(path, (1000, 1000))
    before = Path("out", ALL[1]).stat().st_mtime_ns
    capsys.readouterr()
    assert batch() == 0
    assert capsys.readouterr().err.count("made before") == 4
    assert sorted(hashed) == [f"frame_0{k}.jpg" for k in range(5)]
    assert batch() == 0
    assert len(hashed) == 5
    assert Path("out", ALL[1]).stat().st_mtime_ns == before


def test_other_content_of_the_same_size_is_seen(here, capsys, hashed):
    assert batch() == 0
    frame = Path("card/bee/frame_02.jpg")
    data = bytearray(frame.read_bytes())
    data[-200] ^= 1
    frame.write_bytes(data)
    capsys.readouterr()
    assert batch() == 7  # the result of other frames is not replaced unasked
    err = capsys.readouterr().err
    assert f"bee: failed: out/{ALL[1]} exists" in err
    assert err.count("made before") == 3
    assert "frame_03.jpg" not in hashed  # one that differs is enough
    assert batch("--overwrite") == 0
    record = read_provenance(f"out/{ALL[1]}")
    assert record["frames"][2]["sha256"] == hashlib.sha256(data).hexdigest()


def test_what_is_missing_is_made(here):
    assert batch() == 0
    Path("out", ALL[2]).unlink()
    assert batch() == 0
    assert [line["stack"] for line in journal() if line["state"] == "done"] == [*NAMES, "cat"]


def test_other_settings_do_not_overwrite_unasked(here, capsys):
    assert batch("--template", "{stack}") == 0
    before = Path("out/ant.jpg").read_bytes()
    capsys.readouterr()
    assert batch("--template", "{stack}", "--set", "crop=false") == 7
    assert "exists" in capsys.readouterr().err
    assert Path("out/ant.jpg").read_bytes() == before
    assert batch("--template", "{stack}", "--set", "crop=false", "--overwrite") == 0
    assert read_provenance("out/ant.jpg")["recipe"]["crop"] is False
    before = Path("out/ant.jpg").stat().st_mtime_ns
    assert batch("--template", "{stack}", "--set", "crop=false", "--overwrite") == 0
    assert Path("out/ant.jpg").stat().st_mtime_ns == before  # it is what it would become


def test_a_file_of_the_persons_stays(here, capsys):
    Path("out").mkdir()
    Path("out/ant.jpg").write_bytes(b"mine")
    Path("out/bee-depth.tif").write_bytes(b"mine too")
    assert batch("--template", "{stack}", "--depth") == 7
    assert Path("out/ant.jpg").read_bytes() == b"mine"
    assert Path("out/bee-depth.tif").read_bytes() == b"mine too"
    assert results() == ["ant.jpg", "cat.jpg", "dog.jpg"]
    err = capsys.readouterr().err
    assert re.search("failed: out/ant.jpg exists", err)
    assert re.search("2 of 4 stacks could not be made: ant, bee", err)


def test_one_bad_stack_does_not_stop_the_rest(here, capsys):
    frame = Path("card/bee/frame_02.jpg")
    good = frame.read_bytes()
    frame.write_bytes(good[: len(good) // 2])
    plan = ("--by", "folder", "--no-look")
    assert batch(*plan) == 7
    err = capsys.readouterr().err
    assert results() == [name for name in ALL if not name.startswith("bee")]
    assert "frame_02.jpg" in err
    assert "1 of 4 stacks could not be made: bee" in err
    assert batch(*plan) == 7  # known to fail: not tried again
    assert [line["state"] for line in journal() if line["stack"] == "bee"] == ["begun", "failed"]
    assert batch(*plan, "--retry-failed") == 7
    assert len([line for line in journal() if line["stack"] == "bee"]) == 4
    frame.write_bytes(good)
    assert batch(*plan) == 0  # its frames are others now
    assert results() == ALL


def test_a_plan_is_saved_edited_and_obeyed(here, capsys):
    assert batch("--dry-run", "--plan", "plan.toml") == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "plan.toml"
    assert "4 of 4 groups to stack, 20 frames" in out
    assert "out/focusstack-found.html" in err
    assert results() == []
    plan = Path("plan.toml")
    text = plan.read_text().replace("wanted = true", "wanted = false", 1)
    text = text.replace('name = "bee"', 'name = "bee"\noutput = "queen.png"')
    text = text.replace('    "dog/frame_04.jpg",\n]', ']\n[stack.settings]\nmethod = "average"')
    plan.write_text(text)
    assert batch("--plan", "plan.toml") == 0
    assert results() == [ALL[2], "dog_frame_00-frame_03_average.jpg"]
    assert read_provenance("out/queen.png")["recipe"]["method"] == "pyramid"
    assert batch("--dry-run", "--plan", "plan.toml") == 0  # shows what the plan says
    assert plan.read_text() == text


def test_extras_go_beside_the_picture(here):
    done = batch("--depth", "--sidecar", "--report", "--template", "{stack}/{number}")
    assert done == 0
    assert sorted(path.name for path in Path("out/ant").iterdir()) == [
        *("001-depth.tif", "001.html", "001.jpg", "001.jpg.focusstack.json")
    ]
    page = Path("out/focusstack-index.html").read_text()
    assert 'href="ant/001.jpg"' in page
    assert 'href="ant/001.html"' in page
    Path("out/bee/002-depth.tif").unlink()
    assert batch("--depth", "--sidecar", "--report", "--template", "{stack}/{number}") == 7
    assert not Path("out/bee/002-depth.tif").exists()  # the picture would be overwritten


def test_other_formats(here):
    assert batch("--format", "tif", "--compression", "zstd", "--template", "{stack}") == 0
    assert open_source("out/ant.tif").info(0).dtype == np.uint8


def test_two_batches_do_not_share_a_folder(here, capsys):
    from filelock import FileLock

    Path("out").mkdir()
    with FileLock("out/.focusstack-batch.lock"):
        assert batch() == 5
    assert "another batch is writing into out" in capsys.readouterr().err
    assert results() == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--count", "1"), "use 2 or more"),
        (("--count", "3", "--pattern", "x"), "contradict"),
        (("--pattern", "("), "no regular expression"),
        (("--gap", "0"), "more than 0"),
        (("--template", "{stak}"), "{stak}"),
        (("--set", "metod=x"), "did you mean 'method'"),
        (("--quiet", "--verbose"), "contradict"),
    ],
)
def test_requests_that_make_no_sense(here, capsys, options, said):
    assert batch(*options) == 2
    assert said in capsys.readouterr().err
    assert not Path("out").exists()


def test_where_nothing_is_a_stack(here, capsys):
    for frame in list(Path("card").glob("*/frame_0[1-4].jpg")):
        frame.unlink()
    assert batch() == 0
    assert "no focus stack was found" in capsys.readouterr().err
    assert main(["batch", "nowhere", "-o", "out"]) == 3
    assert "nowhere is not a folder" in capsys.readouterr().err


def command(*options):
    return [
        *(sys.executable, "-m", "focusstack", "batch", "card", "-o", "out", *QUICK),
        *("--plan", "plan.toml", *options),
    ]


def test_ctrl_c_ends_it_and_it_goes_on(here):
    assert batch("--dry-run", "--plan", "plan.toml") == 0
    running = subprocess.Popen(command(), stderr=subprocess.PIPE, text=True)
    for line in running.stderr:
        if "1 of 4" in line:
            break
    running.send_signal(signal.SIGINT)
    said = running.stderr.read()
    assert running.wait() in (130, 0)
    if running.returncode:
        assert "run the same command again" in said
        assert re.search(r"stopped; [1-3] of 4 stacks had been written", said)
    assert subprocess.run(command(), check=False).returncode == 0
    assert results() == ALL


def test_killed_again_and_again_nothing_is_lost_half_done_or_done_twice(here):
    assert batch("--dry-run", "--plan", "plan.toml") == 0
    chance = random.Random(5)
    first = {}
    for _ in range(KILLS):
        running = subprocess.Popen(command(), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.6))
        running.kill()
        running.wait()
        for path in Path("out").glob("*.jpg"):
            assert open_source(path).read(0).pixels.size  # whole
            first.setdefault(path, path.stat().st_mtime_ns)
    assert subprocess.run(command("-q"), check=False).returncode == 0
    assert results() == ALL
    assert {path: path.stat().st_mtime_ns for path in first} == first
    assert not list(Path("out").glob("*.part")) + list(Path("out").glob(".*.part"))
    done = Counter(line["stack"] for line in journal() if line["state"] == "done")
    assert max(done.values()) == 1


def test_a_journal_that_was_cut_off_in_the_middle_of_a_line(here):
    assert batch() == 0
    path = Path("out/focusstack-batch.jsonl")
    path.write_bytes(path.read_bytes()[:-20])
    Path("out", ALL[3]).unlink()
    assert batch() == 0
    assert results() == ALL
    with pytest.raises(json.JSONDecodeError):
        journal()  # the broken line is still there ...
    assert path.read_bytes().endswith(b"}\n")  # ... and what followed it is whole
