"""How large things are: what a person knows of the steps between frames and of the pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from focusstack.errors import InputError

LEAST_UM, MOST_UM = 1e-6, 1e9
_TALL = 0.25
"""Of the longer side: from the first frame's depth to the last one's, where nobody has said."""


@dataclass(frozen=True)
class Scale:
    """Micrometres, or None where nobody has said.

    Attributes
    ----------
    step_um : float or None
        From the focus of one frame to that of the next.
    pixel_um : float or None
        That one pixel of the frames covers on the thing.
    near_last : bool
        Whether the last frame is focused nearest; else the first is.

    Raises
    ------
    InputError
        If a length cannot be.
    """

    step_um: float | None = None
    pixel_um: float | None = None
    near_last: bool = False

    def __post_init__(self) -> None:
        for name in ("step_um", "pixel_um"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and LEAST_UM <= value <= MOST_UM):
                raise InputError(f"{name} must be {LEAST_UM:g} to {MOST_UM:g}")

    @property
    def metric(self) -> bool:
        """Whether lengths are known in all directions."""
        return self.step_um is not None and self.pixel_um is not None

    def sizes(self, frames: int, longer_side: int, reduction: int) -> tuple[float, float]:
        """How wide a pixel of the result is, and how high the step from frame to frame.

        Both in micrometres if they are known, else in pixels of the result, with a quarter of the
        picture's ``longer_side`` (px) from the first of the ``frames`` to the last. The result's
        pixels are ``reduction`` times as wide as the frames'.
        """
        if self.step_um is not None and self.pixel_um is not None:
            return self.pixel_um * reduction, self.step_um
        return 1.0, _TALL * longer_side / max(1, frames - 1)
