"""The sensor's defects with a result, so that frames that are painted from are repaired alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from focusstack.errors import InputError
from focusstack.steps.clean import Defects, Dust, Fill

NAME = "defects.npz"
_FILL = ("bad", "good", "channels", "weights")


def write_defects(folder: Path, defects: Defects) -> None:
    """Write them into a result's folder; nothing where there are none."""
    if not defects:
        return
    arrays: dict[str, Any] = {}
    for k, fill in enumerate(defects.pixels):
        arrays |= {f"fill-{k}-{name}": getattr(fill, name) for name in _FILL}
    for k, spot in enumerate(defects.dust):
        arrays |= {f"dust-{k}-at": np.array([spot.x, spot.y]), f"dust-{k}-dip": spot.dip}
    np.savez(folder / NAME, **arrays)


def read_defects(folder: Path) -> Defects:
    """What was written, to the last bit.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    path = folder / NAME
    if not path.is_file():
        return Defects()
    try:
        with np.load(path) as found:
            return _defects(dict(found))
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path} is damaged", "stack again") from error


def _defects(arrays: dict[str, Any]) -> Defects:
    fills: list[Fill] = []
    dust: list[Dust] = []
    while f"fill-{len(fills)}-bad" in arrays:
        fills.append(Fill(*(arrays[f"fill-{len(fills)}-{name}"] for name in _FILL)))
    while f"dust-{len(dust)}-at" in arrays:
        x, y = arrays[f"dust-{len(dust)}-at"].tolist()
        dust.append(Dust(x, y, arrays[f"dust-{len(dust)}-dip"]))
    return Defects(tuple(fills), tuple(dust))
