"""``focusstack explain``: which frames a pixel of a picture came from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from focusstack.cli.explain_shares import PixelWatcher, Share, listed, painted_over, told
from focusstack.cli.inputs import find_frames, given_alignment
from focusstack.cli.options import PATH
from focusstack.cli.session import Session
from focusstack.cli.speech import Voice, deliver
from focusstack.cli.unchanged import warn_if_changed
from focusstack.errors import InputError, RecipeError
from focusstack.recipe import Recipe

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from focusstack.cli.interrupt import Interruptible
    from focusstack.model import Pixels
    from focusstack.provenance import Record

OTHER = "careful     the frames make another picture now than they did: this is about that one"
BLENDING = ("auto", "pyramid", "wavelet")


@dataclass(frozen=True)
class Explanation:
    """Where a pixel came from.

    ``frame`` has the pixel sharpest; ``shares`` are of all frames that it was made of, or none if
    they were not looked for. ``same`` tells whether the frames, stacked again, gave the picture
    bit for bit; None if they were not stacked.
    """

    x: int
    y: int
    frame: int
    name: str
    confidence: float
    method: str
    copied: bool
    shares: tuple[Share, ...] = ()
    same: bool | None = None


@dataclass(frozen=True)
class Maps:
    """Frame numbers and confidence, (H, W); shares of the frames in the one pixel.

    ``same`` tells whether the frames still make the picture that is asked about.
    """

    sources: npt.NDArray[np.uint16]
    confidence: npt.NDArray[np.float32]
    shares: Mapping[int, float] = field(default_factory=dict)
    same: bool | None = None


@click.command(
    "explain",
    short_help="Tell which frames a pixel came from.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("result", type=PATH)
@click.argument("x", type=int)
@click.argument("y", type=int)
@click.option("--maps", type=PATH, metavar="DIR", help="Where --maps of that run wrote its maps.")
@click.option(
    "--frames", "folder", type=PATH, metavar="DIR", help="Where the frames are [default: near it]."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but the answer and errors.")
@click.pass_obj
def explain_command(session: Session, /, **given: Any) -> None:
    """Tell which frames the pixel at column X and row Y of RESULT came from, and how sure that is.

    RESULT is a picture that focusstack wrote. The frames are stacked once more, which shows how
    much each of them has in the pixel. With --maps only the sharpest of them is told, at once, from
    the maps of that run.
    """
    found = _explain(session.interruptible, **given)
    deliver(json.dumps(asdict(found)) if given["as_json"] else _told(found))


def _explain(
    interruptible: Interruptible,
    result: Path,
    x: int,
    y: int,
    maps: Path | None,
    folder: Path | None,
    as_json: bool,
    quiet: bool,
) -> Explanation:
    from focusstack.steps.read import read_provenance

    record = interruptible.run(lambda: read_provenance(result))
    picture = record["picture"]
    if interruptible.run(lambda: warn_if_changed(record, result, Voice(quiet))):
        raise InputError(
            f"{result} is not as large as it was when it was made",
            "name the picture as it was made",
        )
    if not (0 <= x < picture["width"] and 0 <= y < picture["height"]):
        raise RecipeError(
            f"({x}, {y}) is not in {result}",
            f"it is {picture['width']} x {picture['height']} pixels, counted from 0",
        )
    if maps is not None:
        known = interruptible.run(lambda: _read_maps(maps))
    else:
        frames = interruptible.run(lambda: find_frames(record, result, folder))
        known = _made_again(record, frames, (x, y), Voice(quiet), interruptible)
    if known.sources.shape != (picture["height"], picture["width"]):
        raise InputError(f"the maps are not those of {result}", "name the folder of its own maps")
    return _at(record, known, x, y)


def _read_maps(folder: Path) -> Maps:
    from focusstack.steps.read import read_map

    return Maps(read_map(folder / "sources.tif"), read_map(folder / "confidence.tif"))


def _made_again(
    record: Record,
    frames: list[Path],
    at: tuple[int, int],
    voice: Voice,
    interruptible: Interruptible,
) -> Maps:
    from focusstack import stack
    from focusstack.cli.narrator import narrate
    from focusstack.retouch import read_strokes
    from focusstack.retouched import retouched

    recipe, known = replace(Recipe.from_dict(record["recipe"]), depth=True), given_alignment(record)
    strokes, pixel = read_strokes(record.get("retouch", []), len(frames)), PixelWatcher(*at)
    with narrate(voice, None, pixel) as observer:
        result = interruptible.run(
            lambda: stack(
                frames, recipe, observer=observer, cancel=interruptible.cancel, alignment=known
            )
        )
    assert result.sources is not None
    assert result.confidence is not None
    same = _is_same(record, retouched(result, strokes).image)
    shares = painted_over(pixel.shares(), strokes, *at)
    return Maps(result.sources, result.confidence, shares, same)


def _is_same(record: Record, image: Pixels) -> bool:
    """Whether it is the picture that the record speaks of.

    Raises
    ------
    InputError
        If it has not even its size.
    """
    from focusstack.provenance import describe_picture

    then, now = record["picture"], describe_picture(image)
    sizes = [f"{one['width']} x {one['height']}" for one in (then, now)]
    if sizes[0] != sizes[1]:
        raise InputError(
            f"the frames make a picture of {sizes[1]} pixels now, not of {sizes[0]}",
            "the record does not belong to them, or another version of focusstack wrote it",
        )
    return bool(now == then)


def _at(record: Record, maps: Maps, x: int, y: int) -> Explanation:
    frame = int(maps.sources[y, x])
    names = [one["name"] for one in record["frames"]]
    if frame >= len(names):
        raise InputError("the maps speak of a frame that the record does not have")
    recipe = record["recipe"]
    method = str(recipe.get("method"))
    copied = bool(recipe.get("select_only")) or method == "laplacian"
    confidence = round(float(maps.confidence[y, x]), 3)
    shares = listed(maps.shares, names)
    return Explanation(x, y, frame, names[frame], confidence, method, copied, shares, maps.same)


def _told(found: Explanation) -> str:
    how = (
        "it is copied from that frame"
        if found.copied and found.method != "laplacian"
        else "that frame has it sharpest; the picture blends it with others that are as sharp"
        if found.method in BLENDING
        else "that frame has it sharpest"
    )
    return "\n".join(
        (
            f"pixel       ({found.x}, {found.y})",
            f"frame       {found.name} (frame {found.frame})",
            f"confidence  {found.confidence:.0%} that its depth is right within one frame",
            f"method      {found.method}: {how}",
            *told(found.shares),
            *([OTHER] if found.same is False else []),
        )
    )
