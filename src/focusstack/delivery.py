"""How a picture is handed over: at which size, in which colour space, saying what about itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from focusstack.errors import RecipeError

COLOURS = ("keep", "srgb", "p3", "adobe")
METADATA = ("all", "nogps", "none")
LEAST_SIDE, LARGEST_SIDE = 16, 65_535
MOST_PERCENT = 400.0
_SIZE = re.compile(r"(\d{1,5})(?:px)?|(\d{1,3}(?:\.\d{1,3})?)%")


@dataclass(frozen=True)
class Delivery:
    """What becomes of the fused image on its way into a file.

    Attributes
    ----------
    resize : str
        The long side in px, such as ``2048``, or a share, such as ``50%``; empty to keep the size.
    colour : {"keep", "srgb", "p3", "adobe"}
    metadata : {"all", "nogps", "none"}
        What the file says about itself beside its colour profile.

    Raises
    ------
    RecipeError
        If one of them makes no sense.
    """

    resize: str = ""
    colour: str = "keep"
    metadata: str = "all"

    def __post_init__(self) -> None:
        if self.resize:
            _read_size(self.resize)
        for name, known in (("colour", COLOURS), ("metadata", METADATA)):
            if getattr(self, name) not in known:
                raise RecipeError(f"{name} is {getattr(self, name)!r}", f"use {', '.join(known)}")

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) in the file of a picture of that size."""
        if not self.resize:
            return width, height
        side, share = _read_size(self.resize)
        by = share if side is None else side / max(width, height)
        if max(width, height) * by > LARGEST_SIDE:
            raise RecipeError(f"resize is {self.resize}: that is too large", "choose less")
        return max(1, round(width * by)), max(1, round(height * by))

    @property
    def arguments(self) -> list[str]:
        """The same on the command line."""
        said = (
            ("--resize", self.resize, ""),
            ("--colour", self.colour, "keep"),
            ("--metadata", self.metadata, "all"),
        )
        return [word for name, value, plain in said if value != plain for word in (name, value)]

    def described(self, width: int, height: int) -> dict[str, Any]:
        """For the record: what was made of a picture of that size; nothing if nothing was."""
        size = self.size_of(width, height)
        if size == (width, height) and self.colour == "keep":
            return {}
        return {"written": {"width": size[0], "height": size[1], "colour": self.colour}}


AS_IT_IS = Delivery()


def _read_size(text: str) -> tuple[int | None, float]:
    """The long side, or None and the share."""
    found = _SIZE.fullmatch(text.strip())
    if found and found[1] and LEAST_SIDE <= int(found[1]) <= LARGEST_SIDE:
        return int(found[1]), 1.0
    if found and found[2] and 0 < float(found[2]) <= MOST_PERCENT:
        return None, float(found[2]) / 100
    raise RecipeError(
        f"resize is {text!r}",
        f"use the long side in px, {LEAST_SIDE} to {LARGEST_SIDE}, or a share such as 50%",
    )
