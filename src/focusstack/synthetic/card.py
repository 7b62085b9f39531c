"""A memory card full of pictures: focus stacks among bursts, panoramas and exposure brackets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from focusstack.colour import srgb_decode, srgb_encode
from focusstack.model import Pixels
from focusstack.synthetic.files import Exposure, write_frame
from focusstack.synthetic.stack import render

SCENES = ("still-life", "steps", "plane")
ISO = 400
SECONDS = 1 / 125


@dataclass(frozen=True)
class Shoot:
    """Pictures that belong together: ``kind`` is stack, burst, panorama or bracket."""

    kind: str
    paths: tuple[Path, ...]


def write_card(
    folder: Path,
    *,
    stacks: int = 40,
    bursts: int = 10,
    panoramas: int = 5,
    brackets: int = 5,
    seed: int = 1,
    size: tuple[int, int] = (480, 320),
) -> list[Shoot]:
    """Write JPEGs ``IMG_0001.jpg`` ... of all shoots in random order; return what belongs together.

    Times of exposure are in EXIF, to the second; between shoots the clock sometimes jumps by hours
    in either direction. Equal arguments give equal pictures.
    """
    rng = np.random.default_rng(seed)
    kinds = ["stack"] * stacks + ["burst"] * bursts
    kinds += ["panorama"] * panoramas + ["bracket"] * brackets
    rng.shuffle(kinds)
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime(2024, 5, 1, 9) + timedelta(seconds=int(rng.integers(80_000)))
    shoots, number = [], 1
    for index, kind in enumerate(kinds):
        paths = []
        now += _pause(rng)
        pace = rng.uniform(0.3, 1.5)
        for pixels, seconds in _PICTURES[kind](rng, size, 1000 * seed + index):
            path = folder / f"IMG_{number:04d}.jpg"
            write_frame(path, pixels, Exposure(seconds, ISO, now))
            paths.append(path)
            now += timedelta(seconds=pace * rng.uniform(0.8, 1.3))
            number += 1
        shoots.append(Shoot(kind, tuple(paths)))
    return shoots


def _pause(rng: np.random.Generator) -> timedelta:
    """Between shoots: seconds to minutes, or a clock that was set."""
    if rng.random() < 0.15:
        return timedelta(hours=float(rng.uniform(-30, 30)))
    return timedelta(seconds=float(np.exp(rng.uniform(np.log(4), np.log(200)))))


Shots = Iterator[tuple[Pixels, float]]
"""Pictures, and for how many seconds each was exposed."""


def _stack(rng: np.random.Generator, size: tuple[int, int], seed: int) -> Shots:
    stack = render(
        str(rng.choice(SCENES)),
        frames=int(rng.integers(5, 15)),
        size=size,
        seed=seed,
        drift_px=float(rng.uniform(0, 3)),
        breathing=float(rng.uniform(0, 0.06)),
        iso=ISO,
        far_first=bool(rng.integers(2)),
    )
    return ((pixels, SECONDS) for pixels in stack.frames())


def _burst(rng: np.random.Generator, size: tuple[int, int], seed: int) -> Shots:
    """One focus; the hand shakes, and now and then it blurs a picture."""
    import cv2

    still = render(str(rng.choice(SCENES)), frames=7, size=size, seed=seed, iso=0).frame(3)
    for _ in range(int(rng.integers(4, 11))):
        move = np.array([[1, 0, rng.normal(0, 2)], [0, 1, rng.normal(0, 2)]])
        moved = cv2.warpAffine(
            still, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        shake = float(rng.uniform(0.01, 0.9))
        yield _noisy(rng, cv2.GaussianBlur(moved, (0, 0), shake)), SECONDS


def _panorama(rng: np.random.Generator, size: tuple[int, int], seed: int) -> Shots:
    """Everything sharp, each picture shares a third to a half with the one before."""
    width, height = size
    count = int(rng.integers(3, 6))
    step = round(width * rng.uniform(0.5, 0.65))
    wide = render(
        str(rng.choice(SCENES)),
        frames=2,
        size=(width + (count - 1) * step, height),
        seed=seed,
        blur_px=0,
        iso=0,
    ).frame(1)
    for index in range(count):
        yield _noisy(rng, wide[:, index * step : index * step + width]), SECONDS


def _bracket(rng: np.random.Generator, size: tuple[int, int], seed: int) -> Shots:
    still = render(str(rng.choice(SCENES)), frames=7, size=size, seed=seed, iso=0).frame(3)
    linear = srgb_decode(still.astype(np.float32) / 255)
    orders = [(0, -1, 1), (0, -2, 2), (0, -0.7, 0.7), (-2, -1, 0, 1, 2), (0, -1, 1, -2, 2)]
    for stops in orders[int(rng.integers(len(orders)))]:
        bright = srgb_encode(np.clip(linear * np.float32(2.0**stops), 0, 1))
        yield _noisy(rng, np.round(bright * 255).astype(np.uint8)), SECONDS * 2.0**stops


def _noisy(rng: np.random.Generator, pixels: Pixels) -> Pixels:
    noisy = pixels + rng.normal(0, 2.5, pixels.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)


_PICTURES = {"stack": _stack, "burst": _burst, "panorama": _panorama, "bracket": _bracket}
