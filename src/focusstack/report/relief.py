"""The depth map as a relief lit from the upper left."""

from __future__ import annotations

import numpy as np

from focusstack.inspection.report import Mask
from focusstack.model import FloatImage
from focusstack.report.inline import Codes
from focusstack.report.scale import sampled

STRENGTH = 1.6
"""How steep the relief is, for a scene as deep as a quarter of its larger side."""
SMOOTH = 1.2
AMBIENT = 0.42
LIGHT = np.array([-0.5, -0.6, 0.62])
UNKNOWN = (150, 150, 150), (118, 118, 118)
"""Greys of the hatching where nothing was ever sharp."""


def relief(depth: FloatImage, frames: int, size: tuple[int, int]) -> Codes:
    """Draw a depth map; RGB uint8 (h, w, 3).

    Parameters
    ----------
    depth : float32 (H, W), position in focus order, the first taken as the nearest; NaN = unknown
    frames : how many there are, which the colour ramp spans
    size : (width, height) of the drawing
    """
    small = sampled(depth, size)
    known = np.isfinite(small)
    share = np.asarray(small / max(1, frames - 1), np.float32)
    drawn = ramp(share) * _shade(_filled(small, known), frames)[..., None]
    codes = np.asarray(np.clip(drawn + 0.5, 0, 255), np.uint8)
    codes[~known] = _hatched(small.shape)[~known]
    return codes


def ramp(share: FloatImage) -> FloatImage:
    """Colours of 0..1, float32 (h, w, 3) in 0..255: cividis, made for colour-blind eyes."""
    import cv2

    codes = np.clip(np.nan_to_num(share) * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(codes, cv2.COLORMAP_CIVIDIS)[..., ::-1], np.float32)


def ramp_stops(count: int = 9) -> list[str]:
    """The same ramp as CSS colours."""
    colours = ramp(np.linspace(0, 1, count, dtype=np.float32)[np.newaxis])[0]
    return ["#" + "".join(f"{int(c):02x}" for c in colour) for colour in colours]


def _filled(depth: FloatImage, known: Mask) -> FloatImage:
    """The depth with what is unknown at the mean of what surrounds it, smoothed."""
    import cv2

    weight = known.astype(np.float32)
    total = cv2.GaussianBlur(np.where(known, depth, 0).astype(np.float32), (0, 0), SMOOTH)
    share = cv2.GaussianBlur(weight, (0, 0), SMOOTH)
    usual = float(np.median(depth[known])) if known.any() else 0.0
    return np.asarray(np.where(share > 1e-3, total / np.maximum(share, 1e-3), usual), np.float32)


def _shade(depth: FloatImage, frames: int) -> FloatImage:
    """Brightness of each pixel, about 1 on level ground."""
    import cv2

    height = depth * np.float32(0.25 * max(depth.shape) / max(1, frames - 1))
    slope_x = cv2.Scharr(height, cv2.CV_32F, 1, 0) / 32
    slope_y = cv2.Scharr(height, cv2.CV_32F, 0, 1) / 32
    normal = np.stack([STRENGTH * slope_x, STRENGTH * slope_y, np.ones_like(slope_x)])
    light = LIGHT / np.linalg.norm(LIGHT)
    lit = np.tensordot(light, normal, 1) / np.sqrt((normal**2).sum(axis=0))
    return np.asarray(AMBIENT + (1 - AMBIENT) * np.maximum(lit, 0) / light[2], np.float32)


def _hatched(shape: tuple[int, ...]) -> Codes:
    y, x = np.indices(shape[:2])
    light, dark = (np.array(grey, np.uint8) for grey in UNKNOWN)
    return np.where((((x + y) // 5) % 2 == 0)[..., None], light, dark)
