"""Where results go: checked before work begins, saved when it is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from focusstack.delivery import AS_IT_IS, Delivery
from focusstack.errors import OutputError, OutputExists
from focusstack.packing import Compression
from focusstack.recipe import Recipe

if TYPE_CHECKING:
    from focusstack import StackResult
    from focusstack.cli.surface import MeshWish
    from focusstack.events import Observer
    from focusstack.execute.run import CancelSignal

Kind = Literal[
    "picture", "depth", "alignment", "recipe", "sidecar", "map", "mesh", "report", "layers"
]
Save = Callable[[], list[str]]
"""Writes one output and returns its warnings."""


@dataclass(frozen=True)
class Outputs:
    """The files of a run.

    Parameters
    ----------
    picture : Path
        The fused image.
    depth, alignment, report, layers, steps : Path or None
        The depth map, the alignment as JSON, the page about the run, the frames as layers, and the
        folder of intermediate pictures.
    sidecar : Path or None
        How the picture was made, as JSON.
    recipe : (Path, Recipe) or None
        Where the settings go as TOML, and what they are.
    maps : tuple of Path
        Maps that go with the depth, each named after what it holds.
    mesh : MeshWish or None
        Where the depth goes as a mesh, and how.
    command, threads, memory : str, int or None, int or None
        What repeats the run, for the report; threads and bytes to read frames again with.
    quality, compression : int, str
        1..100, of lossy formats; and how TIFF is packed.
    delivery : Delivery
        Size, colour space and metadata of the fused image in its file.
    overwrite : bool
        Whether existing files may be replaced.
    replace_picture, replace_steps : bool
        The same, for the fused image or the intermediate pictures alone.
    """

    picture: Path
    depth: Path | None = None
    alignment: Path | None = None
    recipe: tuple[Path, Recipe] | None = None
    sidecar: Path | None = None
    maps: tuple[Path, ...] = ()
    mesh: MeshWish | None = None
    report: Path | None = None
    layers: Path | None = None
    command: str = ""
    threads: int | None = None
    memory: int | None = None
    steps: Path | None = None
    quality: int = 95
    compression: Compression = "deflate"
    delivery: Delivery = AS_IT_IS
    overwrite: bool = False
    replace_picture: bool = False
    replace_steps: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """The files in the order in which they are written."""
        return tuple(path for path, _ in self._kinds())

    def check(self, inputs: Sequence[Path]) -> None:
        """Find out before any work whether everything can be written.

        Raises
        ------
        OutputError
            If a path cannot be written, is an input, is asked for twice, or holds something.
        """
        from focusstack.steps.write import check_output

        _refuse_same(self.files)
        for path, kind in self._kinds():
            check_output(path, inputs=inputs, overwrite=self._may_replace(kind), kind=kind)
        if self.steps is not None:
            _check_steps(self.steps, inputs, self.overwrite or self.replace_steps)

    def saves(
        self, result: StackResult, observer: Observer, cancel: CancelSignal | None
    ) -> list[Save]:
        """What writes each of ``files``, in that order; what takes long tells the observer."""

        def save_report() -> list[str]:
            return self._save_report(result, observer, cancel)

        return [
            save_report if kind == "report" else self._save(result, path, kind)
            for path, kind in self._kinds()
        ]

    def _save(self, result: StackResult, path: Path, kind: Kind) -> Save:
        overwrite = self._may_replace(kind)
        if kind == "picture":
            return lambda: list(
                result.save(
                    path,
                    quality=self.quality,
                    compression=self.compression,
                    overwrite=overwrite,
                    delivery=self.delivery,
                )
            )
        if kind == "map":
            return lambda: _save_map(result, path, overwrite)
        if kind == "mesh":
            assert self.mesh is not None
            wish = self.mesh
            return lambda: wish.save(result, overwrite)
        if kind == "layers":
            return lambda: self._save_layers(result, path)
        if kind == "recipe":
            return self._save_recipe
        save = getattr(result, f"save_{kind}")
        return lambda: list(save(path, overwrite=overwrite) or [])

    def _save_recipe(self) -> list[str]:
        from focusstack.steps.write import write_recipe

        assert self.recipe is not None
        path, settings = self.recipe
        write_recipe(path, settings, overwrite=self.overwrite)
        return []

    def _save_report(
        self, result: StackResult, observer: Observer, cancel: CancelSignal | None
    ) -> list[str]:
        from focusstack.report import save_report

        assert self.report is not None
        save_report(
            result,
            self.report,
            title=self.picture.stem,
            command=self.command,
            overwrite=self.overwrite,
            threads=self.threads,
            observer=observer,
            cancel=cancel,
        )
        return []

    def _save_layers(self, result: StackResult, path: Path) -> list[str]:
        from focusstack.layers import save_layers

        return save_layers(
            result, path, overwrite=self.overwrite, threads=self.threads, memory=self.memory
        )

    def _kinds(self) -> Iterator[tuple[Path, Kind]]:
        yield self.picture, "picture"
        if self.depth is not None:
            yield self.depth, "depth"
        if self.alignment is not None:
            yield self.alignment, "alignment"
        if self.recipe is not None:
            yield self.recipe[0], "recipe"
        if self.sidecar is not None:
            yield self.sidecar, "sidecar"
        yield from ((path, "map") for path in self.maps)
        if self.mesh is not None:
            yield self.mesh.path, "mesh"
        if self.report is not None:
            yield self.report, "report"
        if self.layers is not None:
            yield self.layers, "layers"

    def _may_replace(self, kind: Kind) -> bool:
        return self.overwrite or (kind == "picture" and self.replace_picture)


def _save_map(result: StackResult, path: Path, overwrite: bool) -> list[str]:
    result.save_map(path.stem, path, overwrite=overwrite)
    return []


def _refuse_same(files: Sequence[Path]) -> None:
    seen: dict[str, Path] = {}
    for path in files:
        real = os.path.normcase(os.path.realpath(path))
        if real in seen:
            raise OutputError(f"two results would go to {path}", "give each its own name")
        seen[real] = path


def _check_steps(folder: Path, inputs: Sequence[Path], overwrite: bool) -> None:
    real = os.path.realpath(folder)
    if any(os.path.realpath(frame.parent) == real for frame in inputs):
        raise OutputError(
            f"{folder}: holds the frames, the next run would stack the intermediate pictures too",
            "name another folder for --save-steps",
        )
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is not a folder", "name another folder for --save-steps")
    if not overwrite and folder.is_dir() and any(folder.iterdir()):
        raise OutputExists(f"{folder}: holds something already", "add --overwrite")
    if folder.is_dir() and not os.access(folder, os.W_OK):
        raise OutputError(f"{folder}: may not be written to", "name another folder")
