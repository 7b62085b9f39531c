"""An alignment back from the JSON file that a run wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from focusstack.errors import InputError
from focusstack.model import (
    ALIGNMENT_FORMAT,
    ALIGNMENT_VERSION,
    Alignment,
    Rejection,
    Transform,
)

_HINT = "give a file that --alignment or save_alignment() wrote"


def read_alignment(path: str | os.PathLike[str]) -> Alignment:
    """Read where the frames of an earlier run lie.

    Parameters
    ----------
    path : path
        A file that :meth:`StackResult.save_alignment` or ``--alignment`` wrote.

    Returns
    -------
    Alignment
        Transforms and size as they were, to the last bit.

    Raises
    ------
    InputError
        If there is no such file, if it is no alignment or a damaged one, or if a newer version of
        focusstack wrote it.
    """
    record = _record(Path(path))
    if not isinstance(record, dict) or record.get("format") != ALIGNMENT_FORMAT:
        raise InputError(f"{path} is not an alignment file", _HINT)
    version = record.get("version")
    if isinstance(version, int) and version > ALIGNMENT_VERSION:
        raise InputError(
            f"{path} is of version {version}, this focusstack reads {ALIGNMENT_VERSION}",
            "update focusstack, or align the frames anew",
        )
    try:
        return alignment_from(record)
    except ValueError as error:
        raise InputError(f"{path}: the alignment is damaged ({error})", _HINT) from error


def alignment_from(record: dict[str, Any]) -> Alignment:
    """The alignment in a record of size, crop, transforms, order and what was left out.

    Raises
    ------
    ValueError
        If something is missing, or contradicts something else.
    """
    try:
        return _checked(_alignment(record))
    except (KeyError, TypeError, IndexError, OverflowError) as error:
        raise ValueError(str(error)) from error


def _record(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", _HINT) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not an alignment file", _HINT) from error


def _alignment(record: dict[str, Any]) -> Alignment:
    width, height = (int(side) for side in record["size"])
    x, y, across, down = (int(value) for value in record["crop"])
    return Alignment(
        tuple(None if t is None else _transform(t) for t in record["transforms"]),
        int(record["reference_index"]),
        (x, y, across, down),
        tuple(
            Rejection(int(r["index"]), str(r["name"]), str(r["reason"])) for r in record["rejected"]
        ),
        tuple(int(i) for i in record["order"]),
        str(record["model"]),
        (width, height),
    )


def _transform(rows: Any) -> Transform:
    matrix = np.array(rows, np.float64)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-6:
        raise ValueError("a transform is not an invertible 3x3 matrix")
    return matrix


def _checked(alignment: Alignment) -> Alignment:
    """The alignment, if its parts agree with each other."""
    count = len(alignment.transforms)
    if sorted(alignment.order) != list(range(count)):
        raise ValueError("the order is not one of all frames")
    if not 0 <= alignment.reference_index < count:
        raise ValueError("there is no reference frame")
    if alignment.transforms[alignment.reference_index] is None:
        raise ValueError("the reference frame is left out")
    left_out = [i for i, t in enumerate(alignment.transforms) if t is None]
    if sorted(r.index for r in alignment.rejected) != left_out:
        raise ValueError("frames are left out without a reason")
    return alignment
