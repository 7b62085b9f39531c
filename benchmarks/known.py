"""Stacks whose truth is known, rendered here or found in folders, for the tables of this folder."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack import Recipe, StackResult, stack
from focusstack.colour import luma_of
from focusstack.steps.read import open_source
from focusstack.synthetic import render

Plane = npt.NDArray[np.float32]

KINDS: dict[str, dict[str, Any]] = {
    "still life": {},
    "still life, wide blur": {"blur_px": 3.0},
    "still life, ISO 3200": {"iso": 3200},
    "steps": {"scene": "steps"},
    "steps, far first, ISO 1600": {"scene": "steps", "far_first": True, "iso": 1600},
    "plane, ISO 800": {"scene": "plane", "iso": 800},
    "sparse": {"scene": "sparse"},
    "sparse, ISO 800": {"scene": "sparse", "iso": 800, "blur_px": 2.0},
    "sparse, 24 frames": {"scene": "sparse", "frames": 24},
}
TEXTURED = 2 / 255
"""Contrast of detail, root mean square over 9 x 9 px, from which a focus can be told."""
BORDER = 16


@dataclass(frozen=True)
class Known:
    """A stack's frames, whatever ``stack`` takes, and its truth in the reference frame.

    ``fused`` is float32 (H, W, C), 0..1; ``depth`` float32 (H, W), in frames.
    """

    name: str
    frames: Any
    reference: int
    fused: Plane
    depth: Plane

    def pixels(self) -> list[npt.NDArray[Any]]:
        """The frames themselves, (H, W, C) each."""
        source = open_source(self.frames)
        return [source.read(i).pixels for i in range(len(source))]

    def stacked(self) -> tuple[StackResult, Plane, Plane]:
        """What the default run makes of it, and the truth on its canvas, borders left out."""
        result = stack(self.frames, Recipe(reference=self.reference))
        x, y, width, height = result.alignment.crop
        there = slice(y, y + height), slice(x, x + width)
        return result, self.fused[there], self.depth[there]


def rendered(seeds: list[int], width: int, height: int, kinds: list[str]) -> Iterator[Known]:
    """The kinds of synthetic stacks, one after the other."""
    for seed in seeds:
        for name in kinds:
            made = render(size=(width, height), seed=seed, **KINDS[name])
            truth = made.truth
            frames = list(made.frames())
            name_of = f"{name}, seed {seed}"
            yield Known(name_of, frames, truth.reference_index, truth.fused, truth.depth)


def found(folder: Path) -> Known:
    """A stack in a folder: ``frames/``, ``all_in_focus16.png``, ``depth_index.npy``, and in
    ``truth.json`` the number of the ``reference_frame``."""
    import cv2

    frames = sorted((folder / "frames").iterdir())
    picture = cv2.imread(str(folder / "all_in_focus16.png"), cv2.IMREAD_UNCHANGED)
    fused = picture[..., ::-1].astype(np.float32) / 65535
    reference = json.loads((folder / "truth.json").read_text())["reference_frame"]
    return Known(folder.name, frames, reference, fused, np.load(folder / "depth_index.npy"))


def wanted(doc: str | None) -> Iterator[Known]:
    """The stacks that the command line asks for."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--size", default="960x640", metavar="WxH")
    asked = parser.parse_args()
    if asked.folders:
        return map(found, asked.folders)
    width, height = (int(side) for side in asked.size.split("x"))
    return rendered(asked.seeds, width, height, asked.kinds)


def textured(fused: Plane) -> npt.NDArray[np.bool_]:
    """Where the true picture has fine detail, borders left out, bool (H, W)."""
    import cv2

    luma = luma_of(fused)
    detail = luma - cv2.GaussianBlur(luma, (0, 0), 2.0)
    there = cv2.blur(detail * detail, (9, 9)) > TEXTURED**2
    inside = np.zeros_like(there)
    inside[BORDER:-BORDER, BORDER:-BORDER] = True
    return np.asarray(there & inside)
