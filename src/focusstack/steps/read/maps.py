"""Maps that a run wrote, back from their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.errors import InputError


def read_map(path: Path) -> npt.NDArray[Any]:
    """A map, (H, W), in its own dtype.

    Raises
    ------
    InputError
        If there is none, or it is none.
    """
    import tifffile

    try:
        values = np.asarray(tifffile.imread(path))
    except FileNotFoundError as error:
        raise InputError(
            f"{path} does not exist", "name the folder that --maps wrote into"
        ) from error
    except (OSError, ValueError, KeyError, tifffile.TiffFileError) as error:
        raise InputError(f"{path} cannot be read as a map") from error
    if values.ndim != 2:
        raise InputError(f"{path} is no map: it has {values.ndim} axes")
    return values
