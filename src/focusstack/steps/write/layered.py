"""A TIFF with layers as Photoshop keeps them in one, through psdtags (extra ``layers``)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.errors import OutputError
from focusstack.model import Metadata, Pixels
from focusstack.steps.write import tiff

Layer = tuple[str, Pixels, npt.NDArray[np.uint8] | None]
"""Name, pixels (H, W, C), and 0 where nothing is to be seen, (H, W), or None."""
MOST_BYTES = 3_900_000_000
"""What offsets of 32 bits reach, and no program that reads layers takes more from a TIFF."""


def write_layered(
    path: Path, pixels: Pixels, metadata: Metadata, layers: Iterable[Layer], threads: int
) -> list[str]:
    """Write the flat picture and its layers, top layer first, into an existing empty file.

    Parameters
    ----------
    pixels : (H, W, C) uint8 or uint16
        What programs show that know nothing of layers.
    layers
        Of the same size, type and channels.

    Raises
    ------
    OutputError
        Without psdtags, or if it would take more than a TIFF with layers holds.

    Notes
    -----
    Holds all layers, and what they are packed to: up to twice their size.
    """
    tags, order = library(), tiff.order_for(metadata)
    kind = tags.PsdKey.LAYER if pixels.dtype == np.uint8 else tags.PsdKey.LAYER_16
    made = [_layer(tags, *layer) for layer in layers]
    document = tags.TiffImageSourceData(
        psdformat=tags.PsdFormat.BE32BIT if order == ">" else tags.PsdFormat.LE32BIT,
        name="Layered TIFF",
        layers=tags.PsdLayers(key=kind, has_transparency=False, layers=made[::-1]),
        usermask=tags.PsdUserMask(
            colorspace=tags.PsdColorSpaceType.RGB, components=(65535, 0, 0, 0), opacity=50
        ),
    )
    tag = document.tifftag(maxworkers=threads)
    size = len(tag[3]) + pixels.nbytes
    if size > MOST_BYTES:
        raise OutputError(
            f"{path.name}: {len(made)} layers take {size / 1e9:.1f} GB, a TIFF with layers holds"
            f" {MOST_BYTES / 1e9:.1f} GB",
            "take fewer frames with --every, or frames of 8 bits",
        )
    return tiff.write(path, pixels, metadata, more_tags=[tag])


def library() -> Any:
    """The library, or an error that says how to get it."""
    try:
        import psdtags
    except ImportError as error:
        raise OutputError(
            "writing layers takes an extra", "pip install 'focusstack[layers]'"
        ) from error
    return psdtags


def _even(name: str) -> str:
    """The name with an even number of UTF-16 codes: readers disagree on how odd ones are padded."""
    return name + " " * (len(name.encode("utf-16-be")) // 2 % 2)


def _layer(tags: Any, name: str, pixels: Pixels, seen: npt.NDArray[np.uint8] | None) -> Any:
    height, width, count = pixels.shape
    planes = {k: pixels[..., k] for k in range(count)}
    if seen is not None:
        full = np.iinfo(pixels.dtype).max
        mask = np.where(seen > 0, full, 0).astype(pixels.dtype)
        planes[int(tags.PsdChannelId.TRANSPARENCY_MASK)] = mask
    channels = [
        tags.PsdChannel(
            channelid=tags.PsdChannelId(k),
            compression=tags.PsdCompressionType.ZIP_PREDICTED,
            data=np.ascontiguousarray(plane),
        )
        for k, plane in planes.items()
    ]
    return tags.PsdLayer(
        name=name,
        channels=channels,
        mask=tags.PsdLayerMask(),
        rectangle=tags.PsdRectangle(0, 0, height, width),
        blendmode=tags.PsdBlendMode.NORMAL,
        blending_ranges=(),
        clipping=tags.PsdClippingType.BASE,
        flags=tags.PsdLayerFlag.PHOTOSHOP5,
        info=[tags.PsdString(tags.PsdKey.UNICODE_LAYER_NAME, _even(name))],
    )
