"""What each compiled stage moves through memory, beside what a plain copy moves."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from focusstack import kernels
from focusstack.colour import luma_of
from focusstack.steps import focus, tone
from focusstack.steps.fuse import Aligned, Canvas
from focusstack.steps.fuse.pyramid import Pyramid

REPEATS = 5
MOVED = np.array([[0.997, 0.0005, 3.3], [-0.0005, 0.997, 5.2], [0, 0, 1]])  # covers the canvas


def print_stages(megapixels: float) -> None:
    """One line per stage: ms of one thread, bytes that must be moved at least, GB/s of both."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    width, pixels = round(height * 1.5), height * round(height * 1.5)
    frame = waves(height, width)
    copy = np.empty((3, height, width), np.float32)
    source = np.ones_like(copy)
    _line("copy", _seconds(lambda: np.copyto(copy, source)), 24 * pixels)
    values = tone.code_values(np.dtype(np.uint8), np.ones(3))

    def warp() -> None:
        kernels.warp(frame, values, MOVED, (width, height), 1, copy)

    _line("warp (bytes in, float32 out)", _seconds(warp), 15 * pixels)
    low = np.empty((3, (height + 1) // 2, (width + 1) // 2), np.float32)
    _line("pyramid down", _seconds(lambda: _down(copy, low)), 15 * pixels)
    noise = focus.noise_model([focus.quiet_variance(luma_of(frame[:512]))], np.dtype(np.uint8))
    method = Pyramid(16, noise, 1)
    state = method.start(Canvas(width, height, 3))
    resampling = kernels.Resampling(frame, values, MOVED, (width, height))
    # bytes read; of every level its state, read and written where the frame counts, and what is
    # handed on to the next
    moved = round((3 + 2 * 20 * 4 / 3 + (12 + 4) / 3) * pixels)
    seconds = _seconds(lambda: method.feed(state, Aligned(0, resampling)))
    _line("warp, down and bands in rows", seconds, moved)


def _down(copy: np.ndarray, low: np.ndarray) -> None:
    kernels.pyramid_down(copy, 1, low)


def waves(height: int, width: int, dtype: type = np.uint8) -> np.ndarray:
    """Waves and grain, (H, W, 3)."""
    noise = np.random.default_rng(0).normal(0, 0.01, (height, width, 3))
    wave = np.sin(np.arange(width) / 9) + np.sin(np.arange(height) / 7)[:, None]
    top = np.iinfo(dtype).max
    return np.clip((wave[..., None] / 4 + 0.5 + noise) * top, 0, top).astype(dtype)


def _seconds(work: Callable[[], object]) -> float:
    work()
    taken = []
    for _ in range(REPEATS):
        begun = time.thread_time()
        work()
        taken.append(time.thread_time() - begun)
    return min(taken)


def _line(name: str, seconds: float, moved: int) -> None:
    rate = moved / seconds / 1e9
    print(f"{name:<30}{seconds * 1e3:7.0f} ms{moved / 1e6:8.0f} MB{rate:7.1f} GB/s", flush=True)
