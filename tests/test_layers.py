"""The house rules: who may import whom, and how long things may be."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "focusstack"
FILES = sorted(SOURCE.rglob("*.py"))
LONGEST_FUNCTION = 60
LONGEST_FILE = 400
LONG_ENOUGH_TO_EXPLAIN = 5


def test_layers_are_kept():
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    program = program or shutil.which("lint-imports")
    if program is None:
        pytest.skip("import-linter is not installed")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def length_without_docstring(node):
    """Lines from ``def`` to the end; decorators and the docstring do not count."""
    lines = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def named(path, node=None):
    place = path.relative_to(SOURCE).as_posix()
    return place if node is None else f"{place}:{node.lineno} {node.name}"


def test_no_file_is_too_long():
    native = [p for p in SOURCE.rglob("*") if p.suffix in (".cpp", ".hpp", ".h")]
    sizes = {named(p): len(p.read_text(encoding="utf-8").splitlines()) for p in FILES + native}
    assert {name: n for name, n in sizes.items() if n > LONGEST_FILE} == {}


def test_no_function_is_too_long():
    sizes = {named(p, f): length_without_docstring(f) for p in FILES for f in functions(p)}
    assert len(sizes) > 200
    assert {name: n for name, n in sizes.items() if n > LONGEST_FUNCTION} == {}


def public_functions(path):
    """Functions and methods that no underscore hides, on module or class level."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
    for holder in (tree, *classes):
        for node in holder.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node, holder


def test_public_functions_say_what_they_do():
    protocols = methods_of_protocols()
    silent = [
        named(path, node)
        for path in FILES
        for node, holder in public_functions(path)
        if length_without_docstring(node) > LONG_ENOUGH_TO_EXPLAIN
        and ast.get_docstring(node) is None
        and not (isinstance(holder, ast.ClassDef) and node.name in protocols)
        and not overrides_a_framework(holder)
    ]
    assert silent == []


def overrides_a_framework(holder):
    """Whether a class is derived from another library's, which explains its methods."""
    bases = getattr(holder, "bases", [])
    return any(isinstance(base, ast.Attribute) and base.value.id == "click" for base in bases)


def methods_of_protocols():
    """Methods that a protocol explains for everyone who has them."""
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases
            ):
                found |= {
                    f.name
                    for f in node.body
                    if isinstance(f, ast.FunctionDef) and ast.get_docstring(f)
                }
    return found


def test_every_module_says_what_it_is():
    assert [named(p) for p in FILES if ast.get_docstring(ast.parse(p.read_text())) is None] == []


def test_codecs_are_imported_where_pictures_are_read_and_written_only():
    codecs = {"tifffile", "imagecodecs", "simplejpeg", "PIL"}
    allowed = ("steps/read/", "steps/write/", "synthetic/files.py", "cli/")
    wrong = [
        f"{named(path)}: {name}"
        for path in FILES
        for name in imported(path)
        if name.split(".")[0] in codecs and not named(path).startswith(allowed)
    ]
    assert wrong == []


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
