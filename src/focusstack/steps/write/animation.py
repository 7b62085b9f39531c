"""Pictures that move: WebP and GIF, 8 bits, for ever."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from focusstack.errors import OutputError
from focusstack.model import Pixels
from focusstack.steps.write.atomic import atomic_file
from focusstack.steps.write.check import check_extension

_QUALITY = 85
"""Of WebP."""


def write_animation(
    path: Path, pictures: Iterable[Pixels], seconds: float, overwrite: bool = False
) -> None:
    """Write pictures that follow one another without end.

    Parameters
    ----------
    path : path
        ``.webp`` (lossy) or ``.gif`` (256 colours); its folder must exist.
    pictures : uint8 (H, W, 3), sRGB, all of one size
    seconds : float
        That each is shown.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    OutputExists, UnknownFormat, OutputError
        Nothing was written then.

    Notes
    -----
    Holds all pictures while it encodes.
    """
    from PIL import Image

    extension = check_extension(path, "animation")
    first, *others = (Image.fromarray(one) for one in pictures)
    options = {"quality": _QUALITY, "method": 2} if extension == ".webp" else {"optimize": False}
    with atomic_file(path, overwrite) as temporary:
        try:
            first.save(
                temporary,
                format=extension[1:].upper(),
                save_all=True,
                append_images=others,
                duration=round(1000 * seconds),
                loop=0,
                **options,
            )
        except (ValueError, KeyError) as error:
            raise OutputError(
                f"{path} cannot be encoded: {error}", "try the other format"
            ) from error
