"""dev.py: what it tells apart without setting anything up."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

DEV = Path(__file__).parents[1] / "dev.py"


@pytest.fixture
def dev():
    """A fresh copy of the script's names."""
    return runpy.run_path(str(DEV))


def test_it_explains_itself_without_arguments():
    done = subprocess.run([sys.executable, str(DEV)], capture_output=True, text=True)
    assert done.returncode == 0
    assert "python3 dev.py demo" in done.stdout


def test_an_unknown_command_is_refused_with_the_known_ones():
    done = subprocess.run([sys.executable, str(DEV), "tset"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "'tset'" in done.stderr
    assert "test" in done.stderr.split("use one of")[1]


def test_settings_that_would_lead_pip_astray_are_dropped_and_others_kept(dev, monkeypatch):
    astray = ("PIP_TARGET", "PIP_PREFIX", "PIP_NO_DEPS", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    kept = ("PIP_INDEX_URL", "PIP_CERT", "HTTPS_PROXY", "FOCUSSTACK_STACKS")
    for name in (*astray, *kept):
        monkeypatch.setenv(name, "somewhere")
    environment = dev["environment"]()
    assert not set(astray) & set(environment)
    assert all(environment[name] == "somewhere" for name in kept)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("ERROR: Could not find a version of x (from versions: none)", "network"),
        ("Retrying after connection broken by 'NewConnectionError(...)'", "network"),
        ("CMake Error: CMAKE_CXX_COMPILER not set, after EnableLanguage", "compiler"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("something nobody thought of", "focusstack-setup.log"),
    ],
)
def test_a_failed_pip_is_explained_in_one_line(dev, said, advice):
    explained = dev["diagnosis"](said)
    assert advice in explained
    assert "\n" not in explained


def test_old_pythons_can_read_it_as_far_as_the_message():
    """No syntax newer than 3.7, the oldest whose grammar this Python can still check."""
    import ast

    ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_an_old_python_is_turned_away_with_its_version(dev, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(sys, "version", "3.9.1 (main)")
    monkeypatch.setenv("FOCUSSTACK_DEV_RETRIED", "1")
    with pytest.raises(dev["Trouble"], match=r"Python 3\.9\.1, focusstack needs 3\.11"):
        dev["need_python"]()


def test_the_fingerprint_follows_what_is_compiled_only(dev, tmp_path):
    def fingerprint():
        return dev["fingerprint"]()

    dev["fingerprint"].__globals__["ROOT"] = tmp_path
    (tmp_path / "src").mkdir()
    (tmp_path / "pyproject.toml").write_text("a")
    first = fingerprint()
    (tmp_path / "src" / "a.py").write_text("python")
    assert fingerprint() == first
    (tmp_path / "src" / "a.hpp").write_text("c++")
    second = fingerprint()
    assert second != first
    (tmp_path / "pyproject.toml").write_text("b")
    assert fingerprint() not in (first, second)
