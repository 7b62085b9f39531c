"""The documentation says what the code does: links, commands, constants and examples are tried."""

import importlib
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import focusstack
from focusstack import FocusstackError
from focusstack.recipe import METHODS, Recipe
from focusstack.synthetic import render, write_stack

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
WITH_CODE = ["README.md", "docs/tutorial.md", "docs/python.md"]
DEV = runpy.run_path(str(ROOT / "dev.py"))
LARGEST_PICTURE = 300_000


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def outside_code(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def links_of(page):
    return re.findall(r"\]\(([^)\s]+)\)", outside_code(text_of(page)))


def anchors_of(page):
    """The anchors that a forge makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", outside_code(text_of(page)), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


def blocks(page):
    """(line, code) of the Python blocks of a page."""
    text = text_of(page)
    for match in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield text[: match.start()].count("\n") + 2, match[1]


BLOCKS = [(page, line, code) for page in WITH_CODE for line, code in blocks(page)]


@pytest.fixture(scope="module")
def frames():
    """A stack small enough to be stacked many times."""
    return render(frames=4, size=(150, 100))


@pytest.fixture
def here(tmp_path, monkeypatch, frames):
    """A folder with the stacks that the documentation speaks of."""
    for name in ("demo/frames", "photos/beetle"):
        write_stack(frames, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in links_of(page):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        found = (page.parent / target).resolve() if target else page
        assert found.exists(), f"{page.name} links to {link}, which does not exist"
        assert found.is_relative_to(ROOT), f"{page.name} links out of the repository: {link}"
        if anchor:
            assert anchor in anchors_of(found), f"{page.name}: no heading for {link}"


def test_every_page_can_be_reached_from_the_readme():
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            targets = (link.partition("#")[0] for link in links_of(page))
            found = ((page.parent / t).resolve() for t in targets if t and ":" not in t)
            ahead += [path for path in found if path.is_file()]
    assert set(PAGES) <= reached


def test_pictures_are_shown_small_and_drawn_by_the_script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    shown = {Path(link).name for page in PAGES for link in links_of(page) if "images/" in link}
    stored = {path.name for path in ROOT.glob("docs/images/*")}
    drawn = runpy.run_path(str(ROOT / "docs" / "make_images.py"))["PICTURES"]
    assert shown == stored == {f"{name}.jpg" for name in drawn}
    for path in ROOT.glob("docs/images/*"):
        assert path.stat().st_size < LARGEST_PICTURE, path.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page):
    named = set(re.findall(r"python3 dev\.py (\w+)", text_of(page)))
    assert named <= set(DEV["COMMANDS"])


def test_commands_of_dev_py_are_explained_and_in_the_makefile():
    explained = set(re.findall(r"^    python3 dev\.py (\w+)", DEV["__doc__"], re.MULTILINE))
    targets = re.search(r"^(setup .*):$", text_of("Makefile"), re.MULTILINE)[1].split()
    assert explained == set(targets) == set(DEV["COMMANDS"])


def test_the_two_commands_are_on_the_first_screen():
    start = text_of("README.md").splitlines()[:20]
    assert any("python3 dev.py demo" in line for line in start)
    assert any("python3 dev.py test" in line for line in start)


@pytest.mark.parametrize(
    ("page", "line", "code"), BLOCKS, ids=[f"{page}:{line}" for page, line, _ in BLOCKS]
)
def test_python_blocks_run(here, page, line, code):
    exec(compile(code, f"{page}:{line}", "exec"), {"__name__": "example"})


def test_python_md_names_everything_public():
    page = text_of("docs/python.md")
    for name in focusstack.__all__:
        assert re.search(rf"`{name}[`(]", page), f"docs/python.md does not mention {name}"


def test_python_md_lists_the_settings_and_their_defaults():
    table = text_of("docs/python.md").split("## `Recipe`")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| `(.*?)` \|", table, re.MULTILINE)
    listed = {
        name: default.strip('"') for names, default in rows for name in re.findall(r"\w+", names)
    }
    fields = Recipe.__dataclass_fields__
    assert listed == {name: str(field.default) for name, field in fields.items()}


def test_python_md_has_the_errors_with_their_exit_codes():
    page = text_of("docs/python.md").split("## Errors")[1]
    listed = dict(re.findall(r"^\| `(\w+)` \| .* \| (\d+) \|$", page, re.MULTILINE))
    tree = [FocusstackError]
    for error in tree:
        tree += error.__subclasses__()
    assert listed == {error.__name__: str(error.exit_code) for error in tree[1:]}


CONSTANTS = re.findall(r"^\| `([\w.]+\.[A-Z_]+)` \| (.*?) \|$", text_of("docs/algorithms.md"), re.M)


@pytest.mark.parametrize(("name", "value"), CONSTANTS, ids=[name for name, _ in CONSTANTS])
def test_constants_are_the_codes(name, value):
    module, _, constant = name.rpartition(".")
    assert str(getattr(importlib.import_module(f"focusstack.{module}"), constant)) == value


def test_alignment_file_is_documented_completely(here):
    focusstack.stack("demo/frames").save_alignment("a.json")
    import json

    table = text_of("docs/conventions.md").split("## The alignment file")[1].split("\n## ")[0]
    listed = {
        n for row in re.findall(r"^\| (`.*?`) \|", table, re.M) for n in re.findall(r"\w+", row)
    }
    assert listed == set(json.loads((here / "a.json").read_text()))


def test_a_tiny_stack_through_the_example(here):
    script = ROOT / "examples" / "stack_folder.py"
    command = [sys.executable, str(script), "demo/frames", "made/here"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = sorted(path.name for path in (here / "made" / "here").iterdir())
    assert made == ["alignment.json", "depth.tif", "fused.tif", "recipe.json"]
    assert done.stdout.strip().startswith("4 of 4 frames")


def test_the_example_speaks_to_a_person(here):
    script = ROOT / "examples" / "stack_folder.py"
    command = [sys.executable, str(script), "nowhere", "made"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 3
    assert "nowhere does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_methods_are_compared(capsys):
    example = runpy.run_path(str(ROOT / "examples" / "compare_methods.py"))
    example["main"](size=(240, 160))
    scores = dict(line.split()[:2] for line in capsys.readouterr().out.splitlines())
    assert float(scores["pyramid"]) > float(scores["laplacian"]) > 15


def test_the_benchmark_prints_a_row_per_method(capsys, monkeypatch):
    bench = runpy.run_path(str(ROOT / "benchmarks" / "run.py"))
    monkeypatch.setattr(sys, "argv", ["run.py", "clean", "--frames", "3", "--size", "240x160"])
    bench["main"]()
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 1 + len(METHODS)
    assert {len(row.split()) for row in rows[1:]} == {7}
