"""Seconds and errors of the fusion methods on synthetic stacks with known truth.

    python3 dev.py bench                       all scenes, 12 frames of 1500 x 1000
    python3 dev.py bench --size 6000x4000 clean

Columns: wall seconds from frames in memory to fused image and depth map; PSNR against the truth in
dB, 16 px of border left out; RMS of the alignment error in px over the whole frame; median error of
the depth map in frames, and the share of it that is NaN.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from focusstack import Recipe, StackResult, stack
from focusstack.recipe import METHODS
from focusstack.synthetic import SyntheticStack, render
from focusstack.transform import displacement

SCENES: dict[str, dict[str, Any]] = {
    "clean": {"iso": 0},
    "iso100": {},
    "iso3200": {"iso": 3200},
    "flicker": {"flicker": 0.2, "white_balance": 0.05},
    "veils": {"blur_px": 3.0},
}
BORDER = 16
HEADER = "scene    method      seconds    PSNR  align px   depth    NaN"


@dataclass(frozen=True)
class Score:
    """One line of the table."""

    seconds: float
    psnr: float
    align_px: float
    depth: float
    unknown: float

    def __str__(self) -> str:
        return (
            f"{self.seconds:8.2f}{self.psnr:8.2f}{self.align_px:10.3f}"
            f"{self.depth:8.3f}{self.unknown:7.1%}"
        )


def measure(scene: SyntheticStack, frames: list[Any], method: str) -> Score:
    """Stack once and compare with the truth."""
    recipe = Recipe(method=method, reference=scene.truth.reference_index)
    begun = time.perf_counter()
    result = stack(frames, recipe)
    return compare(result, scene, time.perf_counter() - begun)


def compare(result: StackResult, scene: SyntheticStack, seconds: float) -> Score:
    """A result against what a perfect program would have found."""
    x, y, width, height = result.alignment.crop
    truth = scene.truth.fused[y : y + height, x : x + width]
    error = (result.image / np.iinfo(result.image.dtype).max - truth)[
        BORDER:-BORDER, BORDER:-BORDER
    ]
    psnr = -10 * np.log10(max(float((error**2).mean()), 1e-12))
    assert result.depth is not None
    off = np.abs(result.depth - scene.truth.depth[y : y + height, x : x + width])
    full_height, full_width = scene.truth.depth.shape
    align = [
        displacement(found, true, full_width, full_height)
        for found, true in zip(result.alignment.transforms, scene.truth.transforms, strict=True)
        if found is not None
    ]
    rms = float(np.sqrt(np.mean(np.square(align))))
    return Score(seconds, psnr, rms, float(np.nanmedian(off)), float(np.isnan(off).mean()))


def main() -> None:
    """Print the table, one line as soon as it is known."""
    parser = argparse.ArgumentParser(description="Time and score the methods on synthetic stacks.")
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join(SCENES))
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--size", default="1500x1000", metavar="WxH")
    asked = parser.parse_args()
    if unknown := set(asked.scenes) - set(SCENES):
        parser.error(f"no scene {unknown.pop()!r}; use {', '.join(SCENES)}")
    width, height = (int(side) for side in asked.size.split("x"))
    print(HEADER)
    for name in asked.scenes or SCENES:
        scene = render(frames=asked.frames, size=(width, height), **SCENES[name])
        frames = list(scene.frames())
        for method in METHODS:
            print(f"{name:<9}{method:<11}{measure(scene, frames, method)}", flush=True)


if __name__ == "__main__":
    main()
