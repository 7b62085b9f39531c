"""What a fusion method is, what it is given, and how it is registered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from focusstack.kernels import Resampling
from focusstack.model import DepthGuide, FloatImage, NoiseModel
from focusstack.recipe import Recipe


@dataclass(frozen=True)
class Canvas:
    """The pixel grid of the output."""

    width: int
    height: int
    channels: int


@dataclass
class Room:
    """Where frames that are wanted as a whole are made, one after the other, by ``threads``."""

    threads: int = 1
    planar: FloatImage | None = None

    def fill(self, frame: Resampling) -> FloatImage:
        """The frame on the canvas, float32 (C, H, W), until the next one is made."""
        self.planar = frame.planar(self.threads, self.planar)
        return self.planar


@dataclass(frozen=True)
class Aligned:
    """A frame on the canvas, or how it gets there.

    Attributes
    ----------
    index : int
        Position in focus order among the kept frames, from 0.
    frame : float32 (C, H, W), or Resampling
        sRGB-encoded, 0..1 but for what resampling overshoots; :attr:`planar` is it as a whole.
    valid : uint8 (H, W) or None
        0 where the frame has no data; None where it covers the canvas.
    prior : float32 (h, w) or None
        How much the frame may count at each pixel, above 0 to 1; None for the same everywhere.
    prior_scale : int
        The prior's grid is that many times coarser: its pixel k is centred on
        ``k * prior_scale + (prior_scale - 1) / 2``. A power of two.
    room : Room
        Where :attr:`planar` is made.
    """

    index: int
    frame: FloatImage | Resampling
    valid: npt.NDArray[np.uint8] | None = None
    prior: FloatImage | None = None
    prior_scale: int = 1
    room: Room = field(default_factory=Room)

    @cached_property
    def planar(self) -> FloatImage:
        """Float32 (C, H, W), made when first asked for; may be reused once ``feed`` is back."""
        if isinstance(self.frame, np.ndarray):
            return self.frame
        return self.room.fill(self.frame)

    @property
    def resampling(self) -> Resampling:
        """The frame for kernels that make its rows as they need them."""
        if not isinstance(self.frame, np.ndarray):
            return self.frame
        channels, height, width = self.frame.shape
        table = np.zeros((channels, 1), np.float32)
        return Resampling(self.frame.transpose(1, 2, 0), table, np.eye(3), (width, height))


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
    whole_frames : bool
        Whether it asks for frames as a whole, instead of making their rows as it needs them.
    needs_depth : bool
        Whether the context must have the depth, which costs another pass over the frames.
    unveiled : bool
        Whether frames are freed of the veils of nearer things and come with a ``prior``, which
        costs that pass too.
    in_strips : bool
        Whether it is a :class:`~focusstack.steps.fuse.pyramid.Pyramid`, which can fuse strips of
        the picture by themselves.
    """

    make: Callable[[Recipe, FusionContext], FusionMethod]
    state_bytes: Callable[[Canvas], int]
    work_bytes: Callable[[Canvas], int]
    finish_bytes: Callable[[Canvas], int] = lambda _canvas: 0
    whole_frames: bool = True
    needs_depth: bool = False
    unveiled: bool = False
    in_strips: bool = False

    @property
    def surveyed(self) -> bool:
        """Whether the frames must be surveyed before they are fused."""
        return self.needs_depth or self.unveiled
