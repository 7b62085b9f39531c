"""What a fusion method is, what it is given, and how it is registered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from focusstack.model import DepthGuide, FloatImage, NoiseModel
from focusstack.recipe import Recipe


@dataclass(frozen=True)
class Canvas:
    """The pixel grid of the output."""

    width: int
    height: int
    channels: int


@dataclass(frozen=True)
class Aligned:
    """A frame on the canvas.

    Attributes
    ----------
    index : int
        Position in focus order among the kept frames, from 0.
    planar : float32 (C, H, W)
        sRGB-encoded, 0..1 but for what resampling overshoots. May be reused once ``feed`` is back.
    valid : uint8 (H, W) or None
        0 where the frame has no data; None where it covers the canvas.
    prior : float32 (h, w) or None
        How much the frame may count at each pixel, above 0 to 1; None for the same everywhere.
    prior_scale : int
        The prior's grid is that many times coarser: its pixel k is centred on
        ``k * prior_scale + (prior_scale - 1) / 2``. A power of two.
    """

    index: int
    planar: FloatImage
    valid: npt.NDArray[np.uint8] | None = None
    prior: FloatImage | None = None
    prior_scale: int = 1


@dataclass(frozen=True)
class FusionContext:
    """What is known before the first frame is fed.

    ``frames`` counts the kept ones; ``depth`` is None unless the method needs it.
    """

    noise: NoiseModel
    frames: int
    threads: int = 1
    depth: DepthGuide | None = None


class FusionMethod(Protocol):
    """A streaming accumulator: the state's size depends on the canvas, never on the frame count."""

    def start(self, canvas: Canvas) -> Any:
        """An empty state."""

    def feed(self, state: Any, frame: Aligned) -> None:
        """Add the next frame; frames come in focus order."""

    def merge(self, first: Any, second: Any) -> Any:
        """The state of all frames of ``first``, then all of ``second``; both may be reused."""

    def finish(self, state: Any) -> FloatImage:
        """The fused image, float32 (C, H, W); the state may be reused."""

    def state_bytes(self, canvas: Canvas) -> int:
        """Size of a state."""


@dataclass(frozen=True)
class MethodEntry:
    """How a method is made and what it costs.

    Attributes
    ----------
    make : callable
        From the recipe and the context to the method.
    state_bytes : callable
        Size of a state on a canvas, bytes.
    work_bytes : callable
        The most that a call adds to the state and the frame, bytes; an upper bound.
    finish_bytes : callable
        The most that ``finish`` adds to the state, its result included; by default nothing.
    needs_depth : bool
        Whether the context must have the depth, which costs another pass over the frames.
    unveiled : bool
        Whether frames are freed of the veils of nearer things and come with a ``prior``, which
        costs that pass too.
    """

    make: Callable[[Recipe, FusionContext], FusionMethod]
    state_bytes: Callable[[Canvas], int]
    work_bytes: Callable[[Canvas], int]
    finish_bytes: Callable[[Canvas], int] = lambda _canvas: 0
    needs_depth: bool = False
    unveiled: bool = False

    @property
    def surveyed(self) -> bool:
        """Whether the frames must be surveyed before they are fused."""
        return self.needs_depth or self.unveiled
