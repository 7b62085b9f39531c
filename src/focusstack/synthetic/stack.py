"""Rendering a stack: the scene through the lens, moved, exposed, one frame at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from focusstack.colour import srgb_encode
from focusstack.errors import RecipeError
from focusstack.model import FloatImage, Pixels, Transform
from focusstack.synthetic import sensor as sensors
from focusstack.synthetic.blur import ALIGN
from focusstack.synthetic.geometry import Motion, reference_from_frame, resample
from focusstack.synthetic.layers import Layer, compose, front_depth
from focusstack.synthetic.optics import Lens
from focusstack.synthetic.scenes import SCENES
from focusstack.synthetic.sensor import Sensor
from focusstack.synthetic.view import View, Window

_STRIP = 256
_SOFTNESS = 0.55
_BRIGHTEST = 1.25


@dataclass(frozen=True)
class Truth:
    """What a perfect stacking program would find.

    Attributes
    ----------
    fused : float32, (height, width, channels)
        The scene with everything in focus, sRGB 0..1, in the geometry of the reference frame;
        no noise, no defects, exposure gain 1.
    depth : float32, (height, width)
        Fractional frame index at which the frontmost surface is in focus.
    transforms : tuple of (3, 3) float64
        Per frame ``reference_from_frame``, pixel centres at integers.
    reference_index : int
        ``frames // 2``.
    gains : float64, (frames, 3)
        What each frame's linear light (R, G, B) was multiplied by.
    """

    fused: FloatImage
    depth: FloatImage
    transforms: tuple[Transform, ...]
    reference_index: int
    gains: npt.NDArray[np.float64]


@dataclass(frozen=True)
class SyntheticStack:
    """A focus stack whose frames are rendered when asked for.

    Iterating, indexing order and repetition make no difference to a frame's pixels.
    """

    truth: Truth
    scene: str
    lens: Lens = field(repr=False)
    sensor: Sensor = field(repr=False)
    view: View = field(repr=False)
    layers: tuple[Layer, ...] = field(repr=False)
    channels: int = 3

    def __len__(self) -> int:
        return self.lens.frames

    def frames(self) -> Iterator[Pixels]:
        """All frames in order, one at a time."""
        return (self.frame(i) for i in range(len(self)))

    def frame(self, index: int) -> Pixels:
        """Render one frame, uint8 or uint16, (height, width, channels), RGB.

        Raises
        ------
        IndexError
            If there is no such frame.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"frame {index} of a stack of {len(self)}")
        seen = compose(self.layers, self.view, lambda t: self.lens.radius(t, index))
        canvas = _soften(seen)
        gain = self.truth.gains[index].astype(np.float32)
        rng = np.random.default_rng([self.sensor.seed, 1000, index])
        height, width = self.view.height, self.view.width
        strips = []
        for first in range(0, height, _STRIP):
            rows = range(first, min(first + _STRIP, height))
            linear = _in_channels(self._moved(canvas, index, rows, width) * gain, self.channels)
            strips.append(self.sensor.expose(linear, first, height, rng))
        return np.concatenate(strips)

    def _moved(self, canvas: FloatImage, index: int, rows: range, width: int) -> FloatImage:
        margin = self.view.margin
        if index == self.truth.reference_index:
            lines = slice(margin + rows.start, margin + rows.stop)
            return canvas[lines, margin : margin + width]
        to_canvas = np.eye(3)
        to_canvas[:2, 2] = margin
        return resample(canvas, rows, width, to_canvas @ self.truth.transforms[index])


