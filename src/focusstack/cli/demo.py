"""``focusstack demo``: render a stack with known truth and stack it, to see it work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from focusstack.cli.interrupt import Stopped
from focusstack.cli.options import QUIET
from focusstack.cli.outputs import Outputs
from focusstack.cli.session import Session
from focusstack.cli.speech import Voice, say
from focusstack.cli.traces import Traces
from focusstack.errors import OutputExists


def read_pixels(_ctx: click.Context, _param: click.Parameter, text: str) -> tuple[int, int]:
    """Callback of ``--size``: width and height, as in 1500x1000."""
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    if match is None:
        raise click.BadParameter(f"{text!r} is no size in pixels; write 1500x1000")
    return int(match[1]), int(match[2])


@click.command(
    "demo",
    short_help="Render a stack and stack it, to see it work.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument(
    "folder",
    metavar="[DIR]",
    default="focusstack-demo",
    type=click.Path(file_okay=False, path_type=Path),
)
@click.option(
    "--frames",
    type=click.IntRange(2, 200),
    default=12,
    show_default=True,
    metavar="N",
    help="How many frames to render.",
)
@click.option(
    "--size",
    callback=read_pixels,
    default="1500x1000",
    show_default=True,
    metavar="WxH",
    help="Their size in pixels.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Another number gives another stack.",
)
@click.option("--overwrite", is_flag=True, help="Replace what an earlier demo left in DIR.")
@click.option("-q", "--quiet", **QUIET)
@click.pass_obj
def demo_command(
    session: Session,
    folder: Path,
    frames: int,
    size: tuple[int, int],
    seed: int,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Render a focus stack and stack it; everything goes into DIR.

    DIR is ./focusstack-demo unless given. The frames go into DIR/frames, beside it the fused
    image, a preview of the depth map and the alignment.
    """
    voice = Voice(quiet)
    place = folder / "frames"
    outputs = session.interruptible.run(lambda: _prepare(folder, overwrite))
    try:
        paths = _render(session, place, voice, frames=frames, size=size, seed=seed)
        _stack(session, paths, outputs, voice)
    except Stopped as stopped:
        stopped.written += [str(path) for path in [place] if path.is_dir()]
        raise
    if not quiet:
        _point_out(outputs, place)


def _prepare(folder: Path, overwrite: bool) -> Outputs:
    """Make room; with ``overwrite`` the frames of another demo are removed."""
    outputs = Outputs(
        picture=folder / "fused.png",
        depth=folder / "depth.png",
        alignment=folder / "alignment.json",
        overwrite=overwrite,
    )
    frames = folder / "frames"
    if frames.is_dir() and any(frames.iterdir()) and not overwrite:
        raise OutputExists(f"{frames}: holds something already", "name another DIR or --overwrite")
    outputs.check([])
    for path in frames.glob("frame_*.jpg"):
        path.unlink()
    return outputs


def _render(session: Session, place: Path, voice: Voice, **settings: Any) -> list[Path]:
    from focusstack.synthetic import render, write_stack

    width, height = settings["size"]
    voice.note(f"rendering {settings['frames']} frames of {width} x {height} into {place}")
    session.interruptible.discard = Traces([], [place]).discard
    return session.interruptible.run(lambda: write_stack(render(**settings), place))


def _stack(session: Session, paths: list[Path], outputs: Outputs, voice: Voice) -> None:
    from focusstack.cli.job import Job, perform
    from focusstack.recipe import Recipe

    perform(Job(paths, Recipe(depth=True), outputs, voice), session.interruptible)


def _point_out(outputs: Outputs, place: Path) -> None:
    say("")
    say(f"fused image    {outputs.picture}")
    say(f"depth preview  {outputs.depth}")
    say(f"frames         {place}")
