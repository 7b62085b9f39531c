"""How noisy the frames are, whole or reduced."""

from __future__ import annotations

from focusstack.colour import luma_of, luma_shares
from focusstack.execute import Run
from focusstack.model import Alignment, FloatImage, NoiseModel
from focusstack.steps import focus
from focusstack.steps.read import FrameSource


def measure_noise(run: Run, frames: FrameSource, alignment: Alignment) -> NoiseModel:
    """Noise of the frames, from the first, the middle and the last of them."""
    chosen = _chosen(alignment)
    quiet = []
    with run.step("noise", len(chosen)) as advance:
        for i in chosen:
            frame = frames.read(i)
            luma = luma_shares(frame.metadata.icc)
            sample = focus.sample_rows(frame.pixels)
            quiet.append(focus.quiet_variance(luma_of(sample, luma)))
            advance()
        return focus.noise_model(quiet, frames.info(0).dtype, luma)


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
