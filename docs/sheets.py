"""Pictures beside one another, with their names."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
BAR = 24


def reduced(picture: Picture, width: int) -> Picture:
    height = round(picture.shape[0] * width / picture.shape[1])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def row(*labelled: tuple[str, Picture]) -> Picture:
    """Pictures of one height side by side, each with its name below."""
    parts = []
    for name, picture in labelled:
        bar = np.full((BAR, picture.shape[1], 3), 32, np.uint8)
        font, grey = cv2.FONT_HERSHEY_SIMPLEX, (230, 230, 230)
        cv2.putText(bar, name, (6, 17), font, 0.45, grey, 1, cv2.LINE_AA)
        parts += [np.vstack([picture, bar]), np.full((picture.shape[0] + BAR, 4, 3), 255, np.uint8)]
    return np.hstack(parts[:-1])


def sheet(steps: list[tuple[str, Picture]], columns: int, width: int) -> Picture:
    """Numbered pictures in rows, each as wide as that."""
    cells = [(f"{k}. {text}", reduced(seen, width)) for k, (text, seen) in enumerate(steps, 1)]
    cells += [("", np.full_like(cells[0][1], 255))] * (-len(cells) % columns)
    return np.vstack([row(*cells[k : k + columns]) for k in range(0, len(cells), columns)])
