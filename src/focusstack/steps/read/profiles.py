"""Frames in different colour spaces, brought to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePath

import numpy as np

from focusstack.model import Frame, FrameInfo, Pixels
from focusstack.steps.read.files import FileSource
from focusstack.steps.read.source import FrameSource
from focusstack.steps.read.wrapped import WrappedFrames

_PROBE_STEPS = 9
# Else LittleCMS interpolates 16 bits in a coarse table, which is up to 4 % off in dark colours.
_EXACT = 0x0100
_MOST_NAMED = 3
Warn = Callable[[str], None]


@dataclass(frozen=True)
class _Conversion:
    """From one profile to another; both for the same kind of pixels."""

    source: bytes
    target: bytes
    grey: bool

    def of(self, pixels: Pixels) -> Pixels:
        """Perceptual intent, in the pixels' own depth; (H, W, C) as they were.

        About 0.4 s per megapixel, 0.02 s for 8 bits.
        """
        import imagecodecs

        flat = pixels[..., 0] if self.grey else pixels
        space = "gray" if self.grey else "rgb"
        flags = None if pixels.dtype == np.uint8 else _EXACT
        made = imagecodecs.cms_transform(
            np.ascontiguousarray(flat), self.source, self.target, colorspace=space, flags=flags
        )
        return np.asarray(made, pixels.dtype).reshape(pixels.shape)

    @property
    def changes_nothing(self) -> bool:
        """Whether colours stay where they are, within a code of 8 bits."""
        codes = np.linspace(0, 65535, _PROBE_STEPS).astype(np.uint16)
        axes = [codes] * (1 if self.grey else 3)
        probe = np.stack(np.meshgrid(*axes), axis=-1).reshape(1, -1, len(axes))
        off = np.abs(self.of(probe).astype(np.int64) - probe)
        return bool(off.max() < 257)


class ConvertedFrames(WrappedFrames[FrameSource]):
    """Frames of which some are converted, and which all come with one profile.

    Parameters
    ----------
    source : FrameSource
    conversions : dict of int to _Conversion
        By frame; the others stay as they are.
    icc : bytes
        The profile of all of them; empty for sRGB.
    """

    def __init__(
        self, source: FrameSource, conversions: dict[int, _Conversion], icc: bytes
    ) -> None:
        super().__init__(source)
        self._conversions, self._icc = conversions, icc

    def read(self, index: int) -> Frame:
        """Read a frame whole, in the common colour space."""
        frame = self._source.read(index)
        pixels = self._converted(index, frame.pixels)
        return replace(frame, pixels=pixels, metadata=replace(frame.metadata, icc=self._icc))

    def read_reduced(self, index: int, scale: int) -> Pixels:
        """Read a frame at 1/scale, in the common colour space."""
        return self._converted(index, self._source.read_reduced(index, scale))

    def _converted(self, index: int, pixels: Pixels) -> Pixels:
        conversion = self._conversions.get(index)
        return pixels if conversion is None else conversion.of(pixels)


def one_profile(frames: FrameSource, warn: Warn) -> FrameSource:
    """The frames in one colour space: that of most of them, or of the first of as many.

    Frames without a profile count as sRGB, and so do those whose profile is damaged or meant for
    other channels. Nothing is changed, and nothing wrapped, where all are alike.
    """
    if not isinstance(frames, FileSource):
        return frames
    infos = [frames.info(i) for i in range(len(frames))]
    if len({info.profile for info in infos}) < 2:
        return frames
    icc = [_usable(frames.profile(i), info, warn) for i, info in enumerate(infos)]
    target = Counter(icc).most_common(1)[0][0]
    conversions = {}
    for i, own in enumerate(icc):
        conversion = _conversion(own, target, infos[i].channels == 1)
        if conversion is not None:
            conversions[i] = conversion
    if conversions:
        warn(_told([infos[i] for i in conversions], len(frames), target))
    return ConvertedFrames(frames, conversions, target)


def _usable(icc: bytes, info: FrameInfo, warn: Warn) -> bytes:
    import imagecodecs

    if not icc:
        return b""
    if icc[16:20] != (b"GRAY" if info.channels == 1 else b"RGB "):
        warn(f"{info.name} has a colour profile for other channels; it is read as sRGB")
        return b""
    try:
        imagecodecs.cms_profile_validate(icc)
    except imagecodecs.CmsError:
        warn(f"the colour profile of {info.name} is damaged; it is read as sRGB")
        return b""
    return icc


@lru_cache(maxsize=32)
def _conversion(own: bytes, target: bytes, grey: bool) -> _Conversion | None:
    """None where there is nothing to convert."""
    if own == target:
        return None
    conversion = _Conversion(own or _srgb(grey), target or _srgb(grey), grey)
    return None if conversion.changes_nothing else conversion


def to_srgb(pixels: Pixels, icc: bytes) -> Pixels:
    """Pixels (H, W, C) for a screen; as they are where the profile is none, or cannot be used."""
    import imagecodecs

    grey = pixels.shape[2] == 1
    if not icc:
        return pixels
    try:
        conversion = _conversion(icc, b"", grey)
        return pixels if conversion is None else conversion.of(pixels)
    except (imagecodecs.CmsError, ValueError):
        return pixels


@lru_cache
def _srgb(grey: bool) -> bytes:
    import imagecodecs

    if grey:
        return bytes(imagecodecs.cms_profile("gray", gamma=2.2))
    return bytes(imagecodecs.cms_profile("srgb"))


def _told(converted: list[FrameInfo], frames: int, target: bytes) -> str:
    names = ", ".join(PurePath(info.name).name for info in converted[:_MOST_NAMED])
    more = len(converted) - _MOST_NAMED
    names += f" and {more} more" if more > 0 else ""
    where = "that of most of them" if target else "sRGB"
    are = "is" if len(converted) == 1 else "are"
    return (
        f"{len(converted)} of {frames} frames {are} in another colour space and converted to"
        f" {where}: {names}"
    )
