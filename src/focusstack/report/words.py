"""Small pieces of text that several parts of the page use."""

from __future__ import annotations

from pathlib import PurePath

_UNITS = ("bytes", "kB", "MB", "GB")


def short(name: str) -> str:
    """A frame's file name without its folder."""
    return PurePath(name).name


def plural(count: int, one: str, many: str = "") -> str:
    """``1 frame``, ``3 frames``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def seconds(spent: float) -> str:
    """A time for people."""
    if spent < 99.5:
        return f"{spent:.1f} s"
    minutes, rest = divmod(round(spent), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def size(count: float) -> str:
    """Bytes for people, in thousands."""
    for unit in _UNITS[:-1]:
        if count < 999.5:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.2f} {_UNITS[-1]}"
