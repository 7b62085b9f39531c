"""Fixtures that several files of tests use."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from focusstack import kernels


@pytest.fixture(params=[True, False], ids=["fast", "plain"])
def rows(request) -> Iterator[bool]:
    """Both instruction sets; skipped where this CPU has only one."""
    got = kernels.use_fast_rows(request.param)
    if got != request.param:
        pytest.skip("this CPU has no AVX2")
    yield request.param
    kernels.use_fast_rows(True)


@pytest.fixture(scope="session", autouse=True)
def signals_as_in_a_shell() -> Iterator[None]:
    """Signals as a person's shell sets them.

    Under nohup or in the background some are ignored, which processes inherit and focusstack
    respects.
    """
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    if hasattr(signal, "SIGHUP"):
        usual[signal.SIGHUP] = signal.SIG_DFL
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session", autouse=True)
def as_urgent_as_the_others() -> Iterator[None]:
    """Work that gives way to others would slow down all tests that follow it in its process."""
    with pytest.MonkeyPatch.context() as patch:
        if hasattr(os, "nice"):
            patch.setattr(os, "nice", lambda _by: 0)
        yield
