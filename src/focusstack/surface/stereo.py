"""Pictures that are seen in depth: for two eyes, for coloured glasses, and rocking."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from focusstack.colour import srgb_decode, srgb_encode
from focusstack.model import Pixels
from focusstack.surface.scene import Scene, joined

_LEFT_SHARES = np.array(
    [
        [0.4561, 0.500484, 0.176381],
        [-0.0400822, -0.0378246, -0.0157589],
        [-0.0152161, -0.0205971, -0.00546856],
    ],
    np.float32,
)
_RIGHT_SHARES = np.array(
    [
        [-0.0434706, -0.0879388, -0.00155529],
        [0.378476, 0.73364, -0.0184503],
        [-0.0721527, -0.112961, 1.2264],
    ],
    np.float32,
)
_LINEAR = srgb_decode(np.arange(256, dtype=np.float32) / np.float32(255)).astype(np.float32)
_STEPS = 4096


def pair(scene: Scene, strength: float, crossed: bool = False) -> Pixels:
    """Both eyes' pictures beside one another, uint8 (H, 2 W, 3).

    The left eye's is on the left; on the right if ``crossed``, for who squints. ``strength`` as in
    :meth:`Scene.views`.
    """
    eyes = (1.0, -1.0) if crossed else (-1.0, 1.0)
    height, width = scene.depth.shape
    return joined((np.hstack(bands) for bands in scene.views(eyes, strength)), height, 2 * width)


def anaglyph(scene: Scene, strength: float) -> Pixels:
    """Both eyes' pictures in one, uint8 (H, W, 3): for glasses red on the left, cyan on the right.

    References
    ----------
    Dubois 2001, doi:10.1109/ICASSP.2001.941256; mixed in linear light.
    """
    bands = (_mixed(*both) for both in scene.views((-1.0, 1.0), strength))
    return joined(bands, *scene.depth.shape)


def _mixed(left: Pixels, right: Pixels) -> Pixels:
    import cv2

    # not matrix products: those would wake a pool of threads
    light = cv2.transform(_LINEAR[left], _LEFT_SHARES)
    light += cv2.transform(_LINEAR[right], _RIGHT_SHARES)
    codes = np.rint(np.clip(light, 0, 1) * (_STEPS - 1)).astype(np.uint16)
    return np.asarray(_encoded()[codes])


def _encoded() -> Pixels:
    """sRGB codes of evenly spaced light, uint8 (4096,)."""
    light = np.linspace(0, 1, _STEPS, dtype=np.float32)
    return np.asarray(np.rint(srgb_encode(light) * 255), np.uint8)


def rocking(scene: Scene, strength: float, count: int) -> Iterator[Pixels]:
    """One period of an eye that goes from the middle to the right, to the left and back.

    ``count`` pictures, uint8 (H, W, 3); the one after the last would be the first. Those that are
    alike on the way out and back are made once.
    """
    made: dict[float, Pixels] = {}
    for k in range(count):
        eye = round(float(np.sin(2 * np.pi * k / count)), 6)
        if eye not in made:
            made[eye] = scene.view(eye, strength)
        yield made[eye]
