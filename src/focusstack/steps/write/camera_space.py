"""From a developed picture back to what its camera saw, so that it can be developed again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from focusstack.colour import XYZ_FROM_SRGB, srgb_decode
from focusstack.model import CameraColour, Pixels

Matrix = npt.NDArray[np.float64]
_ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
_PROPHOTO = ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))
_D65, _D50 = (0.3127, 0.3290), (0.3457, 0.3585)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_ROWS = 256


def neutral_of(camera: CameraColour) -> Matrix:
    """What the camera sees of grey, at most 1: (red, green, blue)."""
    seen = 1 / np.maximum(np.array(camera.white, np.float64), 1e-6)
    return np.asarray(seen / seen.max())


def to_camera(pixels: Pixels, camera: CameraColour) -> Pixels:
    """Linear camera values, uint16 (H, W, 3), of a developed picture, uint16 (H, W, 3).

    White balance is taken off, so 65535 is reached by the channel that it raised least. Values
    that no camera could have seen, below 0, become 0.
    """
    table = _linear(np.arange(65536, dtype=np.float64) / 65535, camera.space).astype(np.float32)
    matrix = (_camera_from_space(camera) * neutral_of(camera)[:, None]).astype(np.float32)
    seen = np.empty(pixels.shape, np.uint16)
    for first in range(0, len(pixels), _ROWS):
        rows = np.s_[first : first + _ROWS]
        light = np.einsum("hwc,dc->hwd", table[pixels[rows]], matrix)
        seen[rows] = np.rint(np.clip(light, 0, 1) * 65535)
    return seen


def _linear(encoded: Matrix, space: str) -> Matrix:
    """Light of values; the curves are those that RAW is developed with."""
    if space == "srgb":
        return np.asarray(srgb_decode(encoded))
    return np.asarray(encoded ** (563 / 256 if space == "adobe" else 1.8))


def _camera_from_space(camera: CameraColour) -> Matrix:
    """Balanced camera values of linear ones; grey stays grey."""
    from_xyz = np.array(camera.matrix, np.float64).reshape(3, 3)
    rows = from_xyz @ XYZ_FROM_SRGB
    balanced = rows / rows.sum(axis=1, keepdims=True)
    return np.asarray(balanced @ np.linalg.inv(XYZ_FROM_SRGB) @ _xyz_from_space(camera.space))


def _xyz_from_space(space: str) -> Matrix:
    """XYZ, white at D65, of linear values."""
    if space == "srgb":
        return XYZ_FROM_SRGB
    if space == "adobe":
        return _xyz_from(_ADOBE, _D65)
    return _adapted(_D50, _D65) @ _xyz_from(_PROPHOTO, _D50)


def _xyz_from(primaries: tuple[tuple[float, float], ...], white: tuple[float, float]) -> Matrix:
    seen = np.array([_xyz(*one) for one in primaries]).T
    return np.asarray(seen * np.linalg.solve(seen, _xyz(*white)))


def _xyz(x: float, y: float) -> Matrix:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _adapted(seen: tuple[float, float], wanted: tuple[float, float]) -> Matrix:
    """Bradford adaptation from one white to another."""
    cones = (_BRADFORD @ _xyz(*wanted)) / (_BRADFORD @ _xyz(*seen))
    return np.asarray(np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD)
