"""Are the colours right? Error of chroma, and what is clipped that no frame clips.

    python3 dev.py colour                      nine kinds of synthetic stacks, seeds 1 and 2
    python3 dev.py colour --seeds 7 --kinds sparse steps
    python3 dev.py colour DIR...               stacks in folders, see benchmarks/known.py

Chroma is what is left of sRGB values, in steps of 1/255, once the mean of the three is taken off;
its error is the mean over pixels and channels, after one gain per channel in linear light (of the
result alone, where exposures were matched to another frame than the truth's), and the mean colour
cast is the same with signs. Newly clipped: values at black or white in the result that no frame has
at black or white there, as the run itself placed them (frames whose motion is a shift by whole
pixels or none; else "-").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from known import BORDER, Known, Plane, wanted

from focusstack import StackResult
from focusstack.colour import srgb_decode, srgb_encode

Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def in_range(picture: Codes) -> Plane:
    """Codes as float32, 0..1."""
    return np.asarray(picture, np.float32) / np.float32(np.iinfo(picture.dtype).max)


def alike(found: Plane, true: Plane) -> Plane:
    """The found picture with the channels' gains of the true one, where neither is clipped."""
    light, wanted_light = srgb_decode(found), srgb_decode(true)
    use = (light.max(axis=2) < 0.95) & (wanted_light.max(axis=2) < 0.95)
    a, b = light[use].astype(np.float64), wanted_light[use].astype(np.float64)
    gain = (a * b).sum(axis=0) / np.maximum((a * a).sum(axis=0), 1e-12)
    return np.asarray(srgb_encode(np.clip(light * gain.astype(np.float32), 0, 1)), np.float32)


def chroma(picture: Plane) -> Plane:
    """Colour without brightness, (H, W, 3)."""
    return picture - picture.mean(axis=2, keepdims=True)


def chroma_error(found: Plane, true: Plane) -> tuple[float, float]:
    """Mean absolute error and largest mean cast of a channel, in 1/255."""
    inner = slice(BORDER, -BORDER)
    off = 255 * (chroma(found) - chroma(true))[inner, inner]
    return float(np.abs(off).mean()), float(np.abs(off.mean(axis=(0, 1))).max())


def newly_clipped(result: StackResult, frames: Sequence[Codes]) -> int | None:
    """Values at black or white where no frame is; None where frames moved by parts of a pixel."""
    x, y, width, height = result.alignment.crop
    picture, top = result.image, np.iinfo(result.image.dtype).max
    dark, bright = picture == 0, picture == top
    for i in result.alignment.kept:
        move = result.alignment.transforms[i]
        if move is None or not np.array_equal(move, np.eye(3)):
            return None
        seen = frames[i][y : y + height, x : x + width]
        dark &= seen > 0
        bright &= seen < top
    return int(dark.sum() + bright.sum())


def line(known: Known) -> str:
    """One stack's row."""
    result, true, _ = known.stacked()
    mean, cast = chroma_error(alike(in_range(result.image), true), true)
    clipped = newly_clipped(result, known.pixels())
    return f"| {known.name} | {mean:.2f} | {cast:.2f} | {'-' if clipped is None else clipped} |"


def main() -> None:
    """Print the table, line by line as it is known."""
    stacks = wanted(__doc__)
    print("| stack | chroma error | cast | newly clipped |\n|---|---|---|---|")
    for known in stacks:
        print(line(known), flush=True)


if __name__ == "__main__":
    main()
