"""One folder's pictures, split into shoots."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from focusstack.batch.cuts import Cut, cuts_between
from focusstack.batch.glimpse import Glimpse, take_glimpse
from focusstack.batch.kinds import Kind, kind_of
from focusstack.batch.sequence import in_sequence
from focusstack.batch.shots import Shot, read_shot
from focusstack.batch.views import compare
from focusstack.errors import FocusstackError, RecipeError
from focusstack.execute import ahead
from focusstack.steps.read import natural_key, open_source

SAMPLED = 12
"""Pictures of a group that are looked at where there are too many to look at all."""


@dataclass(frozen=True)
class Splitting:
    """How stacks are told apart.

    Attributes
    ----------
    by : {"content", "folder", "count", "pattern"}
        By times, headers and what the pictures show; one stack per folder; so many pictures each;
        or by what a regular expression finds in their names.
    gap : float or None
        Seconds that always are a pause.
    count : int
        Pictures of a stack.
    pattern : str
        The regular expression; its groups, or all that it matches, name the stack.
    look : bool
        Whether pictures are decoded, reduced, to see what they show.
    """

    by: str = "content"
    gap: float | None = None
    count: int = 0
    pattern: str = ""
    look: bool = True

    def __post_init__(self) -> None:
        if self.by == "count" and self.count < 2:
            raise RecipeError(f"a stack of {self.count} pictures", "use 2 or more")
        if self.by == "pattern":
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise RecipeError(f"{self.pattern!r} is no regular expression: {error}") from error


@dataclass(frozen=True)
class Shoot:
    """Pictures that belong together, what they are, and how sure it is where they begin and end."""

    paths: tuple[Path, ...]
    kind: Kind
    sure: float
    name: str = ""


def split_folder(
    pictures: Sequence[Path],
    how: Splitting,
    look: bool,
    threads: int,
    advance: Callable[[], None],
    unusable: Callable[[Path, str], None],
) -> list[Shoot]:
    """The shoots among one folder's pictures, in order.

    ``look`` tells whether every picture is looked at, else a few of each shoot; ``advance`` is
    called once for every picture, ``unusable`` with those that cannot be read.
    """
    shots: list[Shot] = []
    for path in pictures:
        shot = read_shot(path)
        if isinstance(shot, Shot):
            shots.append(shot)
        else:
            unusable(shot.path, shot.reason)
            advance()
    if how.by == "content":
        return _by_content(in_sequence(shots), how, look, threads, advance, unusable)
    parts = _PARTS[how.by](shots, how)
    return [_judged(part, how, threads, advance, 1.0, name) for name, part in parts.items() if part]


def _in_one(shots: Sequence[Shot], _how: Splitting) -> dict[str, list[Shot]]:
    return {"": list(shots)}


def _by_count(shots: Sequence[Shot], how: Splitting) -> dict[str, list[Shot]]:
    parts = [list(shots[i : i + how.count]) for i in range(0, len(shots), how.count)]
    return {str(k): part for k, part in enumerate(parts, 1)}


def _by_pattern(shots: Sequence[Shot], how: Splitting) -> dict[str, list[Shot]]:
    parts: dict[str, list[Shot]] = {}
    for shot in shots:
        found = re.search(how.pattern, shot.path.name)
        if found:
            named = [text for text in found.groups() if text]
            parts.setdefault("_".join(named) or found[0], []).append(shot)
    return parts


_PARTS = {"folder": _in_one, "count": _by_count, "pattern": _by_pattern}


def _by_content(
    shots: list[Shot],
    how: Splitting,
    look: bool,
    threads: int,
    advance: Callable[[], None],
    unusable: Callable[[Path, str], None],
) -> list[Shoot]:
    if not look:
        cuts = cuts_between(shots, gap=how.gap)
        return [
            _judged(shots[a:b], how, threads, advance, _sure(cuts, a, b))
            for a, b in _ranges(cuts, len(shots))
        ]
    seen = _glimpses(shots, threads, advance, unusable)
    shots, glimpses = [shot for shot, _ in seen], [one for _, one in seen]
    views = [compare(a, b) for a, b in pairwise(glimpses)]
    cuts = cuts_between(shots, views, glimpses, how.gap)
    return [
        Shoot(
            tuple(shot.path for shot in shots[a:b]),
            kind_of(shots[a:b], glimpses[a:b], views[a : b - 1]),
            _sure(cuts, a, b),
        )
        for a, b in _ranges(cuts, len(shots))
    ]


def _ranges(cuts: Sequence[Cut], count: int) -> list[tuple[int, int]]:
    """First and behind last of each shoot."""
    ends = [i + 1 for i, cut in enumerate(cuts) if cut.ends]
    return [(a, b) for a, b in zip([0, *ends], [*ends, count], strict=True) if b > a]


def _sure(cuts: Sequence[Cut], first: int, behind: int) -> float:
    """How sure it is that a shoot begins and ends there and nowhere between."""
    return min((cut.sure for cut in cuts[max(0, first - 1) : behind]), default=1.0)


def _judged(
    shots: Sequence[Shot],
    how: Splitting,
    threads: int,
    advance: Callable[[], None],
    sure: float,
    name: str = "",
) -> Shoot:
    """A shoot whose limits are known; a few of its pictures tell what it is."""
    ordered = sorted(shots, key=lambda shot: natural_key(shot.path))
    some = _spread(ordered) if how.look else []
    seen = _glimpses(some, threads, _nothing, lambda _path, _why: None)
    glimpses = [one for _, one in seen]
    views = [compare(a, b) for a, b in pairwise(glimpses)]
    looked = len(glimpses) > 1
    kind = kind_of(ordered, glimpses if looked else None, views if looked else None)
    for _ in ordered:
        advance()
    return Shoot(tuple(shot.path for shot in ordered), kind, sure, name)


def _spread(shots: Sequence[Shot]) -> list[Shot]:
    """At most SAMPLED of them, from the first to the last."""
    if len(shots) <= SAMPLED:
        return list(shots)
    return [shots[round(k * (len(shots) - 1) / (SAMPLED - 1))] for k in range(SAMPLED)]


def _glimpses(
    shots: Sequence[Shot],
    threads: int,
    advance: Callable[[], None],
    unusable: Callable[[Path, str], None],
) -> list[tuple[Shot, Glimpse]]:
    """All pictures that can be decoded, each looked at."""
    frames = open_source([shot.path for shot in shots]) if shots else None

    def look(index: int) -> Glimpse | FocusstackError:
        """A glimpse of a picture, or why there is none."""
        assert frames is not None
        try:
            return take_glimpse(frames, index)
        except FocusstackError as error:
            return error

    seen = []
    for index, one in ahead(look, range(len(shots)), threads):
        if isinstance(one, Glimpse):
            seen.append((shots[index], one))
        else:
            unusable(shots[index].path, one.message)
        advance()
    return seen


def _nothing() -> None:
    """Progress that is not told."""
