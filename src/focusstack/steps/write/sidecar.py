"""How a picture was made, as a file beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from focusstack.steps.write.atomic import atomic_file
from focusstack.steps.write.check import check_extension


def write_sidecar(path: Path, record: Mapping[str, Any], *, overwrite: bool) -> None:
    """Write a record of :mod:`focusstack.provenance` as JSON; ``path`` ends in ``.json``.

    Raises
    ------
    OutputExists, UnknownFormat, OutputError
        Nothing was written then.
    """
    check_extension(path, "sidecar")
    text = json.dumps(record, indent=1, ensure_ascii=False)
    with atomic_file(path, overwrite) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
