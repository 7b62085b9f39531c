"""``focusstack watch``: stack while the camera is still shooting."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from focusstack.cli.interrupt import Interruptible
from focusstack.cli.options import MEMORY, PATH, QUIET, THREADS
from focusstack.cli.outputs import Outputs
from focusstack.cli.session import Session
from focusstack.cli.settings import SET, changed
from focusstack.cli.speech import Voice, say
from focusstack.errors import TooFewFrames
from focusstack.recipe import METHODS, Recipe

if TYPE_CHECKING:
    from focusstack import StackResult
    from focusstack.events import Event


@click.command(
    "watch",
    short_help="Stack while the camera is still shooting.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("folder", type=PATH)
@click.option(
    "-o", "--output", type=PATH, metavar="OUT", required=True, help="The fused image to write."
)
@click.option(
    "--idle",
    type=click.FloatRange(min=0),
    default=60.0,
    metavar="SECONDS",
    help="End after so long without a new frame; 0: never [default: 60].",
)
@click.option("--count", type=click.IntRange(min=2), metavar="N", help="End with N frames.")
@click.option(
    "--order",
    type=click.Choice(["name", "time"]),
    default="name",
    help="Frames are in order of names or of the files' times [default: name].",
)
@click.option("--new", "new_only", is_flag=True, help="Leave out what is in DIR already.")
@click.option(
    "--rhythm",
    type=click.FloatRange(min=0.5),
    default=5.0,
    metavar="SECONDS",
    help="Rewrite OUT with the frames so far, reduced, at most so often [default: 5].",
)
@click.option("--recipe", type=PATH, metavar="FILE", help="Take the settings from FILE (.toml).")
@click.option("--method", type=click.Choice(METHODS), help="How frames are fused [default: auto].")
@click.option("--set", "settings", **SET)
@click.option("--depth", type=PATH, metavar="PATH", help="Write the depth map, too, in the end.")
@click.option("--report", type=PATH, metavar="PATH", help="Write a page about it in the end.")
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
@click.option("-q", "--quiet", **QUIET)
@click.option("--threads", **THREADS)
@click.option("--memory", **MEMORY)
@click.pass_obj
def watch_command(session: Session, /, **given: Any) -> None:
    """Stack the frames that arrive in DIR, as a tethering program writes them there.

    OUT shows the frames so far, at 2 MP, and is made again at full size when the stack ends: when
    nothing has come for a while, with the Nth frame, or with Ctrl-C. Files that are still being
    written are waited for. It says how much of the subject has been sharp, and when one can stop.
    """
    from focusstack.cli.job import Job, perform

    interruptible, voice = session.interruptible, Voice(given["quiet"])
    recipe = interruptible.run(lambda: _recipe(given))
    outputs = Outputs(
        given["output"],
        depth=given["depth"],
        report=given["report"],
        command=session.command,
        threads=given["threads"],
        memory=given["memory"],
        overwrite=given["overwrite"],
    )
    interruptible.run(lambda: outputs.check([]))
    frames = _watch(given, recipe, voice, interruptible)
    if len(frames) < 2:
        raise TooFewFrames(
            f"{given['folder']}: {len(frames)} complete frames came, a stack needs two",
            "check that the camera writes into that folder",
        )
    voice.note(f"stacking the {len(frames)} frames at full size")
    final = Outputs(**{**vars(outputs), "replace_picture": True})
    perform(
        Job(list(frames), recipe, final, voice, given["threads"], given["memory"]), interruptible
    )


def _recipe(given: dict[str, Any]) -> Recipe:
    from focusstack.steps.read import read_recipe

    depth = given["depth"] is not None or given["report"] is not None
    base = Recipe() if given["recipe"] is None else read_recipe(given["recipe"])
    method = [] if given["method"] is None else [f"method={given['method']}"]
    return changed({**asdict(base), "depth": depth}, [*method, *given["settings"]])


def _watch(
    given: dict[str, Any], recipe: Recipe, voice: Voice, interruptible: Interruptible
) -> tuple[Path, ...]:
    """The frames, once they are complete or the person says that they are."""
    from focusstack.live import Ends, watch_folder

    def renew(result: StackResult) -> None:
        result.save(given["output"], overwrite=True)

    def work() -> tuple[Path, ...]:
        """Watch until the end; the frames that were stacked."""
        return watch_folder(
            given["folder"],
            renew,
            leave_out=given["output"],
            recipe=recipe,
            ends=Ends(given["idle"], given["count"]),
            order=given["order"],
            new_only=given["new_only"],
            rhythm=given["rhythm"],
            observer=lambda event: _say(event, voice),
            cancel=interruptible.cancel,
            threads=given["threads"],
            memory=given["memory"],
        )

    voice.note(f"waiting for frames in {given['folder']}; Ctrl-C ends the stack")
    return interruptible.run_until_signal(work)


def _say(event: Event, voice: Voice) -> None:
    from focusstack.events import FrameArrived, PictureRenewed, SharpSoFar, Warned

    if voice.quiet:
        return
    match event:
        case FrameArrived(name, frames):
            say(f"{frames}: {name}")
        case SharpSoFar(share, soft, settled) if share is not None:
            say(describe(share, soft, settled))
        case PictureRenewed(frames, seconds):
            say(f"   the picture shows {frames} frames ({seconds:.1f} s)")
        case Warned(message):
            say(f"warning: {message}")


def describe(share: float, soft: tuple[str, ...], settled: bool) -> str:
    """How much of the subject has been sharp, in a line."""
    line = f"   {100 * share:.0f} % of the subject has been sharp"
    if soft:
        line += f"; still getting sharper: {', '.join(soft)}"
    return line + ("; the last frames add nothing, you can stop" if settled else "")
