"""Telling ICC profiles apart."""

from __future__ import annotations

import hashlib


def profile_key(icc: bytes) -> str:
    """A short hash; empty for no profile."""
    return hashlib.sha256(icc).hexdigest()[:16] if icc else ""
