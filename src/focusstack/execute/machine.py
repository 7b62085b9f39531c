"""What this machine has, and what this process uses of it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from focusstack.errors import RecipeError

_opencv_lock = threading.Lock()
_opencv_users = 0
_opencv_threads = 0


def default_threads() -> int:
    """Number of CPUs that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def wanted_threads(threads: int | None) -> int:
    """The number asked for, or one per CPU.

    Raises
    ------
    RecipeError
        If it is not at least 1.
    """
    if threads is None:
        return default_threads()
    if threads < 1:
        raise RecipeError(f"threads is {threads}", "use 1 or more")
    return threads


def total_bytes() -> int | None:
    """Memory this process may use: the machine's, or its container's limit; None if unknown."""
    limits = [_physical_bytes(), *map(_limit_in, _CGROUP_FILES)]
    known = [limit for limit in limits if limit]
    return min(known) if known else None


_CGROUP_FILES = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def _physical_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _limit_in(path: str) -> int | None:
    try:
        text = Path(path).read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def current_bytes() -> int:
    """Resident memory of this process now; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, AttributeError, ValueError, IndexError):
        return 0


def peak_bytes() -> int | None:
    """Largest resident memory of this process so far; None where the system does not tell."""
    try:
        # getrusage would count what the parent process held when it started this one
        status = Path("/proc/self/status").read_text()
        return next(int(r.split()[1]) * 1024 for r in status.splitlines() if r.startswith("VmHWM"))
    except (OSError, StopIteration):
        return _peak_by_rusage()


def _peak_by_rusage() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def give_back_memory() -> None:
    """Ask the C library to return what was freed to the system; glibc keeps blocks below 32 MB."""
    import ctypes

    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def single_threaded_opencv() -> Iterator[None]:
    """Keep OpenCV to the calling thread while a run is going on.

    Runs bring their own threads, and sums that OpenCV splits over threads may differ in the last
    bit with their number. The setting is the process's, so it is shared by overlapping runs and
    restored when the last one ends.
    """
    import cv2

    global _opencv_users, _opencv_threads
    with _opencv_lock:
        if _opencv_users == 0:
            _opencv_threads = cv2.getNumThreads()
            cv2.setNumThreads(1)
        _opencv_users += 1
    try:
        yield
    finally:
        with _opencv_lock:
            _opencv_users -= 1
            if _opencv_users == 0:
                cv2.setNumThreads(_opencv_threads)
