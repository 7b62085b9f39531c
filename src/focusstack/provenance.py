"""How a picture was made, as one record that goes with it: packed for XMP, or as plain JSON.

The record names files, never folders: who passes a picture on does not pass on where it was made.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from focusstack.errors import InputError
from focusstack.model import Alignment, Pixels
from focusstack.places import file_of
from focusstack.recipe import Recipe

FORMAT, VERSION = "focusstack-provenance", 1
MOST_PACKED = 48_000
"""Characters: a JPEG holds 65,502 bytes of XMP, and a camera's own may be there too."""
SHORT_PACKED = 16_000
"""The same where the camera's XMP leaves little room."""
MOST_UNPACKED = 16 << 20
_LONGEST_NAME = 255
_OPTIONAL = ("transforms", "gains")
"""What is left out first where a record gets too long: a run finds it again."""
_ORIGIN = ("recipe", "frames", "crop", "given_alignment", "picture")
_PLACED = ("size", "reference_index", "model", "order", "transforms", "rejected")
"""Of a result that is copied from; and where its frames lie, if that was given."""

Record = dict[str, Any]


def make_record(
    image: Pixels,
    recipe: Recipe,
    alignment: Alignment,
    names: Sequence[str],
    inputs: Sequence[Path],
    gains: Sequence[Sequence[float] | None],
    warnings: Sequence[str],
    given_alignment: bool,
    strokes: Sequence[Record] = (),
    copied: Mapping[int, Record] | None = None,
) -> Record:
    """Everything that it takes to make the picture again, and to know that it is the same.

    ``copied`` has, by number, the origins of results that strokes copy from.
    Reads all input files once, for their SHA-256: about 0.7 GB/s.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "software": software(),
        "recipe": asdict(recipe),
        "frames": _frames(names, inputs),
        "size": [int(side) for side in alignment.size],
        "reference_index": int(alignment.reference_index),
        "model": alignment.model,
        "given_alignment": given_alignment,
        "crop": [int(value) for value in alignment.crop],
        "order": [int(index) for index in alignment.order],
        "transforms": [None if t is None else np.asarray(t).tolist() for t in alignment.transforms],
        "gains": [None if g is None else [float(v) for v in g] for g in gains],
        "rejected": [{"index": r.index, "reason": r.reason} for r in alignment.rejected],
        "warnings": [without_folders(text, inputs) for text in warnings],
        **retouch_entries(strokes, copied or {}),
        "picture": describe_picture(image),
    }


def retouch_entries(strokes: Sequence[Record], copied: Mapping[int, Record]) -> Record:
    """What a record says of a retouch; nothing where there is none."""
    said: Record = {"retouch": list(strokes)} if strokes else {}
    origins = {str(number): origin for number, origin in copied.items()}
    return said | ({"retouch_results": origins} if origins else {})


def origin_of(record: Record, frames: Sequence[Record]) -> Record:
    """How a result was made that another one copies from, in short.

    Frames that are among the other one's ``frames`` are given by their numbers there.
    """
    places = {json.dumps(frame, sort_keys=True): k for k, frame in enumerate(frames)}
    listed = [places.get(json.dumps(one, sort_keys=True), one) for one in record["frames"]]
    wanted = _ORIGIN + (_PLACED if record.get("given_alignment") else ())
    return {name: record[name] for name in wanted if name in record} | {"frames": listed}


def from_origin(origin: object, frames: Sequence[Record], name: str) -> Record:
    """A record that a result can be made of again, from what :func:`origin_of` made.

    Raises
    ------
    InputError
        If it is damaged; the message names ``name``.
    """
    listed = origin.get("frames") if isinstance(origin, dict) else None
    if not isinstance(origin, dict) or not isinstance(listed, list):
        raise _damaged(name, "frames are missing")
    for one in listed:
        if type(one) is int and not 0 <= one < len(frames):
            raise _damaged(name, f"there is no frame {one}")
    known = [frames[one] if type(one) is int else one for one in listed]
    record = {"software": {}, **origin, "frames": known}
    _check(record, name)
    return record


def software() -> dict[str, str]:
    """Versions of what decides about pixels, and the kind of machine."""
    return {
        "focusstack": _version("focusstack"),
        "python": ".".join(map(str, sys.version_info[:3])),
        "numpy": _version("numpy"),
        "opencv": _version("opencv-python-headless"),
        "simplejpeg": _version("simplejpeg"),
        "imagecodecs": _version("imagecodecs"),
        "rawpy": _version("rawpy"),
        "pi-heif": _version("pi-heif"),
        "pyjpegxl": _version("pyjpegxl"),
        "machine": f"{sys.platform} {platform.machine()}",
    }


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def describe_picture(image: Pixels) -> Record:
    """Size, type and SHA-256 of the pixels, row by row."""
    height, width, channels = image.shape
    return {
        "width": width,
        "height": height,
        "channels": channels,
        "dtype": image.dtype.name,
        "sha256": hashlib.sha256(np.ascontiguousarray(image).data).hexdigest(),
    }


def _frames(names: Sequence[str], inputs: Sequence[Path]) -> list[Record]:
    if not inputs:
        return [{"name": name} for name in names]
    files = {file_of(path) for path in inputs}
    described = {file: _described(file) for file in files}  # once, where frames share a file
    return [{"name": path.name, **described[file_of(path)]} for path in inputs]


def _described(file: Path) -> Record:
    try:
        return {"bytes": file.stat().st_size, "sha256": hash_of(file)}
    except OSError:  # gone since it was read
        return {}


def hash_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def without_folders(text: str, inputs: Sequence[Path]) -> str:
    """The text with the names of the frames' files instead of their paths."""
    places = {*inputs, *map(file_of, inputs)}
    for path in sorted(places, key=lambda p: (-len(str(p)), str(p))):
        text = text.replace(str(path), path.name)
    return text


