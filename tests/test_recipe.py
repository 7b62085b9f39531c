"""Recipes: the JSON round trip, what is refused and how."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from focusstack import Recipe, RecipeError
from focusstack.recipe import ALIGN_MODELS, METHODS, REFERENCES, SCHEMA_VERSION

ODD = st.integers(0, 15).map(lambda n: 2 * n + 1)
RECIPES = st.builds(
    Recipe,
    method=st.sampled_from(METHODS),
    reference=st.none() | st.sampled_from(REFERENCES) | st.integers(0, 10**6),
    align=st.none() | st.sampled_from(ALIGN_MODELS),
    crop=st.none() | st.booleans(),
    clean=st.booleans(),
    match_exposure=st.booleans(),
    depth=st.booleans(),
    gaussian=ODD,
    laplacian=ODD,
    sharpness=st.sampled_from([1, 2, 4, 8, 16, 32]),
)


@given(RECIPES)
def test_a_recipe_survives_json(recipe):
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert set(json.loads(recipe.to_json())) == {f.name for f in fields(Recipe)}


@given(RECIPES)
def test_resolving_leaves_nothing_open_and_is_done_once(recipe):
    resolved = recipe.resolved()
    assert None not in (resolved.reference, resolved.align, resolved.crop)
    assert resolved.resolved() == resolved
    for name in ("reference", "align", "crop"):
        chosen = getattr(recipe, name)
        assert chosen is None or getattr(resolved, name) == chosen


def test_each_method_prefers_its_own():
    classic, modern = Recipe(method="laplacian").resolved(), Recipe().resolved()
    assert (classic.reference, classic.align, classic.crop) == ("first", "homography", False)
    assert (modern.reference, modern.align, modern.crop) == ("auto", "auto", True)


def test_a_recipe_may_name_a_few_settings_only():
    assert Recipe.from_json('{"method": "laplacian", "gaussian": 7}') == Recipe(
        method="laplacian", gaussian=7
    )
    assert Recipe.from_json("{}") == Recipe()


@pytest.mark.parametrize("name", [f.name for f in fields(Recipe)])
def test_a_misspelt_setting_is_told_the_nearest_one(name):
    with pytest.raises(RecipeError) as error:
        Recipe.from_json(json.dumps({name[:-1] + "x": 1}))
    assert repr(name[:-1] + "x") in error.value.message
    assert repr(name) in error.value.hint


def test_a_setting_like_no_other_is_told_all():
    with pytest.raises(RecipeError) as error:
        Recipe.from_dict({"zzz": 1})
    assert all(f.name in error.value.hint for f in fields(Recipe))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"pyramid"', "null", "{'method': 1}"])
def test_what_is_no_json_object_is_refused(text):
    with pytest.raises(RecipeError, match="JSON"):
        Recipe.from_json(text)


WRONG = [
    ("method", ["mean", "", None, 3]),
    ("reference", ["frame 3", -1, 1.5, True, ""]),
    ("align", ["rigid", "", 2]),
    ("crop", ["yes", 1, 0]),
    ("clean", ["no", None, 0]),
    ("match_exposure", ["no", None, 1]),
    ("depth", ["map", None, 0]),
    ("gaussian", [0, 2, -3, 33, 3.0, "5", None, True]),
    ("laplacian", [0, 4, -1, 33, 5.0, "3", None, True]),
    ("sharpness", [0, 3, 64, -2, "16", 16.0, None, True]),
    ("schema_version", [0, SCHEMA_VERSION + 1, "1", None]),
]


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in WRONG for v in values])
def test_values_that_make_no_sense_are_refused_by_name(name, value):
    with pytest.raises(RecipeError) as error:
        Recipe(**{name: value})
    assert name.split("_")[0] in error.value.message
    assert error.value.hint


def test_a_list_is_refused_like_any_other_wrong_value():
    for name in ("method", "align", "reference", "gaussian", "sharpness"):
        with pytest.raises(RecipeError):
            Recipe.from_json(json.dumps({name: [1]}))


def test_recipes_cannot_be_changed_and_can_be_keys():
    recipe = Recipe()
    with pytest.raises(AttributeError):
        recipe.method = "laplacian"
    assert len({recipe, Recipe(), Recipe(depth=False)}) == 2
