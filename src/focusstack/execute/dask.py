"""Work on other processes and machines, through dask.distributed; the only file that knows it."""

from __future__ import annotations

import logging
import os
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import version
from queue import SimpleQueue
from typing import Any, TypeVar
from uuid import uuid4

from focusstack.errors import Cancelled, ClusterError
from focusstack.execute.run import CancelSignal
from focusstack.execute.workers import advancing

Item = TypeVar("Item")
Result = TypeVar("Result")

CONNECT_SECONDS = 10
POLL_SECONDS = 0.2
HERE = "127.0.0.1"
_IGNORES_CTRL_C = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
"""A terminal sends it to all processes; we end the workers ourselves."""


LOST = "the workers that tried it died one after the other"
LOST_HINT = "they may have run out of memory: give them more, or use fewer of them"


class WorkerLost(Exception):
    """A task's worker died each time that it was tried, as one does that runs out of memory."""


@contextmanager
def cluster(
    scheduler: str | None = None, workers: int | None = None, memory: int | None = None
) -> Iterator[Cluster]:
    """Workers, at an address or on this machine; those of this machine end with the context.

    Parameters
    ----------
    scheduler : str, optional
        ``tcp://host:port`` of a dask scheduler that runs already.
    workers : int, optional
        Else so many processes are started here, which only this machine can reach.
    memory : int, optional
        Bytes that all of those may use together.

    Raises
    ------
    ClusterError
        If dask is not installed, nobody answers at the address within ten seconds, no worker is
        there, or one has another version of focusstack.
    """
    _quiet()
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(
            "working on several processes or machines needs dask",
            "pip install 'focusstack[cluster]'",
        ) from error
    with ExitStack() as stack:
        here = None if scheduler else stack.enter_context(_here(workers or 1, memory))
        try:
            client = stack.enter_context(Client(here or scheduler, timeout=CONNECT_SECONDS))
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(
                f"no dask scheduler answers at {scheduler}",
                "start one with `dask scheduler`, and workers with `dask worker ADDRESS`",
            ) from error
        _check_workers(client)
        yield Cluster(client, here)


def _here(workers: int, memory: int | None) -> Any:
    import dask
    from distributed import LocalCluster

    # Who is stopped by Ctrl-C leaves semaphores to be cleaned up, which is not for people to know.
    os.environ.setdefault("PYTHONWARNINGS", "ignore::UserWarning:multiprocessing.resource_tracker")
    # dask has the C library give freed blocks back to the system at once; fetching them again would
    # cost half as much as the work.
    environ = dict(dask.config.get("distributed.nanny.pre-spawn-environ"))
    environ.pop("MALLOC_TRIM_THRESHOLD_", None)
    dask.config.set(
        {
            "distributed.nanny.pre-spawn-environ": environ,
            # A worker that dies is started again. dask gives one up, for good, that is just being
            # started so long after an earlier death; on a busy machine nobody would be left.
            "distributed.deploy.lost-worker-timeout": "1 day",
        }
    )
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        memory_limit="auto" if memory is None else memory // workers,
        host=HERE,
        dashboard_address=f"{HERE}:0",
        silence_logs=logging.CRITICAL,
        preload=[_IGNORES_CTRL_C],
    )


