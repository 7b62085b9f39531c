"""Camera RAW files as a camera would make them: a mosaic of linear sensor values in a DNG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile

from focusstack.colour import srgb_decode

BLACK, WHITE = 512, 16383
# from XYZ to a camera that sees linear sRGB
XYZ_TO_SRGB = (32406, -15372, -4986, -9689, 18758, 415, 557, -2040, 10570)
RATIONAL, SRATIONAL, SHORT, LONG, BYTE, ASCII = 5, 10, 3, 4, 1, 2


def mosaic(encoded, neutral=(1.0, 1.0, 1.0), exposure=1.0):
    """What the sensor sees of an sRGB picture (H, W, 3), 0..1; RGGB, uint16 (H, W)."""
    light = srgb_decode(np.asarray(encoded, np.float64)) * np.array(neutral) * exposure
    seen = np.empty(light.shape[:2])
    for y, x, c in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        seen[y::2, x::2] = light[y::2, x::2, c]
    return np.clip(np.rint(BLACK + seen * (WHITE - BLACK)), 0, WHITE).astype(np.uint16)


def write_dng(
    path: Path,
    raw,
    neutral=(1.0, 1.0, 1.0),
    orientation=1,
    model="Testcam 1",
    levels=(BLACK, WHITE),
) -> Path:
    """A DNG with a colour filter array."""
    shot = [part for n in neutral for part in (round(n * 10000), 10000)]
    matrix = [part for n in XYZ_TO_SRGB for part in (n, 10000)]
    tags = [
        (274, SHORT, 1, orientation, True),
        (271, ASCII, None, "Focusstack", True),
        (272, ASCII, None, model, True),
        (33421, SHORT, 2, (2, 2), True),
        (33422, BYTE, 4, bytes((0, 1, 1, 2)), True),
        (50706, BYTE, 4, bytes((1, 4, 0, 0)), True),
        (50707, BYTE, 4, bytes((1, 1, 0, 0)), True),
        (50708, ASCII, None, f"Focusstack {model}", True),
        (50714, LONG, 1, levels[0], True),
        (50717, LONG, 1, levels[1], True),
        (50721, SRATIONAL, 9, matrix, True),
        (50728, RATIONAL, 3, shot, True),
        (50778, SHORT, 1, 21, True),
    ]
    tifffile.imwrite(path, raw, photometric="cfa", extratags=tags, metadata=None)
    return path
