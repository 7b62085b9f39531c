"""Pictures inside the page."""

from __future__ import annotations

from base64 import b64encode

import numpy as np
import numpy.typing as npt

from focusstack.model import Metadata, Pixels
from focusstack.steps.write import jpeg_bytes, png_bytes

Codes = npt.NDArray[np.uint8]


def photograph(pixels: Pixels, icc: bytes = b"", quality: int = 88) -> str:
    """A data URI of a JPEG, uint8 (H, W, 1 or 3); the profile tells what its colours mean."""
    return _uri("jpeg", jpeg_bytes(pixels, Metadata(icc=icc), quality))


def drawing(pixels: Codes) -> str:
    """A data URI of a PNG, uint8 (H, W, 4): RGB and opacity."""
    return _uri("png", png_bytes(pixels))


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(data).decode('ascii')}"
