"""Recipes in files: written, read, laid under the command line, refused in plain words."""

from dataclasses import fields

import cv2
import pytest

from command import run
from focusstack import Recipe, RecipeError
from focusstack.cli.app import PROGRAM
from focusstack.cli.request import Request, _recipe
from focusstack.errors import InputError
from focusstack.recipe import SCHEMA_VERSION
from focusstack.steps.read import read_recipe
from truth import rendered

FIRST_EVER = """\
# focusstack recipe: every setting of a run
method = "pyramid"
reference = 3
align = "translation"
crop = false
clean = false
match_exposure = true
depth = true
gaussian = 7
laplacian = 3
sharpness = 8
prefer = "near"
select_only = false
preview = false
schema_version = 1
"""


@pytest.fixture
def frames(tmp_path):
    """Three small frames in a folder."""
    folder = tmp_path / "frames"
    folder.mkdir()
    for k, frame in enumerate(rendered("plane", frames=3, size=(90, 60))[0]):
        cv2.imwrite(str(folder / f"{k}.png"), frame[..., ::-1])
    return folder


def test_a_recipe_of_the_first_schema_means_what_it_meant():
    assert Recipe.from_toml(FIRST_EVER) == Recipe(
        method="pyramid",
        reference=3,
        align="translation",
        crop=False,
        clean=False,
        gaussian=7,
        laplacian=3,
        sharpness=8,
        prefer="near",
    )


def test_what_a_recipe_does_not_name_keeps_its_default():
    assert Recipe.from_toml('method = "average"') == Recipe(method="average")
    assert Recipe.from_toml("") == Recipe()


@pytest.mark.parametrize("recipe", [Recipe(), Recipe(method="laplacian", reference=2, crop=True)])
def test_toml_and_back(recipe):
    assert Recipe.from_toml(recipe.to_toml()) == recipe


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("methd = 'auto'", "did you mean 'method'"),
        ("sharpnes = 8", "did you mean 'sharpness'"),
        (f"schema_version = {SCHEMA_VERSION + 1}", "update focusstack"),
        (f"schema_version = {SCHEMA_VERSION + 1}\nnew_thing = 3", "update focusstack"),
        ("schema_version = 'one'", "not known"),
        ("method = 5", "method is 5"),
        ("crop = 'yes'", "True or False"),
        ("sharpness = 3.5", "use 1, 2, 4"),
        ("method = ", "not TOML"),
        ("[method]\nname = 'auto'", "method is"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(tmp_path, text, said):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert said in str(caught.value)
    assert str(path) in caught.value.message


def test_a_recipe_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_recipe(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match=r"bytes\.toml cannot be read"):
        read_recipe(tmp_path / "bytes.toml")


def test_the_command_saves_and_takes_recipes(frames, tmp_path):
    saved = tmp_path / "saved.toml"
    first = [frames, "-o", tmp_path / "a.png", "--method", "average", "--align", "none"]
    done = run(*first, "--save-recipe", saved)
    assert done.returncode == 0, done.stderr
    assert read_recipe(saved) == Recipe(method="average", align="none", depth=False)
    assert run(frames, "-o", tmp_path / "b.png", "--recipe", saved).returncode == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    again = run(frames, "-o", tmp_path / "c.png", "--recipe", saved, "--method", "pyramid")
    assert again.returncode == 0
    assert (tmp_path / "c.png").read_bytes() != (tmp_path / "a.png").read_bytes()


SWITCHES = {
    "clean": ("--clean", "--no-clean"),
    "match_exposure": ("--exposure", "--no-exposure"),
    "select_only": ("--select-only", "--no-select-only"),
    "preview": ("--preview", "--no-preview"),
    "crop": ("--crop", "--keep-size"),
}
MADE_ELSEWHERE = {"depth"}  # follows from which outputs are asked for


def laid_over(recipe, *options):
    """The recipe of a command line, without running it."""
    command = PROGRAM.commands["stack"]
    line = ["frames", "-o", "out.png", "--recipe", str(recipe), *options]
    return _recipe(Request(**command.make_context("stack", line).params))


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("setting", SWITCHES)
def test_options_switch_back_what_a_recipe_switches(tmp_path, setting, before):
    saved = tmp_path / "mine.toml"
    saved.write_text(f"{setting} = {str(before).lower()}\n")
    assert getattr(laid_over(saved), setting) is before
    on, off = SWITCHES[setting]
    assert getattr(laid_over(saved, on), setting) is True
    assert getattr(laid_over(saved, off), setting) is False
    assert getattr(laid_over(saved, on, off), setting) is False  # the last one counts


def test_every_switch_of_a_recipe_has_options():
    plain = {f.name for f in fields(Recipe) if "bool" in str(f.type)}
    assert plain == SWITCHES.keys() | MADE_ELSEWHERE


def test_a_recipe_is_not_written_over(frames, tmp_path):
    saved = tmp_path / "saved.toml"
    saved.write_text("mine")
    done = run(frames, "-o", tmp_path / "a.png", "--save-recipe", saved)
    assert done.returncode == 5
    assert saved.read_text() == "mine"
    assert not (tmp_path / "a.png").exists()
