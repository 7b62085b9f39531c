"""Pictures, tables and states to try the kernels on."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from focusstack import kernels

SHAPES = st.tuples(st.integers(1, 10), st.integers(1, 10))
CHANNELS = st.sampled_from([1, 3])
LUMA = {1: np.ones(1, np.float32), 3: np.array([0.299, 0.587, 0.114], np.float32)}
QUICK = settings(max_examples=60, deadline=None)


def picture(shape, channels, seed=0, dtype=np.float32):
    """Random pixels, (C, H, W) for float32, else interleaved (H, W, C)."""
    rng = np.random.default_rng([seed, *shape, channels])
    if dtype is np.float32:
        return rng.random((channels, *shape), dtype=np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, (*shape, channels)).astype(dtype)


def linear_values(dtype, channels):
    """A table that maps codes to 0..1, a little differently in each channel."""
    if dtype is np.float32:
        return np.zeros((channels, 0), np.float32)
    ramp = np.arange(np.iinfo(dtype).max + 1) / np.iinfo(dtype).max
    return np.stack([ramp ** (1 + 0.2 * c) for c in range(channels)]).astype(np.float32)


def empty_state(channels, shape):
    return (
        np.zeros(shape, np.float32),
        np.zeros(shape, np.float32),
        np.zeros((channels, *shape), np.float32),
    )


def accumulated(
    frames,
    squarings=4,
    valid=None,
    scale=1.0,
    threads=1,
    factor=1.0,
    guides=None,
    priors=None,
    prior_grid=(1.0, 0.0),
):
    """The state after some frames, and their scores."""
    channels, shape = len(frames[0]), frames[0].shape[1:]
    state, scores = empty_state(channels, shape), []
    for k, fine in enumerate(frames):
        score = np.empty(shape, np.float32)
        kernels.accumulate_band(
            fine,
            kernels.pyramid_down(fine),
            state,
            LUMA[channels],
            noise_table(),
            scale,
            squarings,
            score,
            factor,
            None if guides is None else guides[k],
            None if valid is None else valid[k],
            None if priors is None else priors[k],
            threads,
            prior_grid,
        )
        scores.append(score)
    return state, scores


def noise_table():
    return np.linspace(1e-3, 8e-3, kernels.VARIANCE_BINS).astype(np.float32)
