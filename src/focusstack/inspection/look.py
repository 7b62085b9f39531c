"""One look at every frame: where it is sharp, how bright it is, whether it was seen before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from focusstack.colour import luma_of
from focusstack.execute import Run, ahead
from focusstack.inspection.grid import CellGrid
from focusstack.inspection.preview import Preview, thumbnail
from focusstack.model import FloatImage, NoiseModel, Pixels, Transform
from focusstack.stages.place import Placement
from focusstack.steps import focus
from focusstack.steps.read import FrameSource

BANDS = 4
"""How many octaves of detail are judged, the finest first."""
READ_AHEAD = 2
QUIET_FRAMES, QUIET_PERCENTILE = 12, 5


@dataclass(frozen=True)
class FrameLook:
    """What remains of one frame. ``energy`` and ``thumb`` are None for frames that are left out."""

    brightness: float
    digest: str
    energy: tuple[FloatImage, ...] | None
    thumb: Pixels | None
    luma: FloatImage
    quiet: focus.Quiet | None


@dataclass(frozen=True)
class FocusCurves:
    """How sharp each part of the scene is in each frame.

    Attributes
    ----------
    members : tuple of int
        The frames, in focus order.
    energy : tuple of float32 (members, rows, columns)
        Per band: mean squared detail in the cells of the reference frame, as if all frames were
        exposed alike; NaN where a frame does not cover a cell.
    noise : tuple of float32 (rows, columns)
        Per band, what noise alone makes of it.
    """

    members: tuple[int, ...]
    energy: tuple[FloatImage, ...]
    noise: tuple[FloatImage, ...]


@dataclass(frozen=True)
class AllLooks:
    """The frames' curves, mean lumas (0..1), digests of their pixels, and a sharp preview."""

    curves: FocusCurves
    brightness: tuple[float, ...]
    digests: tuple[str, ...]
    preview: Pixels


def look_at_all(
    run: Run, frames: FrameSource, placement: Placement, grid: CellGrid, step: str = "inspect"
) -> AllLooks:
    """Read every frame once, reduced to 1/grid.scale; memory grows by cells, not by frames."""
    alignment = placement.alignment
    kept = alignment.kept
    sampled = {kept[0], kept[len(kept) // 2], kept[-1]}
    place = {i: at for at, i in enumerate(kept)}
    energy = tuple(
        np.full((len(kept), grid.rows, grid.columns), np.nan, np.float32) for _ in range(BANDS)
    )
    brightness, digests = [0.0] * len(frames), [""] * len(frames)
    quiet, luma = [], np.zeros((grid.rows, grid.columns), np.float32)
    preview = Preview()

    def look(i: int) -> FrameLook:
        pixels = frames.read_reduced(i, grid.scale)
        return _look(pixels, grid, alignment.transforms[i], i in sampled)

    with run.step(step, len(frames)) as advance:
        for i, seen in ahead(look, range(len(frames)), min(READ_AHEAD, run.threads)):
            brightness[i], digests[i] = seen.brightness, seen.digest
            if seen.energy is not None and seen.thumb is not None:
                gain = _energy_gain(placement, i)
                for band, one in zip(energy, seen.energy, strict=True):
                    np.multiply(one, gain, out=band[place[i]])
                preview.add(seen.thumb, energy[0][place[i]], energy[1][place[i]])
            if seen.quiet is not None:
                quiet.append(seen.quiet)
            if i == alignment.reference_index:
                luma = seen.luma
            advance()
    model = focus.noise_model(quiet, frames.info(0).dtype)
    curves = FocusCurves(kept, energy, _noise(model, luma, energy))
    return AllLooks(curves, tuple(brightness), tuple(digests), preview.finish())


def _look(pixels: Pixels, grid: CellGrid, place: Transform | None, sampled: bool) -> FrameLook:
    digest = hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()
    luma = luma_of(pixels)
    bright = float(luma.mean())
    cells = grid.onto_reference(grid.cut(luma), np.eye(3))
    if place is None:
        return FrameLook(bright, digest, None, None, cells, None)
    energy = tuple(
        grid.onto_reference(_in_cells(detail, grid, level), place)
        for level, detail in enumerate(_bands(luma))
    )
    quiet = focus.quiet_variance(luma) if sampled else None
    return FrameLook(bright, digest, energy, thumbnail(pixels, grid, place), cells, quiet)


def _bands(luma: FloatImage) -> Iterable[FloatImage]:
    """Squares of the Laplacian bands, finest first; each half the size of the one before."""
    import cv2

    for _ in range(BANDS):
        low = cv2.pyrDown(luma)
        detail = luma - cv2.pyrUp(low, dstsize=luma.shape[::-1])
        yield np.asarray(detail * detail, np.float32)
        luma = low


def _in_cells(energy: FloatImage, grid: CellGrid, level: int) -> FloatImage:
    """The part that the cells cover, as far as a pyramid level can be cut there."""
    side = 2 * grid.half
    rows, columns = ((n * side + (1 << level) - 1) >> level for n in (grid.rows, grid.columns))
    return energy[:rows, :columns]


def _energy_gain(placement: Placement, index: int) -> float:
    """What evening out the exposure does to energies of sRGB-encoded detail, roughly."""
    return float(np.mean(placement.gains[index]) ** (2 / 2.4))


def _noise(
    model: NoiseModel, luma: FloatImage, energy: Sequence[FloatImage]
) -> tuple[FloatImage, ...]:
    """What the noise model says for each cell's brightness, and at least what quiet cells hold.

    Developed and compressed pictures have noise that is coarser than the model's.
    """
    at = np.linspace(0, 1, len(model.variance))
    variance = np.interp(np.nan_to_num(luma), at, model.variance)
    return tuple(
        np.asarray(np.maximum(variance * gain, _quiet(band)), np.float32)
        for band, gain in zip(energy, model.gains, strict=False)
    )


def _quiet(band: FloatImage) -> float:
    """Low quantile of a few frames' energies."""
    some = band[:: max(1, len(band) // QUIET_FRAMES)]
    seen = some[np.isfinite(some)]
    return float(np.percentile(seen, QUIET_PERCENTILE)) if seen.size else 0.0
