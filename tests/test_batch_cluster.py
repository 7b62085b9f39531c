"""Batches made by workers: the same pictures, whoever dies on the way."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cards import entered, made_alone
from focusstack.cli import main
from focusstack.errors import ClusterError
from focusstack.execute.dask import WorkerLost, cluster
from focusstack.synthetic import render, write_stack
from machines import children_of, running, scheduler, wait_for_worker, worker

NAMES = ("ant", "bee", "cat", "dog", "eel", "fox")
QUICK = ("--method", "pyramid", "--by", "folder", "--no-look", "--template", "{stack}")
COMMAND = [sys.executable, "-m", "focusstack", "batch", "card", "-o", "out", *QUICK]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Six stacks, and what one process makes of them."""
    root = tmp_path_factory.mktemp("made")
    first = write_stack(render("steps", frames=8, size=(420, 280)), root / "card" / NAMES[0])
    for name in NAMES[1:]:
        (root / "card" / name).mkdir()
        for path in first:
            shutil.copy(path, root / "card" / name)
    made_alone(root, QUICK)
    return root


@pytest.fixture
def here(tmp_path, monkeypatch, made):
    return entered(tmp_path, monkeypatch, made)


def assert_same(made):
    results = {path.name: path.read_bytes() for path in Path("out").glob("*.jpg")}
    assert results == {path.name: path.read_bytes() for path in (made / "alone").glob("*.jpg")}
    assert not list(Path("out").glob(".*.part"))


def is_running(pid):
    """Whether it is more than a name that its parent has not asked about yet."""
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


@pytest.mark.skipif(not shutil.which("ps"), reason="needs ps")
def test_workers_that_are_killed_change_nothing(here, made):
    running = subprocess.Popen([*COMMAND, "--workers", "2"], stderr=subprocess.PIPE, text=True)
    said = ""
    killed = 0
    for line in running.stderr:
        said += line
        if re.match(r"\d of 6: ", line) and killed < 2:
            os.kill(children_of(running.pid)[0], signal.SIGKILL)
            killed += 1
    assert running.wait() == 0, said
    assert killed == 2
    assert "2 at a time; see http://127.0.0.1" in said
    assert "6 of 6 made" in said
    assert_same(made)


def test_ctrl_c_leaves_no_process_behind(here, made):
    running = subprocess.Popen(
        [*COMMAND, "--workers", "2"], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    for line in running.stderr:
        if "1 of" in line or "2 of" in line:
            break
    workers = children_of(running.pid)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal sends it: to all of them
    said = running.stderr.read()
    assert running.wait(timeout=20) in (0, 130)
    assert "Traceback" not in said
    assert "leaked" not in said
    time.sleep(1)
    assert not [pid for pid in workers if is_running(pid)]
    assert subprocess.run([*COMMAND, "-q"], check=False).returncode == 0
    assert_same(made)


def test_a_scheduler_elsewhere_whose_worker_dies_and_another_comes(here, made):
    with scheduler(here) as address, running(worker(address)) as first:
        wait_for_worker(address)
        batch = subprocess.Popen(
            [*COMMAND, "--scheduler", address], stderr=subprocess.PIPE, text=True
        )
        said = ""
        for line in batch.stderr:
            said += line
            if "1 of 6" in line:
                first.kill()
                break
        assert "1 of 6" in said, said
        with running(worker(address)):
            said += batch.stderr.read()
            assert batch.wait(timeout=60) == 0, said
    assert_same(made)


def test_another_version_on_a_worker_is_refused_by_name(here, capsys):
    other = here / "site" / "focusstack-9.9.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: focusstack\nVersion: 9.9\n")
    with (
        scheduler(here) as address,
        running(worker(address), PYTHONPATH=str(here / "site")),
    ):
        wait_for_worker(address)
        assert main(["batch", "card", "-o", "out", *QUICK, "--scheduler", address]) == 8
    err = capsys.readouterr().err
    assert re.search(r"the worker at tcp://127.0.0.1:\d+ has focusstack 9.9, this is ", err)
    assert not list(Path("out").glob("*.jpg"))


def test_nobody_there(here, capsys):
    started = time.monotonic()
    assert main(["batch", "card", "-o", "out", *QUICK, "--scheduler", "tcp://127.0.0.1:9"]) == 8
    assert time.monotonic() - started < 20
    err = capsys.readouterr().err
    assert "no dask scheduler answers at tcp://127.0.0.1:9" in err
    assert main(["batch", "card", "-o", "out", *QUICK, "--scheduler", "nonsense://x"]) == 8
    assert "nonsense" in capsys.readouterr().err
    assert main(["batch", "card", "-o", "out", "--scheduler", "x", "--workers", "2"]) == 2
    assert "contradict" in capsys.readouterr().err


def test_a_task_that_kills_its_workers_does_not_stop_the_others():
    with cluster(workers=1) as here:
        results = dict(here.work(_kill_or_double, [3, -1, 4], lambda _item: None))
    assert results[3] == 6
    assert results[4] == 8
    assert isinstance(results[-1], WorkerLost)


def _kill_or_double(number):
    if number < 0:
        os._exit(1)
    return 2 * number


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'focusstack\[cluster\]'"):
        cluster(workers=2).__enter__()
