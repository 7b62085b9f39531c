"""One stack of a batch, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from focusstack.packing import Compression
from focusstack.recipe import Recipe

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
