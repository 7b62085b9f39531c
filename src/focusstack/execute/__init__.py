"""How work is carried out in this process: reading ahead, limiting threads, measuring memory."""

from focusstack.execute.ahead import ahead
from focusstack.execute.machine import (
    current_bytes,
    default_threads,
    give_back_memory,
    peak_bytes,
    single_threaded_opencv,
    total_bytes,
    wanted_threads,
)
from focusstack.execute.run import CancelSignal, Run
from focusstack.execute.workers import Held, Workers, advanced, advancing

__all__ = [
    "CancelSignal",
    "Held",
    "Run",
    "Workers",
    "advanced",
    "advancing",
    "ahead",
    "current_bytes",
    "default_threads",
    "give_back_memory",
    "peak_bytes",
    "single_threaded_opencv",
    "total_bytes",
    "wanted_threads",
]
