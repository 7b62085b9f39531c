"""What the kernels compute, said once more as plainly as NumPy allows."""

from __future__ import annotations

import numpy as np

BINOMIAL = np.array([1, 4, 6, 4, 1]) / 16
BLUR_RADIUS = 5
BLUR_SIGMA = 2.0


def mirror(i, n):
    """Index into n samples that mirror at the border without repeating the edge."""
    if n == 1:
        return np.zeros_like(i)
    i = np.mod(i, 2 * (n - 1))
    return np.where(i < n, i, 2 * (n - 1) - i)


def down(planar):
    """Binomial blur, then every second pixel; (C, H, W)."""
    for axis in (1, 2):
        n = planar.shape[axis]
        centres = np.arange(0, n, 2)
        taps = [planar.take(mirror(centres + k, n), axis) for k in range(-2, 3)]
        planar = sum(w * tap for w, tap in zip(BINOMIAL, taps, strict=True))
    return planar


def expand(low, height, width):
    """The next finer level that ``low`` stands for; coarse borders repeat."""
    for axis, size in ((1, height), (2, width)):
        n = low.shape[axis]
        k = np.arange(size) // 2
        left, here, right = (low.take(np.clip(k + d, 0, n - 1), axis) for d in (-1, 0, 1))
        odd = (np.arange(size) % 2 == 1).reshape((-1, 1) if axis == 1 else (1, -1))
        low = np.where(odd, (here + right) / 2, (left + 6 * here + right) / 8)
    return low


def smooth_energy(plane):
    """Gaussian, sigma 2, cut at 5 px; the edge repeats."""
    taps = np.exp(-0.5 * (np.arange(-BLUR_RADIUS, BLUR_RADIUS + 1) / BLUR_SIGMA) ** 2)
    taps /= taps.sum()
    for axis in (0, 1):
        n = plane.shape[axis]
        at = np.arange(n)
        plane = sum(
            w * plane.take(np.clip(at + k - BLUR_RADIUS, 0, n - 1), axis)
            for k, w in enumerate(taps)
        )
    return plane


def band_score(fine, low, luma, variance, scale, factor=1.0, guide=None):
    """A frame's score in one band, and the band itself."""
    up = expand(low, *fine.shape[1:])
    detail = fine - up
    weigh = np.asarray(luma, float)
    energy = smooth_energy(np.tensordot(weigh, detail, 1) ** 2)
    mean = np.tensordot(weigh, low, 1)
    bins = np.clip(np.floor(mean * 63 + 0.5), 0, 63).astype(int)
    noise = expand(np.asarray(variance, float)[bins][np.newaxis] * scale, *fine.shape[1:])[0]
    score = factor * (np.maximum(energy - 2 * noise, 0) + 4 * noise)
    return score * (1 if guide is None else np.sqrt(guide)), detail


def fuse_band(frames, power, valid=None, priors=None):
    """Weighted mean of all frames' bands; ``frames`` are (score, detail) pairs."""
    scores = np.stack([s for s, _ in frames])
    if priors is not None:
        scores = scores * np.stack(priors)
    if valid is not None:
        scores = np.where(np.stack(valid) > 0, scores, 0)
    weights = (scores / np.maximum(scores.max(axis=0), 1e-30)) ** power
    details = np.stack([d for _, d in frames])
    return (weights[:, None] * details).sum(axis=0), weights.sum(axis=0)


def srgb_decode(value):
    """Linear light of sRGB-encoded values."""
    value = np.maximum(value, 0)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def srgb_encode(light):
    """The inverse of ``srgb_decode``; no light where it is negative."""
    light = np.maximum(light, 0)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def enlarge(plane, scale, height, width):
    """(h, w) at full size, linearly; pixel k is centred on ``k * scale + (scale - 1) / 2``."""
    for axis, size in ((0, height), (1, width)):
        at = np.clip((np.arange(size) - (scale - 1) / 2) / scale, 0, plane.shape[axis] - 1)
        low = np.floor(at).astype(int)
        share = (at - low).reshape((-1, 1) if axis == 0 else (1, -1))
        high = np.minimum(low + 1, plane.shape[axis] - 1)
        plane = plane.take(low, axis) * (1 - share) + plane.take(high, axis) * share
    return plane


