"""Work of the studio in processes of its own: what befalls it, and what it says then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("starlette", reason="needs the extra studio")

from focusstack.studio.jobs import Jobs
from focusstack.studio.news import News

STARTED_WHILE_OPENCV_IS_IMPORTED = """
import importlib.machinery, sys, threading, time
from pathlib import Path
from focusstack.studio.inspecting import Look, look_at
from focusstack.studio.jobs import Jobs
from focusstack.studio.news import News

leads, begun = threading.Event(), threading.Event()

class Lingering:
    def __init__(self, loader):
        self.exec_module, self._create = loader.exec_module, loader.create_module

    def create_module(self, spec):
        leads.set()
        begun.wait(60)
        return self._create(spec)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name != "cv2" or not any(Path(p).name == "cv2" for p in sys.path[:2]):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name)
        spec.loader = Lingering(spec.loader)
        return spec

def import_it():
    import cv2
    leads.set()

sys.meta_path.insert(0, Finder())
threading.Thread(target=import_it).start()
leads.wait()
jobs = Jobs(News(), work=look_at)
jobs.start(Look((), "key", Path(sys.argv[1])))
begun.set()
while jobs.now["state"] == "working":
    time.sleep(0.05)
print(jobs.now)
"""


def test_a_process_started_while_a_thumbnail_first_needs_opencv_does_its_work(tmp_path):
    command = [sys.executable, "-c", STARTED_WHILE_OPENCV_IS_IMPORTED, str(tmp_path / "notes.json")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "'state': 'done'" in ran.stdout, ran.stdout + ran.stderr


def killed(task, _news, _cancel):
    os.kill(os.getpid(), task)


def given_up(task, _news, _cancel):
    sys.exit(task)


@pytest.mark.parametrize(
    ("work", "task", "status", "hint"),
    [
        (killed, signal.SIGKILL, "-9", "out of memory?"),
        (given_up, 3, "3", "the terminal says more; please report it"),
    ],
)
def test_work_that_ends_without_a_word_tells_how_it_ended(work, task, status, hint):
    jobs = Jobs(News(), work=work)
    jobs.start(task)
    until = time.monotonic() + 60
    while jobs.now["state"] == "working" and time.monotonic() < until:
        time.sleep(0.05)
    assert jobs.now["state"] == "failed"
    assert f"exit status {status}" in jobs.now["message"]
    assert jobs.now["hint"] == hint