def _quiet() -> None:
    """Lost workers are told by us, in words for people."""
    for name in ("distributed", "tornado", "bokeh", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # What a strip must know of a large stack is large; the advice is for programmers.
    warnings.filterwarnings("ignore", "Sending large graph", UserWarning)


def _check_workers(client: Any) -> None:
    def installed() -> str:
        """The version that a worker has; runs there."""

        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("focusstack")
        except PackageNotFoundError:
            return "none"

    found = client.run(installed)
    if not found:
        raise ClusterError("the scheduler has no workers", "start some: `dask worker ADDRESS`")
    mine = version("focusstack")
    for worker, theirs in found.items():
        if theirs != mine:
            raise ClusterError(
                f"the worker at {worker} has focusstack {theirs}, this is {mine}",
                "install the same version everywhere",
            )


class Cluster:
    """Workers that are ready."""

    def __init__(self, client: Any, processes: Any = None) -> None:
        self._client, self._processes = client, processes
        self._topic = f"focusstack-{uuid4().hex}"

    def kill(self) -> None:
        """End this machine's workers at once, whatever they do; those elsewhere go on."""
        for nanny in () if self._processes is None else self._processes.workers.values():
            with suppress(OSError, TypeError):
                os.kill(nanny.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

    @property
    def dashboard(self) -> str:
        """Where dask shows what goes on; empty if it cannot."""
        return str(self._client.dashboard_link or "")

    @property
    def workers(self) -> int:
        """How many tasks run at a time."""
        return sum(self._client.nthreads().values())

    def work(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        begin: Callable[[Item], None],
        cancel: CancelSignal | None = None,
    ) -> Iterator[tuple[Item, Result | WorkerLost]]:
        """``function`` of each item, somewhere, in the order in which they are done.

        No more tasks are handed out than there are workers for, so that a batch that is stopped has
        begun little. A task whose worker dies is tried again, up to three times: ``function`` must
        bear that. ``begin`` is told of an item when it is handed out.

        Raises
        ------
        Cancelled
            If the person stopped it; tasks that have not started are taken back.
        ClusterError
            If the scheduler is gone.
        """
        waiting = list(reversed(items))
        running: dict[Any, Item] = {}
        try:
            while waiting or running:
                while waiting and len(running) < max(1, self.workers):
                    item = waiting.pop()
                    begin(item)
                    running[self._client.submit(function, item, pure=False)] = item
                for future in self._done(list(running), cancel):
                    yield running.pop(future), _result(future)
        finally:
            self._client.cancel(list(running))

    def submit(self, function: Callable[..., Any], *args: Any) -> Any:
        """See :class:`~focusstack.execute.workers.Workers`."""
        return self._client.submit(_telling, self._topic, function, *args, pure=False)

    def gather(
        self,
        held: Sequence[Any],
        cancel: CancelSignal | None = None,
        advance: Callable[[], None] = lambda: None,
    ) -> Iterator[tuple[int, Any]]:
        """See :class:`~focusstack.execute.workers.Workers`."""
        told: SimpleQueue[None] = SimpleQueue()
        self._client.subscribe_topic(self._topic, lambda _event: told.put(None))
        waiting = {future: position for position, future in enumerate(held)}
        try:
            while waiting:
                done = self._done(list(waiting), cancel, lambda: _pass_on(told, advance))
                for future in done:
                    value = _result(future)
                    if isinstance(value, WorkerLost):
                        raise ClusterError(LOST, LOST_HINT)
                    yield waiting.pop(future), value
        except Exception:
            self._client.cancel(list(held))
            raise
        finally:
            self._client.unsubscribe_topic(self._topic)

    def _done(
        self,
        futures: list[Any],
        cancel: CancelSignal | None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> list[Any]:
        """Those that are done, once there are any."""
        from distributed import wait

        while True:
            meanwhile()
            if cancel is not None and cancel.is_set():
                raise Cancelled
            if self._client.status != "running":
                raise _gone()
            try:
                return list(wait(futures, POLL_SECONDS, "FIRST_COMPLETED").done)
            except TimeoutError:
                continue


def _result(future: Any) -> Any:
    """What a task returned; errors that are no lost workers are raised."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        return WorkerLost(str(error))
    except CancelledError as error:
        raise _gone() from error


def _telling(topic: str, function: Callable[..., Any], *args: Any) -> Any:
    """Call it on a worker, and say there when it gets on."""
    from distributed import get_worker

    worker = get_worker()
    with advancing(lambda: worker.log_event(topic, 1)):
        return function(*args)


def _pass_on(told: SimpleQueue[None], advance: Callable[[], None]) -> None:
    while not told.empty():
        told.get()
        advance()


def _gone() -> ClusterError:
    return ClusterError("the dask scheduler is gone", "start it again, then run this again")
