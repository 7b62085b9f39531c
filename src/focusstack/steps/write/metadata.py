"""What the fused image says about itself: the reference frame's metadata, corrected."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from focusstack.model import Metadata, Pixels
from focusstack.steps.write import exif, xmp


@cache
def software() -> str:
    """``focusstack`` and its version."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"focusstack {version('focusstack')}"
    except PackageNotFoundError:
        return "focusstack"


def for_picture(
    metadata: Metadata, pixels: Pixels, facts: Mapping[str, str], record: str = ""
) -> tuple[Metadata, list[str]]:
    """The metadata of the fused image, and warnings about what could not be kept.

    Parameters
    ----------
    metadata : Metadata
        Of the reference frame.
    pixels : (H, W, C)
        The fused image, as it will be stored.
    facts : mapping of str to str
        About the stack; go into an empty ImageDescription, and into an XMP packet if the
        reference frame has none.
    record : str
        How the picture was made, packed; goes into the XMP packet.
    """
    height, width, channels = pixels.shape
    description = "focus stack: " + ", ".join(f"{k} {v}" for k, v in facts.items()) if facts else ""
    block = exif.updated(metadata.exif, exif.Changes(width, height, software(), description))
    packet = metadata.xmp
    packet = xmp.updated(packet, width, height) if packet else xmp.fresh(software(), facts)
    warnings = []
    if record:
        recorded = xmp.with_record(packet, record)
        if recorded is None:
            warnings.append("the reference frame's XMP has no room for how the picture was made")
        packet = recorded or packet
    icc = metadata.icc
    if not profile_fits(icc, channels):
        warnings.append("the reference frame's colour profile is for other channels, left out")
        icc = b""
    return Metadata(block, icc, packet), warnings


def profile_fits(icc: bytes, channels: int) -> bool:
    """Whether an ICC profile describes pixels with this many channels; none fits all."""
    return not icc or icc[16:20] == (b"GRAY" if channels == 1 else b"RGB ")
