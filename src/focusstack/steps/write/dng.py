"""A linear DNG: the fused image in the camera's colours, for raw editors to develop.

Adobe Digital Negative specification 1.4: LinearRaw, 16 bits, in tiles of lossless JPEG, with a
small developed picture before it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from focusstack import ifd
from focusstack.errors import OutputError
from focusstack.model import CameraColour, Metadata, Pixels
from focusstack.steps.write.camera_space import neutral_of, to_camera
from focusstack.steps.write.tiff import append_exif, metadata_tags, order_for

LINEAR_RAW, D65 = 34892, 21
TILE = 256
PREVIEW_SIDE, PREVIEW_QUALITY = 1024, 85
_RATIONAL, _SRATIONAL = 5, 10
_UNIT = 10000
_VERSION, _OLDEST_READER = bytes((1, 4, 0, 0)), bytes((1, 1, 0, 0))


def write(path: Path, pixels: Pixels, metadata: Metadata) -> list[str]:
    """Write pixels, uint16 (H, W, 3), into an existing empty file; returns warnings.

    Raises
    ------
    OutputError
        If they were not developed from RAW.
    """
    import tifffile

    camera = metadata.camera
    if camera is None or pixels.dtype != np.uint16:
        raise OutputError("a .dng can be made of RAW frames only", "write a .tif")
    order, small = order_for(metadata), _preview(pixels)
    with tifffile.TiffWriter(path, byteorder=order) as file:
        file.write(
            small,
            photometric="rgb",
            rowsperstrip=len(small),  # one JPEG: who shows previews reads no further
            compression="jpeg",
            compressionargs={"level": PREVIEW_QUALITY},
            subfiletype=1,
            subifds=1,
            metadata=None,
            software=False,
            extratags=[*_camera_tags(camera, metadata, order), *metadata_tags(metadata)],
        )
        file.write(
            to_camera(pixels, camera),
            photometric=LINEAR_RAW,
            planarconfig="contig",
            **_packing(pixels.shape[1]),
            subfiletype=0,
            metadata=None,
            software=False,
            extratags=[
                (50714, ifd.LONG, 3, (0, 0, 0), True),
                (50717, ifd.LONG, 3, (65535, 65535, 65535), True),
            ],
            maxworkers=1,
        )
    if not metadata.exif:
        return []
    with path.open("r+b") as file:
        return append_exif(file, metadata.exif, order)


def _packing(width: int) -> dict[str, Any]:
    """How tifffile is to pack pixels: LibRaw reads no tile that is wider than the picture."""
    side = min(TILE, width // 16 * 16)
    if not side:
        return {"compression": None}
    arguments = {"lossless": True, "bitspersample": 16}
    return {"tile": (side, side), "compression": "jpeg", "compressionargs": arguments}


def _camera_tags(camera: CameraColour, metadata: Metadata, order: str) -> list[tuple[Any, ...]]:
    matrix = [part for value in camera.matrix for part in (round(value * _UNIT), _UNIT)]
    neutral = [part for value in neutral_of(camera) for part in (round(value * _UNIT), _UNIT)]
    return [
        (50706, ifd.BYTE, 4, _VERSION, True),
        (50707, ifd.BYTE, 4, _OLDEST_READER, True),
        (50708, ifd.ASCII, None, _model(metadata, order), True),
        (50721, _SRATIONAL, 9, matrix, True),
        (50728, _RATIONAL, 3, neutral, True),
        (50778, ifd.SHORT, 1, D65, True),
    ]


def _model(metadata: Metadata, order: str) -> str:
    """Maker and model, by which editors choose how they develop."""
    block = metadata.exif
    directory = ifd.parse(block, ifd.first_offset(block, order), order)[0] if block else {}
    named = [directory[tag].value.split(b"\0")[0] for tag in (271, 272) if tag in directory]
    words = b" ".join(part.strip() for part in named).decode("ascii", "replace")
    return words.encode("ascii", "replace").decode() or "focusstack linear"


def _preview(pixels: Pixels) -> Pixels:
    """At most PREVIEW_SIDE px wide and high, 8 bits."""
    import cv2

    height, width = pixels.shape[:2]
    by = min(1.0, PREVIEW_SIDE / max(height, width))
    size = max(1, round(width * by)), max(1, round(height * by))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray((small.astype(np.uint32) * 255 + 32767) // 65535, np.uint8)
