"""One stack of a batch, made by whoever has time: this process, or a worker somewhere else."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from focusstack.batch.finished import is_finished
from focusstack.batch.job import DONE, FAILED, ExtraKind, Outcome, StackJob, extra_paths
from focusstack.errors import Cancelled, FocusstackError, OutputError
from focusstack.events import Observer, ignore
from focusstack.execute import CancelSignal
from focusstack.pipeline import stack
from focusstack.result import StackResult
from focusstack.steps.write import check_output


def make_stack(
    job: StackJob, observer: Observer = ignore, cancel: CancelSignal | None = None
) -> Outcome:
    """Stack and save; whatever goes wrong is in the outcome, so that the batch goes on.

    The fused image is written last: where it is, everything is.

    Raises
    ------
    Cancelled
        If the person stopped the batch.
    """
    started = time.monotonic()
    try:
        if is_finished(job):  # by a worker that died before it could say so
            return Outcome(DONE)
        check_outputs(job)
        result = stack(
            job.frames,
            job.recipe,
            observer=observer,
            cancel=cancel,
            threads=job.threads,
            memory=job.memory,
        )
        warnings = _save(job, result)
    except Cancelled:
        raise
    except FocusstackError as error:
        return Outcome(FAILED, time.monotonic() - started, error.message, error.hint)
    except MemoryError:
        return Outcome(FAILED, time.monotonic() - started, "out of memory", "set --memory")
    except Exception as error:  # a bug; the other stacks are no worse for it
        what = " ".join(f"{type(error).__name__}: {error}".split())
        hint = "stack it by itself with --debug"
        return Outcome(FAILED, time.monotonic() - started, f"internal error ({what})", hint)
    facts = {
        "frames": result.facts["frames"],
        "used": result.facts["used"],
        "width": result.image.shape[1],
        "height": result.image.shape[0],
        "left_out": [f"{left.name}: {left.reason}" for left in result.alignment.rejected],
    }
    said = (*result.warnings, *warnings)
    return Outcome(DONE, time.monotonic() - started, warnings=said, facts=facts)


def check_outputs(job: StackJob) -> None:
    """Find out before the work whether everything can be written; makes its folder.

    Raises
    ------
    OutputError
    """
    check_output(job.output, inputs=job.frames, overwrite=job.overwrite, kind="picture")
    for kind, path in extra_paths(job.output, job.extras).items():
        check_output(path, inputs=job.frames, overwrite=job.overwrite or job.tried, kind=kind)


def _save(job: StackJob, result: StackResult) -> list[str]:
    """The picture last; if something cannot be written, what was written before it goes, too."""
    written: list[Path] = []
    try:
        for kind, path in extra_paths(job.output, job.extras).items():
            _save_extra(job, result, kind, path)
            written.append(path)
        return result.save(
            job.output,
            quality=job.quality,
            compression=job.compression,
            overwrite=job.overwrite,
        )
    except OutputError:
        for path in written:
            with suppress(OSError):
                path.unlink()
        raise


def _save_extra(job: StackJob, result: StackResult, kind: ExtraKind, path: Path) -> None:
    overwrite = job.overwrite or job.tried
    if kind == "depth":
        result.save_depth(path, overwrite=overwrite)
    elif kind == "sidecar":
        result.save_sidecar(path, overwrite=overwrite)
    else:
        from focusstack.report import save_report

        save_report(result, path, title=job.name, overwrite=overwrite, threads=job.threads)
