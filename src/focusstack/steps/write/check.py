"""Whether a result can be written, asked before the work starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from focusstack.errors import OutputError, UnknownFormat
from focusstack.places import RAW_EXTENSIONS, file_of
from focusstack.steps.write import layered
from focusstack.steps.write.atomic import exists_already, scratch_file, write_failure

Kind = Literal[
    "picture",
    "depth",
    "alignment",
    "recipe",
    "sidecar",
    "map",
    "mesh",
    "report",
    "layers",
    "animation",
]
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "picture": (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".avif", ".dng"),
    "depth": (".tif", ".tiff", ".png"),
    "alignment": (".json",),
    "recipe": (".toml",),
    "sidecar": (".json",),
    "map": (".tif", ".tiff"),
    "mesh": (".glb", ".ply"),
    "report": (".html", ".htm"),
    "layers": (".tif", ".tiff"),
    "animation": (".webp", ".gif"),
}
_NAMES = {
    "picture": "the fused image",
    "depth": "the depth map",
    "alignment": "the alignment",
    "recipe": "the recipe",
    "sidecar": "the sidecar",
    "map": "a map",
    "mesh": "the mesh",
    "report": "the report",
    "layers": "layers",
    "animation": "an animation",
}


def check_output(
    path: Path | str, *, inputs: Sequence[Path | str], overwrite: bool, kind: Kind
) -> None:
    """Refuse a destination that would fail later; creates its folder.

    Parameters
    ----------
    path : path
        Where a result is to be written.
    inputs : sequence of paths
        Files that must stay untouched.
    overwrite : bool
        Whether an existing file may be replaced.
    kind : {"picture", "depth", "alignment", "recipe", "sidecar", "map",
        "report", "layers", "animation"}
        What will be written there.

    Raises
    ------
    UnknownFormat
        If the extension names no format for this kind; the hint lists those that do.
    OutputExists
        If something is there and ``overwrite`` is False.
    OutputError
        If it is a folder or one of the inputs, or the folder cannot be created or written to.
    """
    path = Path(path)
    extension = check_extension(path, kind)
    if extension == ".dng":
        _check_all_raw(path, inputs)
    if kind == "layers":
        layered.library()
    if path.is_dir():
        raise OutputError(f"{path} is a folder", "name a file in it")
    _check_no_input(path, inputs)
    if path.exists() and not overwrite:
        raise exists_already(path)
    _check_folder(path)


def check_extension(path: Path, kind: Kind) -> str:
    """The extension in lower case, if it names a format for this kind of result."""
    extension = path.suffix.lower()
    if extension not in EXTENSIONS[kind]:
        known = ", ".join(EXTENSIONS[kind])
        what = f"{extension} names no format" if extension else "there is no extension"
        raise UnknownFormat(f"{path}: {what} for {_NAMES[kind]}", f"use {known}")
    return extension


def _check_all_raw(path: Path, inputs: Sequence[Path | str]) -> None:
    for item in inputs:
        if Path(item).suffix.lower() not in RAW_EXTENSIONS:
            raise OutputError(
                f"{path}: a .dng is made of RAW frames, but {Path(item).name} is a picture",
                "write a .tif",
            )


def _check_no_input(path: Path, inputs: Sequence[Path | str]) -> None:
    resolved = path.resolve()
    for item in inputs:
        frame = file_of(Path(item))
        twins = path.exists() and frame.exists() and path.samefile(frame)
        if twins or resolved == frame.resolve():
            raise OutputError(f"{path} is one of the frames", "choose another name")


def _check_folder(path: Path) -> None:
    """Really write beside the destination: permissions alone don't tell on every file system."""
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputError(f"{folder} is not a folder", "choose another one") from error
    except OSError as error:
        raise write_failure(folder, error) from error
    with scratch_file(path) as probe:
        probe.write_bytes(b"focusstack")