def unveil(planar, gain, replace, offset, sharp, limits, scale):
    """``value * gain - offset`` in linear light, within limits, then ``replace`` of ``sharp``."""
    size = planar.shape[1:]
    gain, replace = enlarge(gain, scale, *size), enlarge(replace, scale, *size)
    offset, sharp, low, high = (
        np.stack([enlarge(plane, scale, *size) for plane in planes])
        for planes in (offset, sharp, *limits)
    )
    clean = srgb_encode(srgb_decode(planar) * gain - offset)
    # the limits never lie between a value and itself
    clean = np.minimum(clean, np.maximum(planar, high))
    clean = np.maximum(clean, np.minimum(planar, low))
    return np.where((gain == 1) & (replace == 0), planar, clean + replace * (sharp - clean))


def lanczos3(x):
    """The Lanczos window of three lobes."""
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0.0)


def lean(frame_from_canvas):
    """How far a column of the canvas shifts from one row of the frame to the next, in px.

    0 for transforms that turn or magnify so much that the kernel follows no columns.
    """
    (a, b, _), (c, d, _), bottom = frame_from_canvas / frame_from_canvas[2, 2]
    if bottom[:2].any() or abs(d - 1) > 0.1 or abs(c) > 0.05:
        return 0.0
    return b / d if abs(a - b / d * c - 1) <= 0.1 and abs(b / d) <= 0.05 else 0.0


def warp(values, frame_from_canvas, size):
    """Lanczos-3 resampling of (H, W, C) by the direct 2-D sum; the edge repeats; (C, h, w)."""
    height, width, _ = values.shape
    xs, ys = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    points = np.stack([xs.ravel(), ys.ravel(), np.ones(xs.size)])
    mapped = frame_from_canvas @ points
    x, free = mapped[:2] / mapped[2]
    # beyond one pixel outside there is only the repeated edge, without the kernel's ripples
    y = np.clip(free, -1, height)
    total = np.zeros((values.shape[2], x.size))
    weight = np.zeros(x.size)
    for j in range(-2, 4):
        row = np.clip(np.floor(y) + j, 0, height - 1)
        there = np.clip(x + lean(frame_from_canvas) * (row - free), -1, width)
        for i in range(-2, 4):
            column = np.floor(there) + i
            w = lanczos3(there - column) * lanczos3(y - np.floor(y) - j)
            inside = row.astype(int), np.clip(column, 0, width - 1).astype(int)
            total += w * values[inside].T
            weight += w
    return (total / weight).reshape(-1, size[1], size[0])


def around(plane):
    """The median of nine pixels 3 px apart, uint8 (H, W); beyond the border the pixel itself."""
    height, width = plane.shape
    taps = []
    for dy in (-3, 0, 3):
        for dx in (-3, 0, 3):
            y, x = np.arange(height) + dy, np.arange(width) + dx
            y = np.where((y < 0) | (y >= height), np.arange(height), y)
            x = np.where((x < 0) | (x >= width), np.arange(width), x)
            taps.append(plane[np.ix_(y, x)])
    return np.sort(taps, axis=0)[4]


def stand_out(pictures, levels, cell):
    """What stands out in all pictures, and how many pixels do so in the cells of each of them."""
    steady, counts = None, []
    for pixels in pictures:
        planes = [
            pixels[..., c].astype(int) - around(pixels[..., c]) for c in range(pixels.shape[2])
        ]
        difference = np.clip(np.stack(planes, axis=2), -127, 127)
        if steady is None:
            steady = difference
        else:
            steady = np.clip(difference, np.minimum(steady, 0), np.maximum(steady, 0))
        sides = difference.max(axis=2), -difference.min(axis=2)
        counts.append([[in_cells(side >= level, cell) for level in levels] for side in sides])
    return steady, np.array(counts)


def in_cells(mask, cell):
    """How many are true in each square cell."""
    rows, columns = (range(0, side, cell) for side in mask.shape)
    return [[mask[y : y + cell, x : x + cell].sum() for x in columns] for y in rows]
