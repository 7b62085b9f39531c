"""Fixtures that several files of tests use."""

from __future__ import annotations

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
