"""Stacks made by the workers of a cluster; files go over storage that all of them reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version

from focusstack.batch.elsewhere import Addresses, make_elsewhere
from focusstack.batch.job import DONE, FAILED, Outcome, StackJob
from focusstack.batch.make import check_outputs, make_stack
from focusstack.batch.run import Maker
from focusstack.errors import FocusstackError
from focusstack.execute import CancelSignal
from focusstack.execute.dask import LOST, LOST_HINT, Cluster, WorkerLost


def made_by(
    cluster: Cluster,
    cancel: CancelSignal | None = None,
    addresses: Addresses | None = None,
    fetch: Callable[[StackJob], None] = lambda _job: None,
) -> Maker:
    """Who makes the stacks of a batch, for :func:`run_batch`.

    Parameters
    ----------
    cluster : Cluster
    cancel : CancelSignal, optional
    addresses : Addresses, optional
        Where the workers find frames and put results, where they do not see our folders.
    fetch : callable
        Told of each stack that is done, to fetch what the worker has put to an address.
    """
    return partial(_make, cluster, cancel, addresses, fetch)


def _make(
    cluster: Cluster,
    cancel: CancelSignal | None,
    addresses: Addresses | None,
    fetch: Callable[[StackJob], None],
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
    function = partial(_on_worker, version("focusstack"), _all_absolute(addresses))
    work = cluster.work(function, fit, lambda job: begin(asked[job.output]), cancel)
    for job, outcome in work:
        if isinstance(outcome, WorkerLost):
            yield asked[job.output], Outcome(FAILED, error=LOST, hint=LOST_HINT)
            continue
        if outcome.state == DONE:
            fetch(asked[job.output])
        yield asked[job.output], outcome


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


def _all_absolute(addresses: Addresses | None) -> Addresses | None:
    """As those of the jobs are."""
    if addresses is None:
        return None
    root, output = addresses.root.absolute(), addresses.output.resolve()
    return replace(addresses, root=root, output=output)


def _on_worker(wanted: str, addresses: Addresses | None, job: StackJob) -> Outcome:
    here = version("focusstack")
    if here != wanted:
        said = f"a worker that came later has focusstack {here}, not {wanted}"
        return Outcome(FAILED, error=said, hint="install the same version everywhere")
    return make_stack(job) if addresses is None else make_elsewhere(job, addresses)
