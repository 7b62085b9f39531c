"""Layers of a scene and their compositing, from the farthest to the nearest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.synthetic import blur
from focusstack.synthetic.view import Patch, View, Window

DepthField = Callable[[FloatImage, FloatImage], FloatImage]
"""Depth ``t`` (0 near, 1 far) as a smooth function of scene x (1, width) and y (height, 1)."""
Painter = Callable[[Patch], tuple[FloatImage, FloatImage]]
"""Linear RGB (height, width, 3) and coverage (height, width) 0..1 of a patch."""

TILE = 256
BLOCK = 32
_STRIP = 256
_OVERLAP = 3  # painters take gradients: at a patch's edge these are poor


@dataclass(frozen=True)
class Layer:
    """One smooth surface with holes.

    ``pixels`` is float16, (height, width, 4): linear RGB times alpha, and alpha, of ``window``;
    nothing of the layer lies outside. ``occupied`` says which blocks of ``BLOCK`` x ``BLOCK``
    pixels have any of it.
    """

    pixels: npt.NDArray[Any]
    window: Window
    depth: DepthField
    occupied: npt.NDArray[np.bool_]

    def meets(self, window: Window) -> bool:
        """Whether there may be anything of the layer in a window of the canvas."""
        x0, y0 = window.x - self.window.x, window.y - self.window.y
        rows = slice(max(0, y0 // BLOCK), max(0, -(-(y0 + window.height) // BLOCK)))
        columns = slice(max(0, x0 // BLOCK), max(0, -(-(x0 + window.width) // BLOCK)))
        return bool(self.occupied[rows, columns].any())

    def crop(self, window: Window) -> FloatImage:
        """The layer's pixels in a window of the canvas, float32, zero where it has none."""
        own = self.window
        x0, y0 = max(window.x, own.x), max(window.y, own.y)
        x1 = min(window.x + window.width, own.x + own.width)
        y1 = min(window.y + window.height, own.y + own.height)
        if (x1 - x0, y1 - y0) == (window.width, window.height):
            inside = self.pixels[y0 - own.y : y1 - own.y, x0 - own.x : x1 - own.x]
            return inside.astype(np.float32)
        out = np.zeros((window.height, window.width, 4), np.float32)
        if x0 < x1 and y0 < y1:
            out[y0 - window.y : y1 - window.y, x0 - window.x : x1 - window.x] = self.pixels[
                y0 - own.y : y1 - own.y, x0 - own.x : x1 - own.x
            ]
        return out

    def depth_in(self, view: View, window: Window) -> FloatImage:
        """Depth ``t`` in a window of the canvas, float32, (height, width)."""
        patch = Patch(view, window)
        depth = self.depth(patch.x, patch.y)
        return np.clip(np.broadcast_to(depth, (window.height, window.width)), 0, 1)


def paint(view: View, painter: Painter, depth: DepthField, window: Window | None = None) -> Layer:
    """Paint a layer strip by strip, so that a painter's scratch arrays stay small.

    Parameters
    ----------
    window : Window, optional
        Where the layer has anything; the whole canvas by default.
    """
    window = view.whole if window is None else window
    pixels = np.zeros((window.height, window.width, 4), np.float16)
    for y in range(0, window.height, _STRIP):
        rows = min(_STRIP, window.height - y)
        top, height = window.y + y - _OVERLAP, rows + 2 * _OVERLAP
        rgb, alpha = painter(Patch(view, Window(window.x, top, window.width, height)))
        rgb, alpha = rgb[_OVERLAP : _OVERLAP + rows], alpha[_OVERLAP : _OVERLAP + rows]
        pixels[y : y + rows, :, :3] = np.clip(rgb, 0, 16) * alpha[..., None]
        pixels[y : y + rows, :, 3] = alpha
    return Layer(pixels, window, depth, _occupied(pixels))


