"""What the fused image says about itself: the reference frame's metadata, corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from focusstack.model import Metadata, Pixels
from focusstack.steps.write import exif, resources, xmp
from focusstack.steps.write.preview import thumbnail


@cache
def software() -> str:
    """``focusstack`` and its version."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"focusstack {version('focusstack')}"
    except PackageNotFoundError:
        return "focusstack"


def for_picture(
    metadata: Metadata,
    pixels: Pixels,
    facts: Mapping[str, str],
    records: Sequence[str] = (),
    room: int | None = None,
) -> tuple[Metadata, list[str]]:
    """The metadata of the fused image, and warnings about what could not be kept.

    Parameters
    ----------
    metadata : Metadata
        Of the reference frame.
    pixels : (H, W, C)
        The fused image, as it will be stored.
    facts : mapping of str to str
        About the stack; go into an empty ImageDescription, and into the XMP packet.
    records : sequence of str
        How the picture was made, packed, the fullest first; goes into the XMP packet.
    room : int, optional
        Bytes of XMP that the format holds.
    """
    height, width, channels = pixels.shape
    description = "focus stack: " + ", ".join(f"{k} {v}" for k, v in facts.items()) if facts else ""
    preview = thumbnail(pixels) if exif.has_thumbnail(metadata.exif) else b""
    changes = exif.Changes(width, height, software(), description, preview)
    block = exif.updated(metadata.exif, changes)
    packet, warnings = _packet(metadata.xmp, (width, height), facts, records, room)
    icc = metadata.icc
    if not profile_fits(icc, channels):
        warnings.append("the reference frame's colour profile is for other channels, left out")
        icc = b""
    return Metadata(block, icc, packet, resources.kept(metadata.resources)), warnings


def _packet(
    own: bytes,
    size: tuple[int, int],
    facts: Mapping[str, str],
    records: Sequence[str],
    room: int | None,
) -> tuple[bytes, list[str]]:
    """An XMP packet: what the reference frame says comes before what is added."""
    plain = xmp.updated(own, *size) if own else xmp.fresh(software(), facts)
    stated = xmp.with_facts(plain, facts) if own and facts else plain
    for packet in (xmp.with_record(stated, record) for record in records if record):
        if packet is not None and (room is None or len(packet) <= room):
            return packet, []
    warnings = []
    if any(records):
        warnings.append(
            "the reference frame's XMP leaves no room for how the picture was made: --sidecar"
            " writes it to a file of its own"
        )
    return (stated if room is None or len(stated) <= room else plain), warnings


def profile_fits(icc: bytes, channels: int) -> bool:
    """Whether an ICC profile describes pixels with this many channels; none fits all."""
    return not icc or icc[16:20] == (b"GRAY" if channels == 1 else b"RGB ")
