"""Follow a folder into which a camera writes, until the stack is complete."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from focusstack.errors import AlignmentError, InputError, TooFewFrames
from focusstack.events import (
    FrameArrived,
    Observer,
    PictureRenewed,
    SharpSoFar,
    Warned,
    ignore,
)
from focusstack.execute import CancelSignal, single_threaded_opencv
from focusstack.live.arrivals import Arrivals
from focusstack.live.coverage import judge_coverage
from focusstack.live.looks import Looks
from focusstack.pipeline import stack
from focusstack.recipe import Recipe
from focusstack.result import StackResult

POLL_SECONDS = 0.25
IDLE_SECONDS = 60.0
RHYTHM_SECONDS = 5.0
SHARE_OF_TIME = 0.5
"""Interim pictures take no more of the time than this, however many frames there are."""


@dataclass(frozen=True)
class Ends:
    """When watching ends: after ``idle`` seconds without a new frame (0: never), or with so many
    frames (``count``; None: any number)."""

    idle: float = IDLE_SECONDS
    count: int | None = None


def watch_folder(
    folder: Path,
    renew: Callable[[StackResult], None],
    *,
    leave_out: Path | None = None,
    recipe: Recipe | None = None,
    ends: Ends | None = None,
    order: str = "name",
    new_only: bool = False,
    rhythm: float = RHYTHM_SECONDS,
    observer: Observer = ignore,
    cancel: CancelSignal | None = None,
    threads: int | None = None,
    memory: int | None = None,
) -> tuple[Path, ...]:
    """Wait for frames until the stack ends; fuse those that are there on the way, reduced.

    Parameters
    ----------
    folder : Path
    renew : callable
        Given the fused image of the frames so far, at most 2 MP, when there are new ones.
    leave_out : Path, optional
        A file that is no frame: where ``renew`` writes.
    recipe : Recipe, optional
        Settings of the interim pictures but for their size.
    ends : Ends, optional
        The person's ``cancel`` ends it as well.
    order, new_only
        As for :class:`Arrivals`.
    rhythm : float
        Least seconds between interim pictures.
    observer, cancel, threads, memory
        As for :func:`focusstack.stack`; also told of :class:`FrameArrived`, :class:`SharpSoFar` and
        :class:`PictureRenewed`.

    Returns
    -------
    tuple of Path
        The complete frames, in order, to be stacked once more at full size.

    Raises
    ------
    InputError
        If there is no such folder.

    Notes
    -----
    Each frame is decoded once when it arrives, to see that it is complete, once reduced, and with
    every interim picture. Its reduced copy is registered to its neighbour's, 0.1 s.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder", "name the one that the camera writes into")
    watcher = _Watcher(folder, leave_out, order, new_only, observer)
    ends = ends or Ends()
    quick = replace(recipe or Recipe(), preview=True, depth=False)
    next_picture, shown = time.monotonic() + rhythm, 0
    while not watcher.ended(ends) and not (cancel is not None and cancel.is_set()):
        watcher.look()
        if time.monotonic() >= next_picture and watcher.changes > shown:
            shown = watcher.changes
            spent = _renew(watcher.frames, quick, renew, observer, threads, memory)
            next_picture = time.monotonic() + max(rhythm, spent * (1 / SHARE_OF_TIME - 1))
        time.sleep(POLL_SECONDS)
    return watcher.frames


class _Watcher:
    """What has arrived, and what it shows."""

    def __init__(
        self, folder: Path, leave_out: Path | None, order: str, new_only: bool, observer: Observer
    ) -> None:
        self._observer = observer
        self._arrivals = Arrivals(
            folder, leave_out, order, new_only, lambda said: observer(Warned(said))
        )
        self._looks = Looks()
        self.changes = 0

    @property
    def frames(self) -> tuple[Path, ...]:
        return self._arrivals.frames

    def ended(self, ends: Ends) -> bool:
        """Whether all that was wanted is there, or nothing has come for long."""
        if ends.count is not None and len(self.frames) >= ends.count:
            return True
        quiet = time.monotonic() - self._arrivals.last_change
        return 0 < ends.idle < quiet and not self._arrivals.waiting

    def look(self) -> None:
        """Take what has arrived, and say how much has been sharp."""
        arrived = self._arrivals.look()
        for path in arrived:
            with single_threaded_opencv():
                self._looks.add(path, self.frames)
            self._observer(FrameArrived(path.name, len(self.frames)))
        if arrived:
            self.changes += 1
            seen = judge_coverage(self._looks.sharpness(self.frames))
            self._observer(SharpSoFar(seen.share, seen.soft, seen.settled))


def _renew(
    frames: tuple[Path, ...],
    recipe: Recipe,
    renew: Callable[[StackResult], None],
    observer: Observer,
    threads: int | None,
    memory: int | None,
) -> float:
    """Make the picture of the frames so far; seconds that it took. Too few is no failure yet."""
    started = time.monotonic()
    try:
        result = stack(frames, recipe, threads=threads, memory=memory)
    except (TooFewFrames, AlignmentError):
        return time.monotonic() - started
    renew(result)
    spent = time.monotonic() - started
    observer(PictureRenewed(len(frames), spent))
    return spent
