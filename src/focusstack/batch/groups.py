"""Stacks that were found, and what is to become of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Group:
    """Pictures that belong together.

    Attributes
    ----------
    name : str
        Of the stack, made of folders' names; unique in its batch.
    frames : tuple of Path
        As found below the root, in the order in which they are stacked.
    kind, sure, why : str, float, str
        One of KINDS, how sure that is (0..1), and what speaks for it.
    wanted : bool
        Whether it is to be stacked.
    settings : mapping
        Of the recipe, where this stack's differs from the batch's.
    output : str
        Name of the fused image below the output folder; empty: made from the template.
    """

    name: str
    frames: tuple[Path, ...]
    kind: str
    sure: float
    why: str
    wanted: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)
    output: str = ""


@dataclass(frozen=True)
class Found:
    """All groups below a root, and the files that are no frames, with reasons."""

    root: Path
    groups: tuple[Group, ...]
    unusable: tuple[tuple[Path, str], ...] = ()

    @property
    def wanted(self) -> tuple[Group, ...]:
        """The groups that are to be stacked."""
        return tuple(group for group in self.groups if group.wanted)
