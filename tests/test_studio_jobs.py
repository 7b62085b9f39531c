"""Work in processes of its own: begun at a bad moment, and ended without a word."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")

BEGIN = """
import threading, time
from focusstack.studio.jobs import Jobs
from focusstack.studio.news import News

def work(task, news, cancel):
    news.put({"state": "done"})

def vanish(task, news, cancel):
    import os
    os._exit(7)

def ended(jobs):
    while jobs.now["state"] == "working":
        time.sleep(0.02)
    return jobs.now

if __name__ == "__main__":
"""
CV2 = """
import os, sys, time
before = sys.path[:]
sys.path.insert(0, os.path.dirname(__file__))
open(os.path.join(os.path.dirname(__file__), "begun"), "w").close()
time.sleep(0.5)
sys.path = before
"""
MEANWHILE = """
    def load():
        import cv2
    loading = threading.Thread(target=load)
    loading.start()
    while not os.path.exists(os.path.join(here, "cv2", "begun")):
        time.sleep(0.01)
    jobs = Jobs(News(), work=work)
    jobs.start(None)
    print(ended(jobs)["state"])
"""


def said_by(folder, script):
    (folder / "script.py").write_text(script)
    command = [sys.executable, str(folder / "script.py")]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_work_that_is_begun_while_opencv_is_imported_finds_pythons_own_modules(tmp_path):
    package = tmp_path / "cv2"
    package.mkdir()
    (package / "__init__.py").write_text(CV2)
    (package / "typing.py").write_text("raise ImportError('not the one that was meant')")
    here = f"    import os; here = {str(tmp_path)!r}\n"
    done = said_by(tmp_path, BEGIN + here + MEANWHILE)
    assert done.stdout.strip() == "done", done.stderr


def test_a_process_that_ends_without_a_word_is_told_with_its_code(tmp_path):
    end = """
    jobs = Jobs(News(), work=vanish)
    jobs.start(None)
    print(ended(jobs)["message"], "|", ended(jobs)["hint"])
"""
    said = said_by(tmp_path, BEGIN + end).stdout
    assert said.strip() == "the run ended without a word, with code 7 | please report it"
