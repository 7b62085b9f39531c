"""How sharp every frame is everywhere, in one byte per pixel and frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from focusstack.colour import shares_in
from focusstack.kernels import depth
from focusstack.model import FloatImage, NoiseModel

STEPS_PER_OCTAVE = 16.0
TOP = 255

Quantised = npt.NDArray[np.uint8]


def focus_energy(planar: FloatImage, noise: NoiseModel, threads: int = 1) -> FloatImage:
    """Energy of the finest Laplacian band in units of what noise alone makes there.

    Parameters
    ----------
    planar : float32 (C, H, W), 0..1
    noise : NoiseModel
        Of frames at this size.

    Returns
    -------
    float32 (H, W), about 1 where there is nothing but noise.

    Notes
    -----
    The finest band only: in coarser ones the energy of an edge reaches so far beyond it that near
    things come out many pixels too wide. Fails where the picture has no detail of 1-4 px.
    """
    shares = shares_in(noise.luma, len(planar))
    return depth.focus_energy(planar, shares, noise.variance, threads)


def decode_table() -> FloatImage:
    """What each byte of the volume stands for, float32 (256,)."""
    return np.asarray(np.exp2(np.arange(TOP + 1) / STEPS_PER_OCTAVE) - 1, np.float32)


@dataclass
class FocusVolume:
    """Focus measures of all frames, on a logarithmic scale with steps of 4 %.

    Attributes
    ----------
    slices : list of uint8 (H, W)
        In focus order; ``decode_table()[slice]`` is the energy. One byte per pixel and frame.
    peak : uint8 (H, W)
        The largest of them.
    """

    slices: list[Quantised] = field(default_factory=list)
    peak: Quantised | None = None

    def clear(self) -> None:
        """Forget everything, and give the memory back."""
        self.slices.clear()
        self.peak = None

    def feed(self, energy: FloatImage, valid: npt.NDArray[np.uint8] | None = None) -> None:
        """Add the next frame's energy; ``valid`` is 0 where the frame has no data."""
        code = depth.encode(energy, STEPS_PER_OCTAVE)
        if valid is not None:
            code[valid == 0] = 0
        self.slices.append(code)
        self.peak = code.copy() if self.peak is None else np.maximum(self.peak, code)
