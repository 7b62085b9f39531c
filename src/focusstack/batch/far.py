"""Stacks made by the workers of a cluster; files go over storage that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version

from focusstack.batch.job import FAILED, Outcome, StackJob
from focusstack.batch.make import check_outputs, make_stack
from focusstack.batch.run import Maker
from focusstack.errors import FocusstackError
from focusstack.execute import CancelSignal
from focusstack.execute.dask import Cluster, WorkerLost


def made_by(cluster: Cluster, cancel: CancelSignal | None = None) -> Maker:
    """Who makes the stacks of a batch, for :func:`run_batch`."""
    return partial(_make, cluster, cancel)


def _make(
    cluster: Cluster,
    cancel: CancelSignal | None,
    jobs: Sequence[StackJob],
    begin: Callable[[StackJob], None],
) -> Iterator[tuple[StackJob, Outcome]]:
    fit = []
    for job in jobs:
        refused = _refused(job)
        if refused is None:
            fit.append(_absolute(job))
        else:
            begin(job)
            yield job, refused
    asked = {job.output.resolve(): job for job in jobs}
    function = partial(_on_worker, version("focusstack"))
    work = cluster.work(function, fit, lambda job: begin(asked[job.output]), cancel)
    for job, outcome in work:
        yield asked[job.output], _lost() if isinstance(outcome, WorkerLost) else outcome


def _refused(job: StackJob) -> Outcome | None:
    """Why a stack cannot be made; what is there afterwards has been left by a worker that died."""
    try:
        check_outputs(job)
    except FocusstackError as error:
        return Outcome(FAILED, error=error.message, hint=error.hint)
    return None


def _absolute(job: StackJob) -> StackJob:
    """Workers have other working directories."""
    frames = tuple(frame.absolute() for frame in job.frames)
    return replace(job, frames=frames, output=job.output.resolve(), tried=True)


def _on_worker(wanted: str, job: StackJob) -> Outcome:
    here = version("focusstack")
    if here != wanted:
        said = f"a worker that came later has focusstack {here}, not {wanted}"
        return Outcome(FAILED, error=said, hint="install the same version everywhere")
    return make_stack(job)


def _lost() -> Outcome:
    return Outcome(
        FAILED,
        error="the workers that tried it died one after the other",
        hint="they may have run out of memory: give them more, or use fewer of them",
    )
