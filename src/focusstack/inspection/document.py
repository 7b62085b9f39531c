"""A report as one JSON object."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Any

from focusstack.inspection.report import StackReport

SCHEMA_VERSION = 1
_PICTURES = ("preview", "detailed")


def as_document(report: StackReport) -> dict[str, Any]:
    """What ``focusstack inspect --json`` prints: all of the report but its pictures.

    Names and units are those of the report's attributes; docs/cli.md lists them.
    """
    fields = {name: value for name, value in vars(report).items() if name not in _PICTURES}
    plain = {name: _plain(value) for name, value in fields.items()}
    return {"schema_version": SCHEMA_VERSION, **plain}


def _plain(value: Any) -> Any:
    """Dataclasses as objects without their regions, tuples as lists."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {name: _plain(item) for name, item in vars(value).items() if name != "region"}
    return value
