"""Which frames a pixel of the fused picture is made of, watched while the frames are fed.

Every method is linear in the frames once it has decided how much each of them counts where. With
these decisions held, a frame's share of a pixel is by how much the fused pixel changes with that
frame's own pixel there. Shares of all frames sum to 1, and are the plain weights where a method
works pixel by pixel. Methods that work at several scales also take from around the pixel, which
cancels as far as the frames agree there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.fuse import dual_tree, pyramid_taps
from focusstack.steps.fuse.average import Average
from focusstack.steps.fuse.depthmap import Depthmap
from focusstack.steps.fuse.laplacian import Laplacian
from focusstack.steps.fuse.pyramid import Pyramid
from focusstack.steps.fuse.select import Select
from focusstack.steps.fuse.wavelet import Wavelet

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """The places of one plane of a state that bear on a pixel: rows, columns, and how much each."""

    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]
    effect: Vector

    @classmethod
    def of(cls, effect: npt.NDArray[Any]) -> Cells:
        """Where an array (H, W) is not zero."""
        rows, columns = np.nonzero(effect)
        return cls(rows, columns, effect[rows, columns].astype(np.float64))

    @classmethod
    def pixel(cls, x: int, y: int) -> Cells:
        """The one at (x, y)."""
        return cls(np.array([y]), np.array([x]), np.ones(1))


class Watch(Protocol):
    """Follows what the frames count for at one pixel."""

    def see(self, state: Any, frame: int) -> None:
        """Look at the state right after a frame, ``frame`` in the stack, was fed."""

    def shares(self) -> dict[int, float]:
        """Per frame that counts its share, which sum to 1; empty where no frame has data."""


def _gathered(planes: list[FloatImage], cells: list[Cells]) -> Vector:
    parts = [p[c.rows, c.columns] for p, c in zip(planes, cells, strict=True)]
    return np.concatenate(parts).astype(np.float64)


class _Summing:
    """For states that hold sums of weights, relative to a peak that only rises or to none."""

    def __init__(self, cells: list[Cells], power: int = 1) -> None:
        self._cells, self._power = cells, power
        self._effect = np.concatenate([one.effect for one in cells])
        self._weight = self._peak = np.zeros(len(self._effect))
        self._parts: dict[int, Vector] = {}

    def see(self, state: Any, frame: int) -> None:
        """See :class:`Watch`."""
        weights, peaks = _planes(state)
        weight = _gathered(weights, self._cells)
        if peaks:
            peak = _gathered(peaks, self._cells)
            keep = (self._peak / np.where(peak > 0, peak, 1)) ** self._power
            self._peak, self._weight = peak, self._weight * keep
            if (keep != 1).any():
                self._parts = {k: part * keep for k, part in self._parts.items()}
        self._parts[frame] = weight - self._weight
        self._weight = weight

    def shares(self) -> dict[int, float]:
        """See :class:`Watch`."""
        known = self._weight > 0
        effect = self._effect[known] / self._weight[known]
        return _normalised({k: float(part[known] @ effect) for k, part in self._parts.items()})


class _Choosing:
    """For states that hold the score of the one frame that was chosen, each place for itself."""

    def __init__(self, cells: list[Cells]) -> None:
        self._cells = cells
        self._effect = np.concatenate([one.effect for one in cells])
        self._score: Vector | None = None
        self._owner = np.full(len(self._effect), -1)

    def begin(self, state: Any) -> None:
        """Remember the scores of the empty state."""
        self._score = _gathered(_planes(state)[0], self._cells)

    def see(self, state: Any, frame: int) -> None:
        """See :class:`Watch`."""
        score = _gathered(_planes(state)[0], self._cells)
        self._owner[score != self._score] = frame
        self._score = score

    def shares(self) -> dict[int, float]:
        """See :class:`Watch`."""
        owners = sorted({int(one) for one in self._owner} - {-1})
        return _normalised({k: float(self._effect[self._owner == k].sum()) for k in owners})


def _normalised(found: dict[int, float]) -> dict[int, float]:
    """Without those that do not count; rounding, and places without data, made up for."""
    total = sum(found.values())
    return {k: part / total for k, part in found.items() if part} if total else {}


def _planes(state: Any) -> tuple[list[FloatImage], list[FloatImage]]:
    """Weights or scores of a state, (H, W) each, and the peaks that they are relative to."""
    if hasattr(state, "bands"):
        return [band.weight for band in state.bands], [band.peak for band in state.bands]
    if hasattr(state, "levels"):
        best = [level.best for level in state.levels]
        return [*best, best[-1]], []
    names = ("count", "weight", "distance", "best")
    return [getattr(state, name) for name in names if hasattr(state, name)], []


@singledispatch
def watch(method: object, state: Any, x: int, y: int) -> Watch:
    """What follows the pixel at column ``x`` and row ``y`` of a method's state, still empty.

    Raises
    ------
    TypeError
        If it is not known how the method decides.
    """
    raise TypeError(f"no shares are known of {type(method).__name__}")


@watch.register(Average)
@watch.register(Depthmap)
def _watch_sums(_method: object, _state: Any, x: int, y: int) -> Watch:
    return _Summing([Cells.pixel(x, y)])


@watch.register(Select)
@watch.register(Laplacian)
def _watch_choice(_method: object, state: Any, x: int, y: int) -> Watch:
    return _begun(_Choosing([Cells.pixel(x, y)]), state)


@watch.register
def _watch_pyramid(method: Pyramid, state: Any, x: int, y: int) -> Watch:
    shapes = [band.peak.shape for band in state.bands]
    effects = pyramid_taps.effects(shapes, x, y)
    cells = [Cells(*np.meshgrid(r, c, indexing="ij"), e) for r, c, e in effects]
    flat = [Cells(one.rows.ravel(), one.columns.ravel(), one.effect.ravel()) for one in cells]
    return _Summing(flat, method.power)


@watch.register
def _watch_wavelet(_method: Wavelet, state: Any, x: int, y: int) -> Watch:
    """The transform's inverse is the mean of the trees' transposes.

    Takes about 40 bytes per pixel of the canvas for a moment.
    """
    count, canvas = len(state.levels), state.canvas
    spot = np.zeros((canvas.height, canvas.width), np.float32)
    spot[y, x] = 1
    seen = dual_tree.padded(spot, count)
    shown = np.zeros_like(seen)
    shown[y, x] = 1
    cells = []
    pairs = zip(dual_tree.analyse(seen, count), dual_tree.analyse(shown, count), strict=True)
    for there, back in pairs:
        cells.append(Cells.of((there.details * back.details).sum((0, 1))))
    cells.append(Cells.of((there.lows * back.lows).sum(0)))
    return _begun(_Choosing(cells), state)


def _begun(watching: _Choosing, state: Any) -> Watch:
    watching.begin(state)
    return watching
