"""Frames that are dropped onto the page: checked, named, and put beside the others."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from focusstack.errors import FocusstackError, InputError, OutputError
from focusstack.steps.read import PICTURE_EXTENSIONS, FileSource
from focusstack.steps.write import move_without_clobbering
from focusstack.studio.project import Project
from focusstack.studio.security import MOST_UPLOADED

if TYPE_CHECKING:
    from focusstack.studio.app import Studio

MOST_FRAMES = 5000
"""In a project's folder, with those that are added."""
ROOM_LEFT = 1 << 30
"""Bytes that must stay free on the disk."""
LONGEST = 100
"""Characters of a name before its extension."""
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*#]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def safe_name(said: str) -> str:
    """A name for a file in the project's folder, whatever was said.

    Folders in it are dropped, and so is what some system forbids or shows as something else.

    Raises
    ------
    InputError
        If nothing is left, or it is not the name of a picture.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", said))[-1]
    plain = "".join(one for one in last if unicodedata.category(one) not in ("Cf", "Cs", "Co"))
    path = Path(_FORBIDDEN.sub("_", plain).strip(" ."))
    stem, suffix = path.stem.strip(" .")[:LONGEST].strip(" ."), path.suffix
    if not stem or suffix.lower() not in PICTURE_EXTENSIONS:
        raise InputError(f"{plain[:LONGEST] or 'a file'} is not named as a picture is")
    stem = f"_{stem}" if _DEVICES.fullmatch(stem.split(".")[0]) else stem
    return stem + suffix


async def add_frame(studio: Studio, request: Request) -> Response:
    """Take the picture that is the request's body; answers with the name that it got."""
    project, name = studio.project, safe_name(request.query_params.get("name", ""))
    _refuse_too_many(project)
    _refuse_too_large(project, int(request.headers["content-length"]))
    async with studio.one_at_a_time, _arriving(project, name) as arrived:
        await _receive(request, arrived)
        kept = await run_in_threadpool(put_beside, project, arrived, name)
        await run_in_threadpool(studio.look_for_frames)
    return JSONResponse({"name": kept}, 201)


def _refuse_too_many(project: Project) -> None:
    if project.fixed:
        raise InputError("which frames belong to this stack was found out", "edit the plan instead")
    if any("#" in path.name for path in project.frames):
        text = "this stack is in one file, to which no frames can be added"
        raise InputError(text, "put single pictures into a folder, and open that")
    if len(project.frames) >= MOST_FRAMES:
        raise InputError(f"there are {len(project.frames)} frames, which is as many as can be")


def _refuse_too_large(project: Project, size: int) -> None:
    if shutil.disk_usage(project.folder).free < size + ROOM_LEFT:
        raise OutputError("the disk is too full for that", "free some space, then add it again")


@asynccontextmanager
async def _arriving(project: Project, name: str) -> AsyncIterator[Path]:
    """A file for what arrives, which is gone afterwards."""
    folder = project.home / "arriving"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}{Path(name).suffix}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()


async def _receive(request: Request, path: Path) -> None:
    size = 0
    try:
        with path.open("xb") as file:
            async for part in request.stream():
                size += len(part)
                if size > MOST_UPLOADED:
                    raise InputError("that is too large for a picture")
                await run_in_threadpool(file.write, part)
    except ClientDisconnect as error:
        raise InputError("the picture did not arrive as a whole", "add it again") from error
    except OSError as error:
        raise OutputError(f"the picture cannot be kept: {error.strerror}") from error


def put_beside(project: Project, arrived: Path, name: str) -> str:
    """Move a picture into the project's folder, and say what it is called there.

    A picture that is there already stays the only one; another of the same name gets a number.

    Raises
    ------
    InputError
        If it is no picture that can be read.
    OutputError
        If it cannot be written there.
    """
    try:
        FileSource([arrived]).info(0)
    except FocusstackError as error:
        reason = error.message.removeprefix(f"{arrived} ")
        raise InputError(f"{name} {reason}", "add pictures only") from error
    there = project.folder / name
    if there.is_file() and _digest(there) == _digest(arrived):
        return name
    for free in _free_names(project.folder, name):
        try:
            move_without_clobbering(arrived, project.folder / free)
        except FileExistsError:
            continue
        except OSError as error:
            text = f"{project.folder} cannot be written to: {error.strerror}"
            raise OutputError(text) from error
        return free
    raise OutputError(f"there are too many files named {name}", "rename it")


def _free_names(folder: Path, name: str) -> Iterator[str]:
    """Names that nothing in the folder has; a RAW and a picture of one name are one exposure."""
    taken = {path.stem.casefold() for path in folder.iterdir()}
    stem, suffix = Path(name).stem, Path(name).suffix
    for k in range(1, MOST_FRAMES):
        free = stem if k == 1 else f"{stem}-{k}"
        if free.casefold() not in taken:
            yield free + suffix


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