def render(
    scene: str = "still-life",
    *,
    frames: int = 12,
    size: tuple[int, int] = (1500, 1000),
    seed: int = 1,
    breathing: float = 0.03,
    drift_px: float = 4.0,
    roll_deg: float = 0.1,
    flicker: float = 0.03,
    white_balance: float = 0.01,
    iso: float = 100,
    blur_px: float = 1.5,
    dust: int = 0,
    hot_pixels: int = 0,
    vignette: float = 0.0,
    bits: int = 8,
    channels: int = 3,
    far_first: bool = False,
) -> SyntheticStack:
    """Make a focus stack with known truth.

    Parameters
    ----------
    scene : {"still-life", "plane", "steps", "flat", "sparse"}
        What is in the picture.
    frames : int
        Number of frames, focused evenly from the nearest to the farthest distance.
    size : (int, int)
        Width and height in pixels.
    seed : int
        Equal arguments give equal pixels; another seed gives another stack.
    breathing : float
        Change of magnification over the whole stack, about the middle of the frame.
    drift_px, roll_deg : float
        Largest shift (pixels) and rotation (degrees) of the camera, a random walk.
    flicker, white_balance : float
        Largest relative change of exposure and of the colour channels.
    iso : float
        Noise as of this sensitivity; 0 for none. See :func:`noise_sigma`.
    blur_px : float
        Radius of the circle of confusion in pixels, one frame step away from focus.
    dust, hot_pixels : int
        Defects that stay where they are on the sensor.
    vignette : float
        Loss of light in the corners, 0..1.
    bits : {8, 16}
    channels : {3, 1}
        RGB or grey.
    far_first : bool
        Frame 0 is focused farthest instead of nearest.

    Returns
    -------
    SyntheticStack

    Raises
    ------
    RecipeError
        If an argument makes no sense.

    Notes
    -----
    Memory: about 50 bytes per pixel for the scene and its truth and 30 more while a frame is
    rendered, whatever the number of frames. Perspective does not change with focus.
    """
    _check(scene, frames, size, bits, channels, blur_px)
    lens = Lens(frames, blur_px, far_first)
    motion = Motion(breathing, drift_px, roll_deg)
    transforms = reference_from_frame(motion, frames, size, seed, far_first)
    view = _view(size, transforms, seed)
    layers = tuple(SCENES[scene](view))
    gains = sensors.exposure_gains(frames, flicker, white_balance, seed)
    if channels == 1:
        gains = gains.mean(axis=1, keepdims=True).repeat(3, axis=1)
    truth = _truth(layers, view, lens, transforms, gains, channels)
    camera = Sensor(iso, dust, hot_pixels, vignette, bits, seed)
    return SyntheticStack(truth, scene, lens, camera, view, layers, channels)


def _check(
    scene: str, frames: int, size: tuple[int, int], bits: int, channels: int, blur_px: float
) -> None:
    if scene not in SCENES:
        raise RecipeError(f"there is no scene {scene!r}", f"use one of {', '.join(SCENES)}")
    if frames < 1:
        raise RecipeError(f"a stack of {frames} frames", "use 1 or more")
    if len(size) != 2 or min(size) < 1:
        raise RecipeError(f"frames of size {size}", "use (width, height), 1 or more each")
    if bits not in (8, 16):
        raise RecipeError(f"bits is {bits}", "use 8 or 16")
    if channels not in (1, 3):
        raise RecipeError(f"channels is {channels}", "use 1 or 3")
    if blur_px < 0:
        raise RecipeError(f"blur_px is {blur_px}", "use 0 or more")


def _view(size: tuple[int, int], transforms: tuple[Transform, ...], seed: int) -> View:
    """A canvas with room for what any frame sees of the scene beyond the reference frame."""
    width, height = size
    right, bottom = width - 1, height - 1
    corners = np.array([[0, 0, 1], [right, 0, 1], [0, bottom, 1], [right, bottom, 1]])
    seen = np.concatenate([(corners @ matrix.T)[:, :2] for matrix in transforms])
    beyond = max(0.0, -seen.min(), float((seen - (np.array(size) - 1)).max()))
    margin = int(np.ceil(beyond)) + 4
    across, down = (-(-(side + 2 * margin) // ALIGN) * ALIGN for side in size)
    return View(width, height, margin, across, down, seed)


def _truth(
    layers: tuple[Layer, ...],
    view: View,
    lens: Lens,
    transforms: tuple[Transform, ...],
    gains: npt.NDArray[np.float64],
    channels: int,
) -> Truth:
    sharp = _soften(compose(layers, view, np.zeros_like))
    margin, width = view.margin, view.width
    fused = np.empty((view.height, width, channels), np.float32)
    depth = np.empty((view.height, width), np.float32)
    for first in range(0, view.height, _STRIP):
        rows = min(_STRIP, view.height - first)
        strip = Window(margin, margin + first, width, rows)
        linear = sharp[strip.y : strip.y + rows, margin : margin + width]
        fused[first : first + rows] = srgb_encode(np.clip(_in_channels(linear, channels), 0, 1))
        depth[first : first + rows] = lens.frame_index(front_depth(layers, view, strip))
    return Truth(fused, depth, transforms, len(transforms) // 2, gains)


def _soften(canvas: FloatImage) -> FloatImage:
    """What lens and pixel aperture blur even in focus; also makes the canvas fit to resample."""
    import cv2

    np.clip(canvas, 0, _BRIGHTEST, out=canvas)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), _SOFTNESS, dst=canvas))


def _in_channels(linear: FloatImage, channels: int) -> FloatImage:
    if channels == 3:
        return np.ascontiguousarray(linear)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return np.asarray(luminance[..., None], np.float32)