def pack(record: Mapping[str, Any], most: int | None = None) -> str:
    """The record as ASCII for XMP, of 48,000 or ``most`` characters; what a run finds again goes.

    Empty where no record of so many frames is short enough.
    """
    shortened = dict(record)
    for left_out in (None, *_OPTIONAL, "warnings", "rejected"):
        if left_out is not None:
            shortened.pop(left_out, None)
        plain = json.dumps(shortened, separators=(",", ":")).encode()
        packed = base64.b64encode(zlib.compress(plain, 9)).decode()
        if len(packed) <= min(MOST_PACKED, most or MOST_PACKED):
            return packed
    return ""


def unpack(packed: str, name: str) -> Record:
    """A record back from what :func:`pack` made; errors name the file it came from."""
    try:
        inflate = zlib.decompressobj()
        plain = inflate.decompress(base64.b64decode(packed, validate=True), MOST_UNPACKED)
        return from_json(plain.decode(), name)
    except (ValueError, zlib.error) as error:
        raise _damaged(name, error) from error


def from_json(text: str, name: str) -> Record:
    """A record from JSON, checked; errors name the file it came from."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(name, error) from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise InputError(f"{name} holds no record of how it was made", "it is of another program")
    version = record.get("version")
    if type(version) is not int or version < 1:
        raise _damaged(name, f"its version is {version!r}")
    if version > VERSION:
        raise InputError(
            f"the record in {name} is of version {version}, this focusstack reads {VERSION}",
            "update focusstack",
        )
    _check(record, name)
    return record


def _check(record: Record, name: str) -> None:
    """Refuse what would lead elsewhere than to files beside each other."""
    frames, recipe = record.get("frames"), record.get("recipe")
    if not isinstance(frames, list) or not isinstance(recipe, dict) or len(frames) < 2:
        raise _damaged(name, "frames or recipe are missing")
    for frame in frames:
        called = frame.get("name") if isinstance(frame, dict) else None
        if not isinstance(called, str) or called in ("", ".", "..") or "\0" in called:
            raise _damaged(name, "a frame has no name")
        if any(mark in called for mark in "/\\:") or len(called.encode()) > _LONGEST_NAME:
            raise _damaged(name, "a frame's name leads to another folder")
    for part in ("picture", "software"):
        if not isinstance(record.get(part), dict):
            raise _damaged(name, f"{part} is missing")
    sides = [record["picture"].get(side) for side in ("width", "height")]
    if not all(type(side) is int and side > 0 for side in sides):
        raise _damaged(name, "the picture has no size")
    for part in ("order", *_OPTIONAL):  # shortened records lack some
        per_frame = record.get(part, frames)
        if not isinstance(per_frame, list) or len(per_frame) != len(frames):
            raise _damaged(name, f"{part} and frames do not fit together")


def _damaged(name: str, why: object) -> InputError:
    return InputError(
        f"the record in {name} is damaged: {str(why)[:80]}", "use the sidecar, if there is one"
    )
