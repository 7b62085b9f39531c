"""How a picture was made: its record, out of the picture or the sidecar beside it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from focusstack.errors import InputError
from focusstack.provenance import Record, from_json, unpack
from focusstack.steps.read.files import FileSource

SIDECAR = ".focusstack.json"
# Some programs write attributes anew as elements.
_RECORD = re.compile(rb"""focusstack:Record(?:\s*=\s*["']|\s*>\s*)([A-Za-z0-9+/=]*)""")
_MOST_BYTES = 64 << 20


def read_provenance(path: str | os.PathLike[str]) -> Record:
    """The record in a picture, in the sidecar beside it, or in a sidecar that is named itself.

    Raises
    ------
    InputError
        If there is none, if it is damaged, or if a newer version wrote it.
    UnreadableFrame
        If the picture cannot be read.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        return _from_sidecar(path)
    found = _RECORD.search(FileSource([path]).read_metadata(0).xmp)
    if found:
        return unpack(found[1].decode("ascii"), str(path))
    sidecar = path.with_name(path.name + SIDECAR)
    if sidecar.is_file():
        return _from_sidecar(sidecar)
    raise InputError(
        f"{path} holds no record of how it was made",
        "focusstack writes one into every picture; editors may drop it: keep a --sidecar",
    )


def _from_sidecar(path: Path) -> Record:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path} is no sidecar: it is too large", "name the picture")
        return from_json(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist", "check its name and folder") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a sidecar: {error}") from error
