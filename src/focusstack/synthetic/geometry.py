"""Where each frame lies: breathing, drift and roll, and exact resampling through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage, Transform

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Motion:
    """How the frames move against the reference frame.

    Parameters
    ----------
    breathing : float
        Change of magnification from the frame focused farthest to the one focused nearest,
        linear in between.
    drift_px : float
        Largest shift in pixels; the path is a seeded random walk.
    roll_deg : float
        Largest rotation about the middle of the frame, in degrees; likewise.
    """

    breathing: float
    drift_px: float
    roll_deg: float


def reference_from_frame(
    motion: Motion, frames: int, size: tuple[int, int], seed: int, far_first: bool
) -> tuple[Transform, ...]:
    """The transform of each frame, 3x3 float64, pixel centres at integers.

    The reference frame, ``frames // 2``, gets the identity exactly.
    """
    rng = np.random.default_rng([seed, 1001])
    shift = _walk(rng, frames, 2) * motion.drift_px
    roll = _walk(rng, frames, 1)[:, 0] * np.deg2rad(motion.roll_deg)
    step = motion.breathing / max(frames - 1, 1) * (1 if far_first else -1)
    scale = 1 + step * (np.arange(frames) - frames // 2)
    middle = (np.array(size) - 1) / 2
    frames_from_reference = (
        _similarity(scale[i], roll[i], shift[i], middle) for i in range(frames)
    )
    return tuple(np.asarray(np.linalg.inv(matrix), np.float64) for matrix in frames_from_reference)


def resample(source: FloatImage, rows: range, width: int, to_source: Transform) -> FloatImage:
    """Rows of a picture seen through a transform, by cubic B-spline interpolation.

    Parameters
    ----------
    source : float32, (height, width, channels)
        Beyond its border it counts as mirrored.
    rows : range
        Rows of the output to make.
    width : int
        Columns of the output.
    to_source : 3x3 float64
        Affine; maps pixel centres of the output to pixel centres of ``source``.

    Notes
    -----
    OpenCV's own cubic interpolation rounds positions to 1/32 pixel; its bilinear one is exact. A
    cubic B-spline is four bilinear look-ups into its coefficients, so this is exact too.
    """
    import cv2

    columns = np.arange(width, dtype=np.float64)[None, :]
    lines = np.arange(rows.start, rows.stop, dtype=np.float64)[:, None]
    x = to_source[0, 0] * columns + to_source[0, 1] * lines + to_source[0, 2]
    y = to_source[1, 0] * columns + to_source[1, 1] * lines + to_source[1, 2]
    top = int(np.clip(np.floor(y.min()) - _REACH, 0, source.shape[0] - 1))
    bottom = int(np.clip(np.ceil(y.max()) + _REACH + 1, top + 1, source.shape[0]))
    pole = np.sqrt(3.0) - 2
    kernel = (np.sqrt(3.0) * pole ** np.abs(np.arange(-_REACH, _REACH + 1))).astype(np.float32)
    coefficients = cv2.sepFilter2D(source[top:bottom], -1, kernel, kernel)
    out = np.zeros((len(rows), width, source.shape[2]), np.float32)
    for x_weight, x_at in _spline_pair(x):
        for y_weight, y_at in _spline_pair(y - top):
            part = cv2.remap(
                coefficients, x_at, y_at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
            )
            out += (x_weight * y_weight)[..., None] * part.reshape(out.shape)
    return out


_REACH = 10


def _spline_pair(at: Floats) -> tuple[tuple[FloatImage, FloatImage], ...]:
    """The four taps of a cubic B-spline as two (weight, position) pairs for linear look-up."""
    whole = np.floor(at)
    f = np.asarray(at - whole, np.float32)
    inner_left = (4 - 6 * f**2 + 3 * f**3) / 6
    left = np.asarray((1 - f) ** 3 / 6 + inner_left, np.float32)
    right = np.asarray(1 - left, np.float32)
    at_left = np.asarray(whole - 1 + inner_left / left, np.float32)
    at_right = np.asarray(whole + 1 + f**3 / 6 / right, np.float32)
    return (left, at_left), (right, at_right)


def _walk(rng: np.random.Generator, frames: int, columns: int) -> Floats:
    """Random walk, 0 at the reference frame, whose largest excursion is exactly 1."""
    path = np.cumsum(rng.standard_normal((frames, columns)), axis=0)
    path -= path[frames // 2]
    largest = float(np.linalg.norm(path, axis=1).max())
    return path / largest if largest > 0 else path


def _similarity(scale: float, roll: float, shift: Floats, middle: Floats) -> Transform:
    cos, sin = scale * np.cos(roll), scale * np.sin(roll)
    linear = np.array([[cos, -sin], [sin, cos]])
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = middle - linear @ middle + shift
    return matrix
