"""Shell completion for the main command, which has no name, and for the others."""

import os
import subprocess
import sys

import pytest


def complete(line, shell="bash"):
    """What bash would be offered at the end of ``line``: (type, value) pairs."""
    words = line.split(" ")
    env = {
        **os.environ,
        "_FOCUSSTACK_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "focusstack"], env=env, capture_output=True, text=True, check=True
    )
    return [tuple(row.split(",", 1)) for row in done.stdout.splitlines()]


def test_the_first_word_may_be_a_file_or_a_command():
    assert complete("focusstack ") == [
        ("file", ""),
        ("plain", "demo"),
        ("plain", "inspect"),
        ("plain", "batch"),
        ("plain", "watch"),
        ("plain", "studio"),
        ("plain", "restack"),
        ("plain", "explain"),
        ("plain", "completion"),
    ]
    assert complete("focusstack de") == [("file", "de"), ("plain", "demo")]


def test_later_words_are_files():
    assert complete("focusstack a.jpg b") == [("file", "b")]
    assert complete("focusstack -i ") == [("file", "")]
    assert complete("focusstack a.jpg --depth d") == [("file", "d")]


def test_options_are_completed():
    found = complete("focusstack --me")
    names = ["--method", "--metadata", "--mesh", "--memory"]
    assert sorted(found) == sorted(("plain", name) for name in names)
    assert complete("focusstack a.jpg --keep") == [("plain", "--keep-size")]
    assert complete("focusstack demo --f") == [("plain", "--frames")]


def test_choices_are_completed():
    assert complete("focusstack --method l") == [("plain", "laplacian")]
    assert complete("focusstack a.jpg --align af") == [("plain", "affine")]
    assert complete("focusstack a.jpg --reference m") == [("plain", "middle")]
    assert complete("focusstack completion z") == [("plain", "zsh")]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_calls_back_with_the_right_variable(shell):
    done = subprocess.run(
        [sys.executable, "-m", "focusstack", "completion", shell],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"_FOCUSSTACK_COMPLETE={shell}_complete" in done.stdout
    assert "to install it" in done.stderr


def test_an_unknown_shell_is_an_error_of_usage():
    done = subprocess.run(
        [sys.executable, "-m", "focusstack", "completion", "tcsh"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "tcsh" in done.stderr
