"""The depth map as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage, Metadata, Pixels
from focusstack.steps.write import png, tiff
from focusstack.steps.write.atomic import atomic_file
from focusstack.steps.write.check import check_extension


def write_depth(path: Path | str, depth: FloatImage, *, frames: int, overwrite: bool) -> None:
    """Write a depth map.

    Parameters
    ----------
    path : path
        ``.tif`` or ``.tiff``: float32 with the values as they are, NaN included. ``.png``: a
        16-bit preview, ``65535 * index / (frames - 1)``, NaN as 0.
    depth : (H, W) float32
        Fractional frame index in focus; NaN = unknown. Not changed.
    frames : int
        How many frames the stack has; only the preview needs it.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    OutputExists, UnknownFormat, OutputError
        Nothing was written then.
    """
    path = Path(path)
    extension = check_extension(path, "depth")
    with atomic_file(path, overwrite) as temporary:
        if extension == ".png":
            temporary.write_bytes(png.encode(_preview(depth, frames), Metadata()))
        else:
            tiff.write(temporary, depth[:, :, None], Metadata())


def write_map(path: Path | str, values: npt.NDArray[Any], *, overwrite: bool) -> None:
    """Write a float32 or uint16 (H, W) map as a TIFF with the values as they are.

    Raises
    ------
    OutputExists, UnknownFormat, OutputError
        Nothing was written then.
    """
    path = Path(path)
    check_extension(path, "map")
    with atomic_file(path, overwrite) as temporary:
        tiff.write(temporary, values[:, :, None], Metadata())


def _preview(depth: FloatImage, frames: int) -> Pixels:
    scaled = np.nan_to_num(depth, nan=0.0) * (65535 / max(frames - 1, 1))
    preview: Pixels = np.rint(np.clip(scaled, 0, 65535)).astype(np.uint16)
    return preview[:, :, None]
