"""Whether frames can be stacked with one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from focusstack.errors import FrameMismatch, TooFewFrames
from focusstack.model import FrameInfo


def check_frames(infos: Sequence[FrameInfo]) -> None:
    """Refuse frames that cannot make a stack.

    Raises
    ------
    TooFewFrames
        If there are fewer than two.
    FrameMismatch
        If they differ in size, bit depth, channels or camera; the message names the first frame
        that differs from the most common kind, and one of that kind.
    """
    if len(infos) < 2:
        what = f"only one frame: {infos[0].name}" if infos else "no frames"
        raise TooFewFrames(f"there is {what}", "a stack needs at least two")
    common = Counter(map(_kind, infos)).most_common(1)[0][0]
    usual = next(info for info in infos if _kind(info) == common)
    for info in infos:
        if _kind(info) != common:
            raise FrameMismatch(*_difference(info, usual))
        if info.camera != usual.camera:
            raise FrameMismatch(
                f"{info.name} is from another camera ({info.camera}) than {usual.name}",
                f"stack RAW files of one camera, or leave {info.name} out",
            )


def _kind(info: FrameInfo) -> tuple[int, int, int, str]:
    return info.width, info.height, info.channels, info.dtype.name


def _difference(odd: FrameInfo, usual: FrameInfo) -> tuple[str, str]:
    """The message and the hint about the first thing that differs."""
    leave_out = f"leave {odd.name} out"
    if (odd.width, odd.height) == (usual.height, usual.width):
        hint = f"one of them is turned: rotate it, or {leave_out}"
        return _message(odd, usual, _size(odd), _size(usual)), hint
    if (odd.width, odd.height) != (usual.width, usual.height):
        hint = f"export all frames at the same size, or {leave_out}"
        return _message(odd, usual, _size(odd), _size(usual)), hint
    if odd.dtype != usual.dtype:
        hint = f"export all frames with the same bit depth, or {leave_out}"
        return _message(odd, usual, _depth(odd), _depth(usual)), hint
    hint = f"make all frames grey or all colour, or {leave_out}"
    return _message(odd, usual, _colour(odd), _colour(usual)), hint


def _message(odd: FrameInfo, usual: FrameInfo, this: str, that: str) -> str:
    return f"{odd.name} is {this}, but {usual.name} is {that}"


def _size(info: FrameInfo) -> str:
    return f"{info.width} x {info.height} pixels"


def _depth(info: FrameInfo) -> str:
    return "32-bit float" if info.dtype.kind == "f" else f"{info.dtype.itemsize * 8}-bit"


def _colour(info: FrameInfo) -> str:
    return "grey" if info.channels == 1 else "colour"
