"""What code values stand for: white, luma, and the sRGB transfer function (IEC 61966-2-1)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.model import BT601, FloatImage, Pixels

XYZ_FROM_SRGB = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
"""CIE XYZ, white at D65, of linear sRGB."""
LUMA = {1: np.ones(1, np.float32), 3: BT601}
"""Share of each channel in luma, by number of channels (ITU-R BT.601)."""
_SRGB_LUMINANCE = np.array([0.2225, 0.7169, 0.0606], np.float32)


def white(dtype: np.dtype[Any]) -> float:
    """The value of full scale: 1 for float32, the largest code for integers."""
    return 1.0 if dtype == np.float32 else float(np.iinfo(dtype).max)


def eight_bits(pixels: Pixels) -> Pixels:
    """A picture to look at: uint8 from uint8, uint16, or float32 in 0..1."""
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        return np.asarray(pixels >> 8, np.uint8)
    return np.asarray(np.rint(np.clip(pixels, 0, 1) * 255), np.uint8)


def luma_shares(icc: bytes) -> FloatImage:
    """Share of red, green and blue in luma, float32 (3,), of pictures with that ICC profile.

    How much the profile's primaries have of luminance. Those of ITU-R BT.601 without a profile,
    for one with sRGB's primaries, and where primaries are not how it describes colours.
    """
    found = [_luminance(icc, tag) for tag in (b"rXYZ", b"gXYZ", b"bXYZ")]
    known = np.array([one for one in found if one is not None], np.float32)
    if len(known) < 3 or not 0.8 < known.sum() < 1.2 or known.min() < 0:
        return LUMA[3]
    shares = known / known.sum()
    alike = np.abs(shares - _SRGB_LUMINANCE).max() < 0.01
    return LUMA[3] if alike else np.asarray(shares, np.float32)


def _luminance(icc: bytes, tag: bytes) -> float | None:
    """Y of a tag of type XYZ."""
    count = int.from_bytes(icc[128:132], "big")
    for at in range(132, 132 + 12 * min(count, 100), 12):
        if icc[at : at + 4] == tag:
            start = int.from_bytes(icc[at + 4 : at + 8], "big")
            value = icc[start + 12 : start + 16]
            if icc[start : start + 4] == b"XYZ " and len(value) == 4:
                return int.from_bytes(value, "big", signed=True) / 65536
    return None


def shares_in(luma: FloatImage, channels: int) -> FloatImage:
    """The shares of as many channels: ``luma`` of three, all of one."""
    return luma if channels == 3 else LUMA[1]


def luma_of(pixels: Pixels, luma: FloatImage | None = None) -> FloatImage:
    """Luma of a frame, float32 (H, W) in 0..1, from uint8, uint16 or float32 pixels.

    ``luma`` has the shares of red, green and blue, those of ITU-R BT.601 by default.
    """
    top = np.float32(white(pixels.dtype))
    if pixels.shape[2] == 1:
        return np.asarray(pixels[..., 0], np.float32) / top
    import cv2

    # not a matrix product: that would wake a pool of threads
    shares = LUMA[3] if luma is None else luma
    return np.asarray(cv2.transform(pixels.astype(np.float32), shares[None] / top), np.float32)


def luma_of_planes(planar: FloatImage, luma: FloatImage) -> FloatImage:
    """Luma (H, W) of float32 planes (C, H, W), with the shares of red, green and blue."""
    if len(planar) == 1:
        return np.asarray(planar[0], np.float32)
    red, green, blue = luma
    total = planar[0] * red  # plain products: a matrix product would wake a pool of threads
    total += planar[1] * green
    total += planar[2] * blue
    return np.asarray(total, np.float32)


def srgb_decode(encoded: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """sRGB values, 0..1 and above, to linear light; the dtype stays."""
    low = encoded / 12.92
    high = ((np.maximum(encoded, 0) + 0.055) / 1.055) ** 2.4
    return np.where(encoded <= 0.04045, low, high)


def srgb_encode(linear: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Linear light to sRGB values; negative light stays on the straight part; the dtype stays."""
    high = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, high)
