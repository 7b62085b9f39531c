"""What a fusion method is, and which ones there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from focusstack.errors import RecipeError
from focusstack.model import FloatImage, NoiseModel
from focusstack.recipe import Recipe


@dataclass(frozen=True)
class Canvas:
    """The pixel grid of the output."""

    width: int
    height: int
    channels: int


class FusionMethod(Protocol):
    """A streaming accumulator: the state's size depends on the canvas, never on the frame count.

    Planar pictures are float32 (C, H, W), sRGB-encoded 0..1.
    """

    def start(self, canvas: Canvas) -> Any:
        """An empty state."""

    def feed(
        self, state: Any, planar: FloatImage, valid: npt.NDArray[np.uint8] | None, scored: bool
    ) -> FloatImage | None:
        """Add the next frame; ``valid`` (H, W) is 0 where it has no data.

        Returns
        -------
        Focus scores float32 ((H+1)//2, (W+1)//2) when ``scored``, else None. They may lie in
        the state and hold until the next call only.
        """

    def merge(self, first: Any, second: Any) -> Any:
        """The state of all frames of ``first``, then all of ``second``; both may be reused."""

    def finish(self, state: Any) -> FloatImage:
        """The fused image, float32 (C, H, W); the state may be reused."""

    def state_bytes(self, canvas: Canvas) -> int:
        """Size of a state."""


def make_method(recipe: Recipe, noise: NoiseModel, threads: int) -> FusionMethod:
    """The method that a recipe names."""
    from focusstack.steps.fuse.laplacian import Laplacian
    from focusstack.steps.fuse.pyramid import Pyramid

    if recipe.method == "pyramid":
        return Pyramid(recipe.sharpness, noise, threads)
    if recipe.method == "laplacian":
        return Laplacian(recipe.gaussian, recipe.laplacian, noise, threads)
    raise RecipeError(f"unknown method {recipe.method!r}")
