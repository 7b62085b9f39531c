"""The options of the main command, under the headings of its help."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from focusstack.cli.help import SectionOption
from focusstack.cli.sizes import read_size
from focusstack.cli.surface import MESH, NEAREST, PIXEL_UM, STEP_UM, SURE_ONLY
from focusstack.delivery import COLOURS, METADATA
from focusstack.packing import COMPRESSIONS
from focusstack.recipe import (
    ALIGN_MODELS,
    METHODS,
    PREFERENCES,
    RAW_COLOURS,
    RAW_HIGHLIGHTS,
    RAW_WHITES,
    REFERENCES,
)

PATH = click.Path(path_type=Path)


def read_reference(
    _ctx: click.Context, _param: click.Parameter, text: str | None
) -> int | str | None:
    """Callback of ``--reference``: a frame number from 0, or a word for one."""
    if text is None or text in REFERENCES:
        return text
    if not text.isdecimal():
        raise click.BadParameter(f"{text!r} is no frame number and not {', '.join(REFERENCES)}")
    return int(text)


def _complete_reference(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return [word for word in REFERENCES if word.startswith(incomplete)]


def _option(section: str, *names: str, **settings: Any) -> Callable[[Any], Any]:
    return click.option(*names, cls=SectionOption, section=section, **settings)


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"focusstack {version('focusstack')}")
    except PackageNotFoundError:
        click.echo("focusstack (not installed)")
    ctx.exit()


CLASSIC = [
    _option(
        "Classic form",
        "-i",
        "--input",
        type=click.Path(),
        metavar="DIR",
        help="Stack the pictures directly in DIR.",
    ),
    _option(
        "Classic form",
        "-o",
        "--output",
        type=PATH,
        metavar="OUT",
        help="The fused image to write: .jpg, .png, .tif, .webp, .avif; .dng of RAW frames. With "
        "-i alone it is replaced if it exists.",
    ),
    _option(
        "Classic form",
        "-d",
        "--debug",
        is_flag=True,
        help="Keep intermediate pictures in OUT_steps, log everything.",
    ),
    _option(
        "Classic form",
        "-g",
        "--gaussian",
        type=int,
        metavar="N",
        help="Kernel size of the Gaussian blur, odd, 1..31 [default: 5]. Selects --method "
        "laplacian.",
    ),
    _option(
        "Classic form",
        "-l",
        "--laplacian",
        type=int,
        metavar="N",
        help="Kernel size of the Laplacian, odd, 1..31 [default: 5]. Selects --method laplacian.",
    ),
]
EVERY: dict[str, Any] = {
    "type": click.IntRange(min=1),
    "default": 1,
    "metavar": "N",
    "help": "Take the first frame and every Nth after it, of a video say [default: 1].",
}
THREADS: dict[str, Any] = {
    "type": click.IntRange(min=1),
    "metavar": "N",
    "help": "Use N threads [default: one per processor].",
}
MEMORY: dict[str, Any] = {
    "callback": read_size,
    "metavar": "SIZE",
    "help": "Use at most SIZE of memory, such as 800M or 1.5G, or do not start.",
}


def read_workers(_ctx: click.Context, _param: click.Parameter, text: str | None) -> int | None:
    """Callback of ``--workers``: a number from 1, or as many as there are processors."""
    if text is None:
        return None
    if text == "auto":
        from focusstack.execute import default_threads

        return default_threads()
    if not text.isdecimal() or int(text) < 1:
        raise click.BadParameter(f"{text!r} is no number from 1, and not auto")
    return int(text)


WORKERS: dict[str, Any] = {"callback": read_workers, "metavar": "N"}
SCHEDULER: dict[str, Any] = {"metavar": "ADDRESS"}
QUIET: dict[str, Any] = {"is_flag": True, "help": "Say nothing but errors."}
QUALITY: dict[str, Any] = {
    "type": click.IntRange(1, 100),
    "default": 95,
    "metavar": "N",
    "help": "Quality of JPEG, WebP and AVIF, 1..100 [default: 95].",
}
COMPRESSION: dict[str, Any] = {
    "type": click.Choice(COMPRESSIONS),
    "default": "deflate",
    "help": "How TIFF is packed, without loss [default: deflate].",
}
RESIZE: dict[str, Any] = {
    "default": "",
    "metavar": "SIZE",
    "help": "Write OUT with a long side of SIZE px, or at a share, such as 50%.",
}
COLOUR: dict[str, Any] = {
    "type": click.Choice(COLOURS),
    "default": "keep",
    "help": "The colour space of OUT [default: keep that of the frames].",
}
METADATA_KEPT: dict[str, Any] = {
    "type": click.Choice(METADATA),
    "default": "all",
    "help": "What OUT says about itself: all, no coordinates, or its colour space only "
    "[default: all].",
}
"""Options of several commands."""
HOW_TO_STACK = [
    _option("How to stack", "--every", **EVERY),
    _option(
        "How to stack",
        "--recipe",
        type=PATH,
        metavar="FILE",
        help="Take the settings from FILE (.toml), but for those that are given here.",
    ),
    _option(
        "How to stack",
        "--method",
        type=click.Choice(METHODS),
        help="How frames are fused [default: auto].",
    ),
    _option(
        "How to stack",
        "--reference",
        callback=read_reference,
        shell_complete=_complete_reference,
        metavar="[N|first|middle|last|auto]",
        help="The frame that defines the canvas, counted from 0 [default: auto; laplacian: first].",
    ),
    _option(
        "How to stack",
        "--align",
        type=click.Choice(ALIGN_MODELS),
        help="How frames may move against each other [default: auto; laplacian: homography].",
    ),
    _option(
        "How to stack",
        "--use-alignment",
        type=PATH,
        metavar="PATH",
        help="Place the frames as an earlier run did, which wrote PATH with --alignment.",
    ),
    _option(
        "How to stack",
        "--crop/--keep-size",
        default=None,
        help="Crop to what all frames cover, or keep the reference frame's size [default: crop; "
        "laplacian: keep-size].",
    ),
    _option(
        "How to stack",
        "--clean/--no-clean",
        default=None,
        help="Repair hot pixels and sensor dust, or leave them in [default: clean].",
    ),
    _option(
        "How to stack",
        "--exposure/--no-exposure",
        default=None,
        help="Even out exposure and white balance of the frames, or leave them as they are "
        "[default: exposure].",
    ),
    _option(
        "How to stack",
        "--prefer",
        type=click.Choice(PREFERENCES),
        help="What to show where near and far things are in focus one behind the other.",
    ),
    _option(
        "How to stack",
        "--select-only/--no-select-only",
        default=None,
        help="Copy every pixel from a single frame and blend nothing, or blend [default: "
        "no-select-only].",
    ),
    _option(
        "How to stack",
        "--preview/--no-preview",
        default=None,
        help="A quick look at the result: frames reduced to at most 2 MP [default: no-preview].",
    ),
]
RAW = [
    _option(
        "RAW frames",
        "--raw-highlights",
        type=click.Choice(RAW_HIGHLIGHTS),
        help="What becomes of light beyond the sensor's range [default: clip].",
    ),
    _option(
        "RAW frames",
        "--raw-colour",
        type=click.Choice(RAW_COLOURS),
        help="The colour space that they are developed to [default: srgb].",
    ),
    _option(
        "RAW frames",
        "--raw-white",
        type=click.Choice(RAW_WHITES),
        help="White balance: as noted in the first frame, or daylight [default: camera].",
    ),
]
WHAT_TO_WRITE = [
    _option("What to write", "--quality", **QUALITY),
    _option("What to write", "--compression", **COMPRESSION),
    _option("What to write", "--resize", **RESIZE),
    _option("What to write", "--colour", **COLOUR),
    _option("What to write", "--metadata", **METADATA_KEPT),
    _option(
        "What to write",
        "--depth",
        type=PATH,
        metavar="PATH",
        help="Also write the depth map: .tif has frame indices as float32, .png is a preview.",
    ),
    _option(
        "What to write",
        "--sidecar",
        is_flag=True,
        help="Also write how the picture was made to OUT.focusstack.json.",
    ),
    _option(
        "What to write",
        "--save-recipe",
        type=PATH,
        metavar="FILE",
        help="Also write all settings to FILE (.toml), for --recipe.",
    ),
    _option(
        "What to write",
        "--alignment",
        type=PATH,
        metavar="PATH",
        help="Also write where each frame lies on the canvas, as .json.",
    ),
    _option(
        "What to write",
        "--maps",
        type=PATH,
        metavar="DIR",
        help="Also write maps into DIR: confidence of the depth, which frame each pixel came "
        "from, and how much light nearer things kept back.",
    ),
    _option(
        "What to write",
        "--report",
        type=PATH,
        metavar="PATH",
        help="Also write a page about the run, .html: picture, depth, comparisons, plots, facts.",
    ),
    _option(
        "What to write",
        "--layers",
        type=PATH,
        metavar="PATH",
        help="Also write the fused image and the aligned frames as layers of one .tif, to retouch.",
    ),
    _option("What to write", "--mesh", **MESH),
    _option("What to write", "--step-um", **STEP_UM),
    _option("What to write", "--pixel-um", **PIXEL_UM),
    _option("What to write", "--nearest", **NEAREST),
    _option("What to write", "--sure-only", **SURE_ONLY),
    _option(
        "What to write",
        "--save-steps",
        type=PATH,
        metavar="DIR",
        help="Also keep the intermediate pictures in DIR.",
    ),
    _option("What to write", "--overwrite", is_flag=True, help="Replace files that exist."),
]
HOW_TO_RUN = [
    _option("How to run", "-q", "--quiet", **QUIET),
    _option("How to run", "-v", "--verbose", is_flag=True, help="Say more."),
    _option("How to run", "--threads", **THREADS),
    _option("How to run", "--memory", **MEMORY),
    _option(
        "How to run",
        "--workers",
        **WORKERS,
        help="Fuse N strips of a large picture at a time, each in a process of its own; auto: one "
        "for each processor.",
    ),
    _option(
        "How to run",
        "--scheduler",
        **SCHEDULER,
        help="Have the workers of a dask scheduler fuse them, tcp://host:8786.",
    ),
    _option(
        "About",
        "--version",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_version,
        help="Print the version.",
    ),
]
OPTIONS = [*CLASSIC, *HOW_TO_STACK, *RAW, *WHAT_TO_WRITE, *HOW_TO_RUN]


def with_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command function all options, first ones first in the help."""
    for add in reversed(OPTIONS):
        function = add(function)
    return function
