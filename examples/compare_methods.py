"""Render a stack with known truth and see how near each fusion method comes to it.

python examples/compare_methods.py
"""

from __future__ import annotations

import numpy as np

from focusstack import Recipe, StackResult, stack
from focusstack.recipe import METHODS
from focusstack.synthetic import Truth, render


def psnr(result: StackResult, truth: Truth) -> float:
    """Peak signal-to-noise ratio in dB, on the part of the scene that the canvas shows."""
    x, y, width, height = result.alignment.crop
    error = result.image / 255 - truth.fused[y : y + height, x : x + width]
    return float(-10 * np.log10(np.mean(error**2)))


def main(size: tuple[int, int] = (900, 600)) -> None:
    """Print one line per method."""
    scene = render(frames=8, size=size, iso=800)
    frames = list(scene.frames())
    for method in METHODS:
        recipe = Recipe(method=method, reference=scene.truth.reference_index)
        print(f"{method:<10} {psnr(stack(frames, recipe), scene.truth):.1f} dB")


if __name__ == "__main__":
    main()
