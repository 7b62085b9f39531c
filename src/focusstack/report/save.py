"""Write the report of a finished run."""

from __future__ import annotations

from pathlib import Path

from focusstack.errors import InputError
from focusstack.events import Observer, ignore
from focusstack.execute import Run, wanted_threads
from focusstack.execute.run import CancelSignal
from focusstack.pipeline import open_frames
from focusstack.report.look import look_again
from focusstack.report.page import make_page
from focusstack.result import PathLike, StackResult
from focusstack.steps.read import FrameSource
from focusstack.steps.write import atomic_file, check_output


def save_report(
    result: StackResult,
    path: PathLike,
    *,
    source: object = None,
    title: str = "",
    command: str = "",
    overwrite: bool = False,
    threads: int | None = None,
    observer: Observer = ignore,
    cancel: CancelSignal | None = None,
) -> None:
    """Write one HTML page about a run: the picture, its depth, comparisons, plots, facts.

    Parameters
    ----------
    result : StackResult
        What :func:`focusstack.stack` returned.
    path : path
        ``.html`` or ``.htm``.
    source : as for :func:`focusstack.stack`, optional
        The frames; needed only if they were arrays.
    title : str
        The page's heading; the file's name by default.
    command : str
        What repeats the run; Python code by default.
    overwrite : bool
        Whether an existing file may be replaced.
    threads : int, optional
        Worker threads; the CPUs at hand by default.
    observer : callable, optional
        Told of the step ``report``, one unit for each frame that was looked at.
    cancel : CancelSignal, optional
        Once set, the work ends with Cancelled at the next frame, and nothing is written.

    Raises
    ------
    InputError
        If the frames are not known, or are not those of the result.
    OutputError
        If it cannot be written there; OutputExists unless ``overwrite``.

    Notes
    -----
    Frames are read once more, reduced to at most 3 MP, and up to six of them whole, one after the
    other. The page holds everything it shows, at most about 8 MB, and refers to nothing outside;
    plots of more than 150 frames have a bar and a tip for a few frames each.
    """
    target = Path(path)
    check_output(target, inputs=result.inputs, overwrite=overwrite, kind="report")
    frames = _frames_of(result, result.inputs if source is None else source)
    look = look_again(result, frames, Run(observer, cancel, wanted_threads(threads)))
    page = make_page(result, frames, look, title or target.stem, command)
    with atomic_file(target, overwrite) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _frames_of(result: StackResult, source: object) -> FrameSource:
    frames = open_frames(source, result.recipe, lambda _said: None)
    if len(frames) != len(result.names):
        raise InputError(
            f"the report is about {len(result.names)} frames, but there are {len(frames)}",
            "pass the frames that were stacked as source",
        )
    return frames
