"""Maps as pictures, for those who want to see the steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.model import Pixels
from focusstack.steps import fuse


def drawn(plane: npt.NDArray[np.floating[Any]]) -> Pixels:
    """A map (H, W) of 0..1 as 8-bit grey (H, W, 1); values beyond are clipped."""
    return fuse.to_pixels(np.asarray(plane, np.float32)[np.newaxis], np.dtype(np.uint8))
