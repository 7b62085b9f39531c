"""A large stack spread over workers: the same picture, whoever dies on the way."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import threading

import numpy as np
import pytest

from focusstack import Recipe, stack
from focusstack.cli import main
from focusstack.cli.options import read_workers
from focusstack.errors import Cancelled, ClusterError, RecipeError
from focusstack.events import StepAdvanced, StepStarted
from focusstack.execute import advancing, default_threads
from focusstack.execute.dask import cluster
from focusstack.stages import strips
from focusstack.stages.strips import feed_strip
from focusstack.steps.read import open_source
from machines import children_of
from truth import put_stack

SIZE = 720, 480


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large") / "stack"
    put_stack(folder, "still-life", frames=6, size=SIZE)
    return folder


@pytest.fixture(scope="module")
def alone(folder):
    return stack(folder, Recipe(depth=True))


class Here:
    """Workers that are this process; what they are given and hand back is sent about as bytes."""

    def __init__(self, workers):
        self.workers, self.calls = workers, []

    def submit(self, function, *args):
        self.calls.append(function)
        return lambda advance: self._call(function, args, advance)

    def gather(self, held, cancel=None, advance=lambda: None):
        for position in reversed(range(len(held))):
            yield position, held[position](advance)

    def _call(self, function, args, advance):
        values = [arg(lambda: None) if callable(arg) else arg for arg in args]
        values = pickle.loads(pickle.dumps(values))
        with advancing(advance if function is feed_strip else lambda: None):
            return function(*values)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_strips_sent_about_make_the_same_picture_and_maps(folder, alone, workers):
    made = stack(folder, Recipe(depth=True), workers=Here(workers))
    np.testing.assert_array_equal(made.image, alone.image)
    np.testing.assert_array_equal(made.depth, alone.depth)
    np.testing.assert_array_equal(made.lost, alone.lost)
    assert made.metadata == alone.metadata
    assert made.names == alone.names


@pytest.mark.parametrize("settings", [{"method": "pyramid"}, {"crop": False}], ids=str)
def test_so_do_other_settings(folder, settings):
    recipe = Recipe(depth=False, **settings)
    made = stack(folder, recipe, workers=Here(3))
    np.testing.assert_array_equal(made.image, stack(folder, recipe).image)


@pytest.mark.skipif(not shutil.which("ps"), reason="needs ps")
@pytest.mark.parametrize("step", ["fuse", "join"])
def test_real_processes_that_die_are_replaced(folder, alone, step):
    """One is killed when it has seen a frame, or when it is to put its strip together."""
    struck = []

    def strike(event):
        if isinstance(event, StepAdvanced | StepStarted) and event.step == step and len(struck) < 1:
            struck.append(children_of(os.getpid())[0])
            os.kill(struck[0], signal.SIGKILL)

    with cluster(workers=2) as found:
        made = stack(folder, Recipe(depth=True), observer=strike, workers=found)
    assert struck
    np.testing.assert_array_equal(made.image, alone.image)
    np.testing.assert_array_equal(made.lost, alone.lost)


def test_the_command_line_makes_the_same_file(folder, tmp_path, monkeypatch, capsys):
    """Also from a relative path, which workers elsewhere would not know."""
    monkeypatch.chdir(folder.parent)
    ways = {"alone": [], "spread": ["--workers", "2"]}
    for name, options in ways.items():
        assert main([folder.name, "-o", str(tmp_path / f"{name}.tif"), *options]) == 0
    assert "2 at a time" in capsys.readouterr().err
    alone, spread = ((tmp_path / f"{name}.tif").read_bytes() for name in ways)
    assert alone == spread


def test_stopping_ends_it(folder):
    cancel = threading.Event()

    def stop(event):
        if isinstance(event, StepStarted) and event.step == "fuse":
            cancel.set()

    with cluster(workers=1) as found, pytest.raises(Cancelled):
        stack(folder, Recipe(), observer=stop, cancel=cancel, workers=found)


def test_workers_that_die_again_and_again_end_it(folder, monkeypatch):
    monkeypatch.setattr(strips, "feed_strip", _die)
    with cluster(workers=1) as found, pytest.raises(ClusterError, match="one after the other"):
        stack(folder, Recipe(), workers=found)


def _die(*_given):
    os._exit(1)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"method": "wavelet"}, "method wavelet cannot be spread"),
        ({"select_only": True}, "--select-only cannot be spread"),
    ],
)
def test_what_cannot_be_spread_is_refused(folder, settings, said):
    with pytest.raises(RecipeError, match=said):
        stack(folder, Recipe(**settings), workers=Here(2))


def test_arrays_cannot_be_spread():
    with pytest.raises(RecipeError, match="arrays"):
        stack(np.zeros((3, 90, 90, 3), np.uint8), workers=Here(2))


def test_a_picture_too_small_to_be_split_is_fused_here(tmp_path):
    put_stack(tmp_path, "steps", frames=3, size=(60, 48))
    workers = Here(2)
    made = stack(tmp_path, Recipe(), workers=workers)
    assert not workers.calls
    np.testing.assert_array_equal(made.image, stack(tmp_path, Recipe()).image)


def test_sources_can_be_sent_about(folder):
    source = open_source(folder)
    source.info(0)
    again = pickle.loads(pickle.dumps(source))
    np.testing.assert_array_equal(again.read(1).pixels, source.read(1).pixels)


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("auto", default_threads()), (None, None)])
def test_how_many_workers(text, number):
    assert read_workers(None, None, text) == number


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", ""])
def test_numbers_of_workers_that_make_no_sense(text, folder, tmp_path, capsys):
    out = str(tmp_path / "x.jpg")
    assert main([str(folder), "-o", out, "--workers", text]) == 2
    assert "no number from 1" in capsys.readouterr().err
    assert main([str(folder), "-o", out, "--workers", "1", "--scheduler", "tcp://x:1"]) == 2
    assert "contradict" in capsys.readouterr().err
