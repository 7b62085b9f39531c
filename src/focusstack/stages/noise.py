"""How noisy the frames are, whole or reduced."""

from __future__ import annotations

from focusstack.colour import luma_of, luma_shares
from focusstack.execute import Run
from focusstack.model import Alignment, FloatImage, Frame, NoiseModel
from focusstack.steps import focus
from focusstack.steps.read import FrameSource


class NoiseSamples:
    """What whole frames tell of their noise, looked at when they are read for something else."""

    def __init__(self) -> None:
        self._quiet: list[focus.Quiet] = []
        self._luma: FloatImage | None = None

    def look(self, frame: Frame) -> None:
        """Measure another frame."""
        self._luma = luma_shares(frame.metadata.icc)
        sample = focus.sample_rows(frame.pixels)
        self._quiet.append(focus.quiet_variance(luma_of(sample, self._luma)))

    def __len__(self) -> int:
        return len(self._quiet)

    def model(self, frames: FrameSource) -> NoiseModel:
        """The noise of the stack; one frame must have been looked at."""
        assert self._luma is not None
        return focus.noise_model(self._quiet, frames.info(0).dtype, self._luma)


def measure_noise(
    run: Run, frames: FrameSource, alignment: Alignment, samples: NoiseSamples
) -> NoiseModel:
    """Noise of the frames, from three of them: the first, one in the middle and the last.

    They are read if the samples do not know any yet.
    """
    chosen = [] if len(samples) else _chosen(alignment)
    with run.step("noise", len(chosen) or 1) as advance:
        for i in chosen:
            samples.look(frames.read(i))
            advance()
        if not chosen:
            advance()
        return samples.model(frames)


def reduced_noise(
    frames: FrameSource, alignment: Alignment, scale: int, luma: FloatImage
) -> NoiseModel:
    """The same of frames reduced by ``scale``, which are small enough to be taken whole."""
    reduced = (frames.read_reduced(i, scale) for i in _chosen(alignment))
    quiet = [focus.quiet_variance(luma_of(pixels, luma)) for pixels in reduced]
    return focus.noise_model(quiet, frames.info(0).dtype, luma)


def _chosen(alignment: Alignment) -> list[int]:
    kept = alignment.kept
    return sorted({kept[0], kept[len(kept) // 2], kept[-1]})
