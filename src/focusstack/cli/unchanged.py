"""Whether a picture is still the one that its record speaks of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from focusstack.cli.speech import Voice

if TYPE_CHECKING:
    from focusstack.provenance import Record

LOSSLESS = (".png", ".tif", ".tiff")


def warn_if_changed(record: Record, result: Path, voice: Voice) -> bool:
    """Warn of a picture that was changed after it was made; True if it has another size now.

    Of lossless formats that hold the pixels as they were fused every pixel is compared, of others
    the size only. Sidecars say nothing about the picture beside them.
    """
    from focusstack.provenance import describe_picture
    from focusstack.steps.read import open_source

    if result.suffix.lower() == ".json":
        return False
    then, source = {**record["picture"], **written(record)}, open_source(result)
    info = source.info(0)
    if (info.width, info.height) != (then["width"], then["height"]):
        voice.warn(
            f"{result} is {info.width} x {info.height} pixels now, {then['width']} x "
            f"{then['height']} when it was made: it was cropped or scaled"
        )
        return True
    if written(record):
        return False  # what was written is not what was fused, and has no hash
    if result.suffix.lower() not in LOSSLESS or info.dtype.name != then.get("dtype"):
        return False
    if describe_picture(source.read(0).pixels)["sha256"] != then.get("sha256"):
        voice.warn(f"{result} has been edited since it was made: its pixels are others")
    return False


def written(record: Record) -> dict[str, int]:
    """Size of the file's picture where it was written at another one, or in other colours."""
    said = record.get("written")
    sides = said if isinstance(said, dict) else {}
    known = {name: sides.get(name) for name in ("width", "height")}
    return {name: side for name, side in known.items() if type(side) is int and side > 0}
