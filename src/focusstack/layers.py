"""The fused picture and the frames it was made of, on one canvas, for retouching elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

import numpy as np

from focusstack.errors import InputError, MemoryLimitError, OutputError
from focusstack.events import ignore
from focusstack.execute import Run, single_threaded_opencv, total_bytes, wanted_threads
from focusstack.pipeline import open_frames
from focusstack.plan import make_plan, mebibytes
from focusstack.result import PathLike, StackResult
from focusstack.stages import KeptFrames, NoiseSamples, clean_frames
from focusstack.stages.place import Placement
from focusstack.stages.warping import Warper
from focusstack.steps import fuse
from focusstack.steps.read import FrameSource
from focusstack.steps.write import Layer, atomic_file, check_output, for_picture, write_layered

HELD = 2.5
"""Times the size of all layers that is needed at most: as they are, packed, and once more."""


def save_layers(
    result: StackResult,
    path: PathLike,
    *,
    source: object = None,
    overwrite: bool = False,
    threads: int | None = None,
    memory: int | None = None,
) -> list[str]:
    """Write a TIFF with the fused picture on top and the aligned frames below, each named.

    It opens with its layers in Photoshop, Affinity Photo and Krita, and as the fused picture
    everywhere else. Frames lie in focus order, the first one uppermost, moved onto the canvas,
    evened out in exposure and freed of the sensor's defects like those that were fused.

    Parameters
    ----------
    result : StackResult
        8 or 16 bits.
    path : path
        ``.tif`` or ``.tiff``.
    source : optional
        The frames, if they were not files.
    overwrite : bool
    threads : int, optional
    memory : int, optional
        Bytes that must not be exceeded; by default what the machine has.

    Returns
    -------
    list of str
        Warnings.

    Raises
    ------
    InputError
        If the frames are not known, or are not those of the result.
    MemoryLimitError
        If all layers at once do not fit; nothing was read then.
    OutputError
        If it cannot be written there, or holds more than such a TIFF can (3.9 GB).

    Notes
    -----
    All frames are read once more, and all layers held until they are written.
    """
    target = Path(path)
    check_output(target, inputs=result.inputs, overwrite=overwrite, kind="layers")
    if result.image.dtype == np.float32:
        raise OutputError(f"{target}: layers have 8 or 16 bits, the frames 32-bit floats")
    kept = result.alignment.kept
    _check_memory(result.image.nbytes * (len(kept) + 1), memory)
    frames = open_frames(
        result.inputs if source is None else source, result.recipe, lambda _said: None
    )
    if len(frames) != len(result.names):
        raise InputError(
            f"the layers are {len(result.names)} frames, but there are {len(frames)}",
            "pass the frames that were stacked as source",
        )
    threads = wanted_threads(threads)
    metadata, warnings = for_picture(result.metadata, result.image, {})
    layers = _layers(result, frames, threads)
    with atomic_file(target, overwrite) as temporary:
        warnings += write_layered(temporary, result.image, metadata, layers, threads)
    return [f"{target}: {warning}" for warning in warnings]


def _layers(result: StackResult, frames: FrameSource, threads: int) -> Iterator[Layer]:
    yield "retouched" if result.strokes else "fused", result.image, None
    gains = {i: np.array(gain) for i, gain in enumerate(result.gains) if gain is not None}
    placement, dtype = Placement(result.alignment, gains), result.image.dtype
    plan = make_plan(frames.info(0), result.recipe.resolved(), threads, None, None)
    run = Run(ignore, None, threads)
    with single_threaded_opencv():
        kept = KeptFrames(frames, 1, False)
        found = result.alignment
        cleaned = clean_frames(run, kept, result.recipe, plan, found, NoiseSamples())
        warper = Warper(placement, bool(result.recipe.crop), threads)
        for i, _, aligned in warper.frames(cleaned, plan):
            name = PurePath(result.names[i]).name
            yield name, fuse.to_pixels(aligned.planar, dtype), aligned.valid


def _check_memory(layers: int, memory: int | None) -> None:
    limit = memory if memory is not None else total_bytes()
    needed = int(HELD * layers)
    if limit is not None and needed > limit:
        raise MemoryLimitError(
            f"the layers need {mebibytes(needed)}, {mebibytes(limit)} are there",
            "take fewer frames with --every, or frames of 8 bits",
        )
