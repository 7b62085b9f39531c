"""Results that are looked at: kept open, with what strokes on them copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from focusstack.errors import InputError
from focusstack.model import Pixels
from focusstack.pipeline import PREVIEW_PIXELS, open_frames
from focusstack.recipe import Recipe
from focusstack.retouch import Painting, Picture, Stroke, picture_of
from focusstack.retouched import (
    AlignedSource,
    Origins,
    Read,
    check_canvas,
    repaired,
    whole_frames,
)
from focusstack.steps.read import reduction
from focusstack.studio.frames import FrameViews
from focusstack.studio.levels import level_count, shown_picture
from focusstack.studio.project import Project, read_version
from focusstack.studio.versions import VersionViews


class Shelf:
    """The results of a project; safe to use from several threads."""

    def __init__(self, project: Project, frames: FrameViews) -> None:
        self._project, self._frames = project, frames
        self._open: dict[int, tuple[int, VersionViews]] = {}
        self._sources: dict[int, tuple[VersionViews, AlignedSource]] = {}
        self._paintings: dict[int, tuple[VersionViews, Painting]] = {}

    def views(self, number: int) -> VersionViews:
        """A result.

        Raises
        ------
        InputError
            If there is none of that number, or none any more.
        """
        folder = self._project.version_folder(number)
        try:
            state = (folder / "version.json").stat().st_mtime_ns
        except OSError as error:
            raise InputError(f"there is no result {number}", "load the page again") from error
        known = self._open.get(number)
        if known is None or known[0] != state:
            version = read_version(folder)
            if version is None:
                raise InputError(f"there is no result {number}", "load the page again")
            known = state, VersionViews(folder, version)
            self._open[number] = known
        return known[1]

    def frames(self, views: VersionViews) -> AlignedSource:
        """A result's frames as the page shows them: 8 bits, sRGB, without the sensor's defects."""
        kept = self._sources.get(views.version.number)
        if kept is None or kept[0] is not views:
            kept = views, AlignedSource(self._reader(views), views.alignment, views.gains)
            self._sources[views.version.number] = kept
        return kept[1]

    def painting(self, views: VersionViews) -> Painting | None:
        """Its strokes as the page shows them; None where there are none.

        Those that copy from a result that is gone are left out, which the page says elsewhere.
        """
        alike = self.alike(views) if any(one.result for one in views.strokes) else set()
        strokes = [one for one in views.strokes if one.result is None or one.result in alike]
        if not strokes:
            return None
        kept = self._paintings.get(views.version.number)
        painting = self._fresh(views) if kept is None or kept[0] is not views else kept[1]
        painting = painting.follow(strokes)
        self._paintings[views.version.number] = views, painting
        return painting

    def alike(self, views: VersionViews) -> set[int]:
        """Numbers of the other results that it can be painted from."""
        others = [one for one in self._project.versions if one.number != views.version.number]
        found = (self.views(one.number) for one in others)
        return {one.version.number for one in found if one.canvas == views.canvas}

    def check_copied(self, views: VersionViews, number: object) -> None:
        """Refuse a result that cannot be painted from.

        Raises
        ------
        InputError
        """
        if type(number) is not int:
            return  # no result is named, or none that strokes know
        if number == views.version.number:
            raise InputError("a result cannot be painted from itself", "choose another one")
        check_canvas(number, self.views(number).canvas, views.canvas)

    def gone(self, views: VersionViews) -> list[int]:
        """Numbers of results that strokes copy from, but which are not there any more."""
        wanted = {one.result for one in views.strokes if one.result is not None}
        return sorted(wanted - self.alike(views)) if wanted else []

    def origins(self, views: VersionViews, strokes: tuple[Stroke, ...]) -> Origins:
        """What strokes copy, in its own depth and colours.

        Raises
        ------
        InputError
            If a frame or a result is gone.
        """
        frames = open_frames(
            self.paths(views), Recipe.from_dict(views.record["recipe"]), lambda _said: None
        )
        source = whole_frames(frames, views.alignment, views.gains, views.defects)
        return Origins(
            source,
            {n: picture_of(other.fused()) for n, other in self.copied(views, strokes).items()},
        )

    def copied(self, views: VersionViews, strokes: tuple[Stroke, ...]) -> dict[int, VersionViews]:
        """The results that strokes copy from, by number."""
        numbers = sorted({one.result for one in strokes if one.result is not None})
        for number in numbers:
            if number in self.gone(views):
                raise InputError(
                    f"strokes copy from result {number}, which is gone",
                    "undo them, or put its folder back",
                )
        return {number: self.views(number) for number in numbers}

    def places(self, views: VersionViews) -> list[int]:
        """Where a result's frames are among the project's."""
        names = [path.name for path in self._project.frames]
        gone = [name for name in views.version.frames if name not in names]
        if gone:
            raise InputError(f"the frame {gone[0]} is gone", "put it back, and load the page again")
        return [names.index(name) for name in views.version.frames]

    def paths(self, views: VersionViews) -> list[Path]:
        """The files of a result's frames."""
        return [self._project.frames[place] for place in self.places(views)]

    def _fresh(self, views: VersionViews) -> Painting:
        version = views.version
        origins = Origins(self.frames(views), _Pictures(lambda n: _shown(self.views(n))))
        return Painting((version.width, version.height), _shown(views), origins)

    def _reader(self, views: VersionViews) -> Read:
        places = self.places(views)

        def read(number: int, scale: int) -> tuple[Pixels, int]:
            """A frame, repaired, at about 1/scale; and the reduction that it comes at."""
            place = places[number]
            width, height = self._frames.size(place)
            small = reduction(width * height, PREVIEW_PIXELS) if views.version.preview else 1
            most = 1 << (level_count(width, height) - 1)
            whole = min(small * scale, most)
            pixels = self._frames.level(place, whole.bit_length() - 1)
            return repaired(pixels, views.defects, (width, height), whole), whole // small

        return read


class _Pictures(dict[int, Picture]):
    """Pictures of results, opened when they are asked for."""

    def __init__(self, make: Callable[[int], Picture]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, number: int) -> Picture:
        self[number] = self._make(number)
        return self[number]


def _shown(views: VersionViews) -> Picture:
    version = views.version
    return shown_picture(views.folder, level_count(version.width, version.height))