def _occupied(pixels: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    rows, columns = (range(0, side, BLOCK) for side in pixels.shape[:2])
    return np.array(
        [[pixels[y : y + BLOCK, x : x + BLOCK, 3].any() for x in columns] for y in rows], bool
    ).reshape(len(rows), len(columns))


def flat_depth(t: float, along_x: float = 0.0, along_y: float = 0.0) -> DepthField:
    """A plane: depth ``t`` in the middle of the picture, changing per scene unit of x and y."""

    def depth(x: FloatImage, y: FloatImage) -> FloatImage:
        return np.asarray(t + along_x * x + along_y * y, np.float32)

    return depth


def compose(
    layers: Sequence[Layer], view: View, radius: Callable[[FloatImage], FloatImage]
) -> FloatImage:
    """See all layers through the lens.

    Parameters
    ----------
    layers : sequence of Layer
        Farthest first; the first one covers the canvas.
    view : View
    radius : callable
        Circle of confusion in pixels at depths ``t``.

    Returns
    -------
    float32, (canvas height, canvas width, 3)
        Linear light, 0..1 and highlights above.

    Notes
    -----
    Each layer is blurred by its own circle of confusion, colour and coverage alike, and laid over
    what is behind it: ``B(a rgb) + (1 - B(a)) behind``. So a defocused front object veils what it
    does not quite cover, and a defocused background never spreads over a sharp front object.
    """
    canvas = np.empty((view.canvas_height, view.canvas_width, 3), np.float32)
    for y in range(0, view.canvas_height, TILE):
        for x in range(0, view.canvas_width, TILE):
            width, height = min(TILE, view.canvas_width - x), min(TILE, view.canvas_height - y)
            tile = Window(x, y, width, height)
            canvas[y : y + height, x : x + width] = _compose_tile(layers, view, tile, radius)
    return canvas


def front_depth(layers: Sequence[Layer], view: View, window: Window) -> FloatImage:
    """Depth ``t`` of the frontmost layer that covers at least half of each pixel of a window."""
    depth = layers[0].depth_in(view, window).copy()
    for layer in layers[1:]:
        inside = layer.crop(window)[..., 3] >= 0.5
        np.copyto(depth, layer.depth_in(view, window), where=inside)
    return depth


def _compose_tile(
    layers: Sequence[Layer],
    view: View,
    tile: Window,
    radius: Callable[[FloatImage], FloatImage],
) -> FloatImage:
    seen: list[FloatImage] = []
    for layer in reversed(layers):
        blurred = _blurred(layer, view, tile, radius(layer.depth_in(view, tile)))
        if blurred is None:
            continue
        seen.append(blurred)
        if blurred[..., 3].min() > 0.9995:
            break
    out = seen.pop()
    while seen:
        front = seen.pop()
        out *= _everywhere(1 - front[..., 3])
        out += front
    return out[..., :3]


def _everywhere(weight: FloatImage) -> FloatImage:
    """A weight per pixel for each of four channels; far faster than to broadcast it."""
    import cv2

    return np.asarray(cv2.merge([weight] * 4))


def _blurred(layer: Layer, view: View, tile: Window, radius: FloatImage) -> FloatImage | None:
    """The layer in a tile, each pixel blurred by its own radius; None if nothing of it is there."""
    low, high = float(radius.min()), float(radius.max())
    padded = _padded(tile, view, high)
    if not layer.meets(padded):
        return None
    source = layer.crop(padded)
    x, y = tile.x - padded.x, tile.y - padded.y
    rungs = blur.ladder(high)
    first = int(np.searchsorted(rungs, low, side="right")) - 1
    last = int(np.searchsorted(rungs, high, side="left"))
    out = np.zeros((tile.height, tile.width, 4), np.float32)
    for k in range(first, last + 1):
        level = blur.disk_blur(source, float(rungs[k]))[y : y + tile.height, x : x + tile.width]
        weight = _everywhere(blur.hat_weights(radius, rungs, k))
        weight *= level
        out += weight
    return out


def _padded(tile: Window, view: View, radius: float) -> Window:
    """The tile and what blurs into it, corners on the grid that :mod:`blur` asks for."""
    reach = 0 if radius == 0 else int(np.ceil((radius * 1.5 + 12) / blur.ALIGN)) * blur.ALIGN
    x0, y0 = max(0, tile.x - reach), max(0, tile.y - reach)
    x1 = min(view.canvas_width, tile.x + tile.width + reach)
    y1 = min(view.canvas_height, tile.y + tile.height + reach)
    return Window(x0, y0, x1 - x0, y1 - y0)
