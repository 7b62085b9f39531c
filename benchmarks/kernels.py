"""Time of every hot kernel, one thread, on pictures of 6 MP (pytest-benchmark).

    python3 dev.py kernels                                  all of them, one or two minutes
    python3 dev.py kernels -k feed                          some
    python3 dev.py kernels --benchmark-save=before          keep what was found ...
    python3 dev.py kernels --benchmark-compare=0001         ... and compare with it

Seconds of CPU, not of the wall: other programs disturb them less. Those of the fastest round count.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from roofline import MOVED, waves

from focusstack import kernels
from focusstack.kernels import depth, motion
from focusstack.steps import tone

SIZE = 2000, 3000
TURNED = np.array([[0.94, 0.12, 9.3], [-0.12, 0.94, 370.2], [0, 0, 1]])
PLACES = pytest.mark.parametrize(
    "place", [np.eye(3), MOVED, TURNED], ids=["as it is", "moved", "turned"]
)
DTYPES = pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
VARIANCE = np.full(kernels.VARIANCE_BINS, 1e-4, np.float32)

Timed = Callable[..., Any]


def planar() -> np.ndarray:
    """Waves, float32 (3, H, W)."""
    return np.ascontiguousarray(waves(*SIZE, np.uint16).transpose(2, 0, 1) / np.float32(65535))


def resampling(dtype: type, place: np.ndarray) -> kernels.Resampling:
    """A frame of waves on a canvas of its size."""
    values = tone.code_values(np.dtype(dtype), np.ones(3))
    return kernels.Resampling(waves(*SIZE, dtype), values, place, SIZE[::-1])


def state() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of a band, before the first frame."""
    return np.zeros(SIZE, np.float32), np.zeros(SIZE, np.float32), np.zeros((3, *SIZE), np.float32)


@DTYPES
@PLACES
def test_warp(benchmark: Timed, dtype: type, place: np.ndarray) -> None:
    benchmark(resampling(dtype, place).planar)


@DTYPES
@PLACES
def test_feed_finest(benchmark: Timed, dtype: type, place: np.ndarray) -> None:
    """Warp, next level, and the finest band added to the state, which is the main loop of a run."""
    frame, sums = resampling(dtype, place), state()
    low = np.empty((3, SIZE[0] // 2, SIZE[1] // 2), np.float32)
    guide = np.empty(low.shape[1:], np.float32)
    benchmark(kernels.feed_finest, frame, sums, low, guide, LUMA, VARIANCE, 1.0, 3)


def test_pyramid_down(benchmark: Timed) -> None:
    fine = planar()
    benchmark(kernels.pyramid_down, fine, 1, kernels.pyramid_down(fine))


def test_accumulate_band(benchmark: Timed) -> None:
    fine, sums, score = planar(), state(), np.empty(SIZE, np.float32)
    low = kernels.pyramid_down(fine)
    benchmark(kernels.accumulate_band, fine, low, sums, LUMA, VARIANCE, 1.0, 3, score)


def test_collapse_band(benchmark: Timed) -> None:
    fine = planar()
    out, weight = np.empty_like(fine), np.ones(SIZE, np.float32)
    benchmark(kernels.collapse_band, fine, weight, kernels.pyramid_down(fine), out)


def test_focus_energy(benchmark: Timed) -> None:
    benchmark(depth.focus_energy, planar(), LUMA, VARIANCE)


def test_encode(benchmark: Timed) -> None:
    benchmark(depth.encode, planar()[0] * 1000, 16.0)


def test_stand_out(benchmark: Timed) -> None:
    levels = np.array([8, 16, 32, 64], np.int8)
    benchmark(kernels.stand_out, waves(*SIZE), None, levels, 64)


def test_cell_products(benchmark: Timed) -> None:
    red, green, _ = planar()
    benchmark(motion.cell_products, red, green)


if __name__ == "__main__":
    saved = f"--benchmark-storage=file://{Path(__file__).parent / 'out' / 'kernels'}"
    timer, columns = "--benchmark-timer=time.process_time", "--benchmark-columns=min,median,rounds"
    options = [timer, columns, saved, "--benchmark-sort=name", "--benchmark-warmup=on"]
    sys.exit(pytest.main([__file__, *options, *sys.argv[1:]]))
