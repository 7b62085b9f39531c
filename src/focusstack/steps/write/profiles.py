"""ICC profiles that pictures can be converted to, and what their values are as light."""

from __future__ import annotations

import struct
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from focusstack.colour import srgb_decode
from focusstack.model import Metadata, Pixels
from focusstack.steps.write.metadata import profile_fits

_D65 = (0.3127, 0.3290, 1.0)
_SRGB = (0.64, 0.33, 1, 0.30, 0.60, 1, 0.15, 0.06, 1)
_DISPLAY_P3 = (0.680, 0.320, 1, 0.265, 0.690, 1, 0.150, 0.060, 1)
_SAMPLES = 65_536
_EXACT = 0x0100
"""LittleCMS otherwise interpolates 16 bits in a coarse table."""
_HEAD = 128


def converted(pixels: Pixels, metadata: Metadata, colour: str) -> tuple[Pixels, bytes, list[str]]:
    """Pixels (H, W, C) in another colour space, its profile, and warnings.

    ``colour`` is one of :data:`focusstack.delivery.COLOURS`. Perceptual intent, in the pixels' own
    depth; what the other space cannot show is clipped. Without a profile pixels count as sRGB.
    """
    import imagecodecs

    icc = metadata.icc
    if colour == "keep":
        return pixels, icc, []
    if pixels.shape[2] == 1:
        return pixels, icc, ["grey pictures keep their colour space"]
    target = profile(colour)
    source = icc if icc and profile_fits(icc, 3) else profile("srgb")
    if source == target:
        return pixels, target, []
    flags = None if pixels.dtype == np.uint8 else _EXACT
    try:
        made = imagecodecs.cms_transform(
            np.ascontiguousarray(pixels), source, target, colorspace="rgb", flags=flags
        )
    except (imagecodecs.CmsError, ValueError):
        return pixels, icc, ["the frames' colour profile is damaged: it was kept"]
    values = np.clip(made, 0, 1) if pixels.dtype == np.float32 else made
    return np.asarray(values, pixels.dtype).reshape(pixels.shape), target, []


@lru_cache
def profile(name: str) -> bytes:
    """The ICC profile of srgb, p3 or adobe."""
    import imagecodecs

    if name == "adobe":
        return bytes(imagecodecs.cms_profile("adobergb"))
    srgb = bytes(imagecodecs.cms_profile("srgb"))
    if name == "srgb":
        return srgb
    primaries = _tags(
        bytes(imagecodecs.cms_profile("rgb", gamma=1.0, whitepoint=_D65, primaries=_DISPLAY_P3))
    )
    tags = _tags(srgb)
    tags |= {tag: primaries[tag] for tag in (b"rXYZ", b"gXYZ", b"bXYZ")}
    return _assembled(srgb[:_HEAD], tags | {b"desc": _text("Display P3")})


@lru_cache(maxsize=8)
def light_of_codes(icc: bytes, grey: bool) -> npt.NDArray[np.float32]:
    """Linear light of 65,536 evenly spaced values of a profile, float32, never falling.

    Its own curve where all channels have the same one, as is usual; else that of its neutral greys.
    That of sRGB without a profile, or with one that cannot be used.
    """
    import imagecodecs

    codes = np.linspace(0, 1, _SAMPLES, dtype=np.float32)
    if icc and profile_fits(icc, 1 if grey else 3):
        space, count = ("gray", 1) if grey else ("rgb", 3)
        more = {} if grey else {"whitepoint": _D65, "primaries": _SRGB}
        linear = bytes(imagecodecs.cms_profile(space, gamma=1.0, **more))
        ramp = codes[None] if grey else np.repeat(codes[None, :, None], count, axis=2)
        try:
            made = imagecodecs.cms_transform(
                np.ascontiguousarray(ramp),
                icc,
                linear,
                colorspace=space,
                outcolorspace=space,
                outdtype=np.float32,
                flags=_EXACT,
            )
            found = np.asarray(made, np.float32).reshape(_SAMPLES, count).mean(axis=1)
            return np.maximum.accumulate(np.clip(found, 0, 1))
        except (imagecodecs.CmsError, ValueError):
            pass
    return np.asarray(srgb_decode(codes), np.float32)


def _tags(icc: bytes) -> dict[bytes, bytes]:
    """The data of every tag."""
    (count,) = struct.unpack(">I", icc[_HEAD : _HEAD + 4])
    found = {}
    for k in range(count):
        at = _HEAD + 4 + 12 * k
        start, size = struct.unpack(">II", icc[at + 4 : at + 12])
        found[icc[at : at + 4]] = icc[start : start + size]
    return found


def _assembled(head: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A profile of a header and tags."""
    table, body = struct.pack(">I", len(tags)), b""
    start = _HEAD + 4 + 12 * len(tags)
    for tag, data in tags.items():
        table += tag + struct.pack(">II", start + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    whole = head[4:] + table + body
    return struct.pack(">I", len(whole) + 4) + whole


def _text(text: str) -> bytes:
    """A tag of type multiLocalizedUnicode, in English."""
    encoded = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(encoded), 28) + encoded
