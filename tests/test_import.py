"""Importing costs little and leaves no trace."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources

import pytest

import focusstack

HEAVY = ("cv2", "tifffile", "imagecodecs", "simplejpeg", "PIL", "rich", "scipy", "matplotlib")
REPORT = """
import json, logging, sys, threading
{what}
heavy = [name for name in {heavy!r} if name in sys.modules]
handlers = [repr(h) for h in logging.getLogger().handlers]
handlers += [repr(h) for h in logging.getLogger("focusstack").handlers
             if not isinstance(h, logging.NullHandler)]
print(json.dumps([heavy, handlers, logging.getLogger().level, threading.active_count()]))
"""


def after(what):
    """Heavy modules loaded, log handlers, root level and threads after running ``what``."""
    code = REPORT.format(what=what, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1]), done


UNTOUCHED = [[], [], 30, 1]


def test_import_loads_little_and_sets_up_nothing():
    found, done = after("import focusstack")
    assert found == UNTOUCHED
    assert done.stderr == ""


def test_the_public_names_load_no_codec():
    found, _ = after("from focusstack import *")
    assert found == UNTOUCHED


@pytest.mark.parametrize("argument", ["--version"])
def test_the_version_is_said_without_loading_much(argument):
    run = f"""
import sys
sys.argv = ["focusstack", {argument!r}]
from focusstack.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""
    found, done = after(run)
    assert found == UNTOUCHED
    assert done.stdout.splitlines()[0].startswith("focusstack")


def test_python_m_runs_the_program():
    done = subprocess.run(
        [sys.executable, "-m", "focusstack", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "focusstack" in done.stdout


NAMES = [
    "Alignment",
    "AlignmentError",
    "Cancelled",
    "ClusterError",
    "FocusstackError",
    "FrameMismatch",
    "InputError",
    "MemoryLimitError",
    "OutputError",
    "OutputExists",
    "Recipe",
    "RecipeError",
    "StackReport",
    "StackResult",
    "StacksFailed",
    "TooFewFrames",
    "UnknownFormat",
    "UnreadableFrame",
    "inspect_stack",
    "read_provenance",
    "save_layers",
    "save_report",
    "stack",
]


def test_the_public_names_are_these():
    assert focusstack.__all__ == NAMES
    assert dir(focusstack) == sorted(NAMES)
    for name in NAMES:
        assert getattr(focusstack, name).__name__ == name
    star: dict[str, object] = {}
    exec("from focusstack import *", star)
    assert sorted(set(star) - {"__builtins__"}) == NAMES


def test_other_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'stak'"):
        _ = focusstack.stak


def test_every_error_has_its_exit_code():
    codes = {}
    for name in NAMES:
        kind = getattr(focusstack, name)
        if isinstance(kind, type) and issubclass(kind, Exception):
            assert issubclass(kind, focusstack.FocusstackError)
            codes[name] = kind.exit_code
            error = kind("what is wrong", "what to try")
            assert str(error) == "what is wrong (what to try)"
            assert str(kind("what is wrong")) == "what is wrong"
    assert codes == {
        "FocusstackError": 1,
        "RecipeError": 2,
        "StacksFailed": 7,
        "ClusterError": 8,
        "InputError": 3,
        "UnreadableFrame": 3,
        "FrameMismatch": 3,
        "TooFewFrames": 3,
        "AlignmentError": 4,
        "OutputError": 5,
        "OutputExists": 5,
        "UnknownFormat": 5,
        "MemoryLimitError": 6,
        "Cancelled": 130,
    }


def test_the_package_says_that_it_is_typed():
    assert resources.files("focusstack").joinpath("py.typed").is_file()
