"""One stack of a batch, made by whoever has time: this process, or a worker somewhere else."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from focusstack.errors import Cancelled, FocusstackError
from focusstack.events import Observer, ignore
from focusstack.execute import CancelSignal
from focusstack.packing import Compression
from focusstack.pipeline import stack
from focusstack.recipe import Recipe
from focusstack.result import StackResult
from focusstack.steps.write import check_output

BEGUN, DONE, FAILED = "begun", "done", "failed"


ExtraKind = Literal["depth", "report", "sidecar"]


@dataclass(frozen=True)
class Extras:
    """What is written beside each fused image, under its name."""

    depth: bool = False
    report: bool = False
    sidecar: bool = False


@dataclass(frozen=True)
class StackJob:
    """A stack to be made; nothing in it but names and numbers, so that it can be sent anywhere.

    ``tried`` tells that an earlier run began it: extras that it left behind may be replaced.
    """

    name: str
    frames: tuple[Path, ...]
    recipe: Recipe
    output: Path
    extras: Extras = Extras()
    quality: int = 95
    compression: Compression = "deflate"
    overwrite: bool = False
    tried: bool = False
    threads: int | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Outcome:
    """How a stack went: ``state`` is DONE or FAILED, ``error`` and ``hint`` say what went wrong.

    BEGUN is what the journal knows of one that was cut off.
    """

    state: str
    seconds: float = 0.0
    error: str = ""
    hint: str = ""
    warnings: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def extra_paths(output: Path, extras: Extras) -> dict[ExtraKind, Path]:
    """Where the extras of a fused image go."""
    paths: dict[ExtraKind, Path] = {}
    if extras.depth:
        paths["depth"] = output.with_name(f"{output.stem}-depth.tif")
    if extras.report:
        paths["report"] = output.with_name(f"{output.stem}.html")
    if extras.sidecar:
        paths["sidecar"] = output.with_name(f"{output.name}.focusstack.json")
    return paths


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
        _check(job)
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


def _check(job: StackJob) -> None:
    """Find out before the work whether everything can be written."""
    check_output(job.output, inputs=job.frames, overwrite=job.overwrite, kind="picture")
    for kind, path in extra_paths(job.output, job.extras).items():
        check_output(path, inputs=job.frames, overwrite=job.overwrite or job.tried, kind=kind)


def _save(job: StackJob, result: StackResult) -> list[str]:
    paths, overwrite = extra_paths(job.output, job.extras), job.overwrite or job.tried
    if "depth" in paths:
        result.save_depth(paths["depth"], overwrite=overwrite)
    if "report" in paths:
        from focusstack.report import save_report

        save_report(
            result, paths["report"], title=job.name, overwrite=overwrite, threads=job.threads
        )
    if "sidecar" in paths:
        result.save_sidecar(paths["sidecar"], overwrite=overwrite)
    return result.save(
        job.output,
        quality=job.quality,
        compression=job.compression,
        overwrite=job.overwrite,
    )
