"""The alignment as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from focusstack.model import ALIGNMENT_FORMAT, ALIGNMENT_VERSION, Alignment
from focusstack.steps.write.atomic import atomic_file
from focusstack.steps.write.check import check_extension


def write_alignment(
    path: Path | str, alignment: Alignment, names: Sequence[str], overwrite: bool
) -> None:
    """Write where each frame lies on the canvas.

    Parameters
    ----------
    path : path
        ``.json``; its folder must exist.
    alignment : Alignment
    names : sequence of str
        Of the frames, in the order given.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    OutputExists, UnknownFormat, OutputError
        Nothing was written then.
    """
    path = Path(path)
    check_extension(path, "alignment")
    text = json.dumps(_record(alignment, names), indent=2, ensure_ascii=False, allow_nan=False)
    with atomic_file(path, overwrite) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def _record(alignment: Alignment, names: Sequence[str]) -> dict[str, Any]:
    reasons = {item.index: item.reason for item in alignment.rejected}
    return {
        "format": ALIGNMENT_FORMAT,
        "version": ALIGNMENT_VERSION,
        "size": [int(side) for side in alignment.size],
        "reference_index": int(alignment.reference_index),
        "model": alignment.model,
        "crop": [int(value) for value in alignment.crop],
        "order": [int(index) for index in alignment.order],
        "frames": list(names),
        "transforms": [
            None if transform is None else transform.tolist() for transform in alignment.transforms
        ],
        "reasons": [reasons.get(index) for index in range(len(alignment.transforms))],
        "rejected": [
            {"index": int(item.index), "name": item.name, "reason": item.reason}
            for item in alignment.rejected
        ],
    }
