"""All stacks below a folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from focusstack.batch.groups import Found, Group
from focusstack.batch.kinds import Kind
from focusstack.batch.splitting import Shoot, Splitting, split_folder
from focusstack.batch.walk import folders_with_pictures
from focusstack.errors import FocusstackError, InputError
from focusstack.events import Observer, ignore
from focusstack.execute import CancelSignal, Run, single_threaded_opencv, wanted_threads
from focusstack.steps.read import places_in

LOOKED_AT = 4000
"""With more pictures than this only a few of each shoot are looked at."""
SURE_ENOUGH = 0.5
"""A stack of which one is less sure is not stacked unasked."""
SEVERAL = frozenset({".tif", ".tiff"})


def find_stacks(
    root: Path,
    how: Splitting | None = None,
    *,
    output: Path | None = None,
    observer: Observer = ignore,
    cancel: CancelSignal | None = None,
    threads: int | None = None,
) -> Found:
    """Find the focus stacks below a folder.

    Parameters
    ----------
    root : Path
    how : Splitting, optional
        How stacks that share a folder are told apart; by default by headers and content.
    output : Path, optional
        A folder that is not looked into: where results go.
    observer, cancel, threads
        As for :func:`focusstack.stack`.

    Returns
    -------
    Found
        Every group of pictures; those that are no focus stacks are not ``wanted``.

    Raises
    ------
    InputError
        If the root is no folder, or holds no pictures at all.

    Notes
    -----
    Reads every header (half a millisecond) and decodes every picture reduced (30 ms for a JPEG of
    24 MP), or twelve of each shoot where there are more than 4000. Memory: 10 kB per picture that
    is looked at, of one folder at a time, and 1 kB per picture for its header.
    """
    how = how or Splitting()
    run = Run(observer, cancel, wanted_threads(threads))
    folders = list(folders_with_pictures(root, output, run.warn))
    count = sum(len(pictures) for _, pictures in folders)
    if not count:
        raise InputError(f"{root}: no pictures in there", "name the folder that holds the stacks")
    unusable: list[tuple[Path, str]] = []
    groups: list[Group] = []
    with single_threaded_opencv(), run.step("look", count) as advance:
        for folder, pictures in folders:
            singles, several = _apart(pictures)
            groups += [_whole_file(root, places, how) for places in several]
            shoots = split_folder(
                singles,
                how,
                how.look and count <= LOOKED_AT,
                run.threads,
                advance,
                lambda path, why: unusable.append((path, why)),
            )
            groups += _named(root, folder, shoots, how)
            for _ in several:
                advance()
    return Found(root, tuple(_unique(groups)), tuple(unusable))


def _apart(pictures: Sequence[Path]) -> tuple[list[Path], list[list[Path]]]:
    """Pictures, and the pages of files that are stacks by themselves."""
    numbered = [path for path in pictures if not path.exists()]  # named FILE#N: alone in its folder
    if numbered:
        return [], [numbered]
    singles: list[Path] = []
    several: list[list[Path]] = []
    for path in pictures:
        places = _places(path) if path.suffix.lower() in SEVERAL else [path]
        if len(places) > 1:
            several.append(places)
        else:
            singles.append(path)
    return singles, several


def _places(path: Path) -> list[Path]:
    try:
        return places_in(path)
    except FocusstackError:
        return [path]


def _whole_file(root: Path, places: list[Path], how: Splitting) -> Group:
    """A file of several pages: whoever put them there knew that they belong together."""
    file = places[0].with_name(places[0].name.rpartition("#")[0])
    name = "_".join((*file.relative_to(root).parts[:-1], file.stem))
    return Group(name, tuple(places), "stack", 0.9, "the pages of one file")


def _named(root: Path, folder: Path, shoots: Sequence[Shoot], how: Splitting) -> list[Group]:
    """Groups named after their folder, numbered where it holds several."""
    base = "_".join(folder.relative_to(root).parts) or root.resolve().name or "stack"
    digits = max(2, len(str(len(shoots))))
    groups = []
    for k, shoot in enumerate(shoots, 1):
        part = shoot.name or (f"{k:0{digits}d}" if len(shoots) > 1 else "")
        name = re.sub(r"[^\w.\- ]", "_", f"{base}_{part}" if part else base)
        kind = shoot.kind
        groups.append(
            Group(
                name,
                shoot.paths,
                kind.name,
                round(min(kind.sure, shoot.sure), 2),
                kind.why,
                _is_wanted(kind, how),
            )
        )
    return groups


def _is_wanted(kind: Kind, how: Splitting) -> bool:
    """A person who said what belongs together wants it stacked, unless it is but one picture."""
    if how.by != "content" or not how.look:
        return kind.name != "single"
    return kind.name == "stack" and kind.sure >= SURE_ENOUGH


def _unique(groups: Sequence[Group]) -> list[Group]:
    """Names that differ, whatever the case of their letters."""
    from dataclasses import replace

    taken: set[str] = set()
    named = []
    for group in groups:
        name, k = group.name, 2
        while name.casefold() in taken:
            name, k = f"{group.name}-{k}", k + 1
        taken.add(name.casefold())
        named.append(replace(group, name=name))
    return named
