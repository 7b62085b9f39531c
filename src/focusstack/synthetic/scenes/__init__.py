"""The scenes: each makes its layers, farthest first, for a view."""

from collections.abc import Callable

from focusstack.synthetic.layers import Layer
from focusstack.synthetic.scenes import simple
from focusstack.synthetic.scenes.sparse import sparse
from focusstack.synthetic.scenes.still_life import still_life
from focusstack.synthetic.view import View

Scene = Callable[[View], list[Layer]]

SCENES: dict[str, Scene] = {
    "still-life": still_life,
    "plane": simple.plane,
    "steps": simple.steps,
    "flat": simple.flat,
    "sparse": sparse,
}
"""Scenes by name; the first is the default."""
