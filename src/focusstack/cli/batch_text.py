"""What ``focusstack batch`` says about groups and results, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from focusstack.cli.speech import printable

if TYPE_CHECKING:
    from focusstack.batch import Found, Group, Made

WIDEST = 32


def found_lines(found: Found) -> list[str]:
    """A table of all groups: what is to be stacked, from which pictures, why and how surely."""
    width = max([5, *(min(WIDEST, len(group.name)) for group in found.groups)])
    head = f"{'':5}  {'group':{width}}  {'frames':>6}  {'kind':8}  {'sure':>5}  pictures"
    rows = [line for group in found.groups for line in _rows(group, width)]
    stacks = len(found.wanted)
    frames = sum(len(group.frames) for group in found.wanted)
    return [head, *rows, "", f"{stacks} of {len(found.groups)} groups to stack, {frames} frames"]


def _rows(group: Group, width: int) -> Iterator[str]:
    state = "stack" if group.wanted else "-"
    name = printable(group.name)
    first, last = (printable(path.name) for path in (group.frames[0], group.frames[-1]))
    span = first if len(group.frames) == 1 else f"{first} .. {last}"
    yield (
        f"{state:5}  {name:{width}}  {len(group.frames):6}  {group.kind:8}  "
        f"{100 * group.sure:4.0f}%  {span}"
    )
    if not group.wanted or group.sure < 0.8:
        yield f"{'':5}  {'':{width}}  ({group.why})"


def tally(made: Sequence[Made], page: str) -> list[str]:
    """How the batch went; ``page`` shows it, or is empty if it could not be written."""
    done = [one for one in made if one.outcome.state == "done"]
    before = sum(one.kept for one in done)
    failed = [one for one in made if one.outcome.state == "failed"]
    kept = f", {before} of them before" if before else ""
    lines = [f"{'stacks':<10} {len(done)} of {len(made)} made{kept}"]
    lines += [f"{'failed':<10} {one.job.name}: {one.outcome.error}" for one in failed]
    return [*lines, f"{'index':<10} {page}"] if page else lines
