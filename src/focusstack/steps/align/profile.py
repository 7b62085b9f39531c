"""Where in the picture a frame is sharp."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage

CELLS = (12, 18)

Profile = npt.NDArray[np.float32]


def focus_profile(luma: FloatImage) -> Profile:
    """Where a frame is sharp: root mean square of fine detail in 12 x 18 cells, float32 (216,)."""
    import cv2

    detail = cv2.GaussianBlur(luma, (0, 0), 0.8) - cv2.GaussianBlur(luma, (0, 0), 2.0)
    cells = cv2.resize(detail * detail, CELLS[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(np.sqrt(cells), np.float32).ravel()
