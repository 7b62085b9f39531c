"""``focusstack batch``: all stacks below a folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from focusstack.cli.batch_remote import AtHome, at_home, putting_back
from focusstack.cli.batch_request import BatchRequest
from focusstack.cli.batch_text import found_lines, tally
from focusstack.cli.interrupt import Interruptible, Stopped
from focusstack.cli.options import MEMORY, PATH, QUIET, SCHEDULER, THREADS, WORKERS
from focusstack.cli.session import Session
from focusstack.cli.settings import SET, changed
from focusstack.cli.speech import deliver, hand_over, say
from focusstack.cli.workers import working
from focusstack.errors import OutputError, RecipeError, StacksFailed
from focusstack.packing import COMPRESSIONS
from focusstack.recipe import METHODS, Recipe

if TYPE_CHECKING:
    from focusstack.batch import Found, Made, Maker, StackJob
    from focusstack.events import Observer

PLACE = click.Path()
"""Stays as it was written: it may be an address such as s3://bucket/folder."""
FORMATS = ("jpg", "tif", "png", "webp", "avif", "dng")


@click.command(
    "batch",
    short_help="Find all stacks below a folder and make each.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("root", type=PLACE)
@click.option(
    "-o", "--output", type=PLACE, metavar="OUTDIR", required=True, help="Where results go."
)
@click.option("--dry-run", is_flag=True, help="Only show which stacks there are, with pictures.")
@click.option(
    "--plan",
    type=PATH,
    metavar="FILE",
    help="Obey FILE (.toml) if it exists, else save there which stacks were found, to edit.",
)
@click.option(
    "--by",
    type=click.Choice(["content", "folder"]),
    default="content",
    help="Tell stacks of a folder apart by times and content, or take each folder as one "
    "[default: content].",
)
@click.option("--count", type=int, metavar="N", help="Take every N pictures of a folder as one.")
@click.option(
    "--pattern",
    metavar="REGEX",
    help="Take pictures as one in whose names REGEX, or its groups, find the same.",
)
@click.option("--gap", type=float, metavar="SECONDS", help="A longer pause ends a stack.")
@click.option("--no-look", is_flag=True, help="Do not decode pictures to see what they show.")
@click.option("--recipe", type=PATH, metavar="FILE", help="Settings for all stacks (.toml).")
@click.option("--method", type=click.Choice(METHODS), help="How frames are fused [default: auto].")
@click.option("--set", "settings", **SET)
@click.option(
    "--template",
    metavar="NAME",
    default="{stack}_{first}-{last}_{method}",
    help="Names of results [default: {stack}_{first}-{last}_{method}]; also {count}, {number}.",
)
@click.option(
    "--format",
    "extension",
    type=click.Choice(FORMATS),
    default="jpg",
    help="Of the fused images [default: jpg].",
)
@click.option(
    "--quality",
    type=click.IntRange(1, 100),
    default=95,
    metavar="N",
    help="Quality of JPEG, WebP and AVIF, 1..100 [default: 95].",
)
@click.option(
    "--compression",
    type=click.Choice(COMPRESSIONS),
    default="deflate",
    help="How TIFF is packed, without loss [default: deflate].",
)
@click.option("--depth", is_flag=True, help="Also write each depth map, NAME-depth.tif.")
@click.option("--report", is_flag=True, help="Also write a page about each stack, NAME.html.")
@click.option("--sidecar", is_flag=True, help="Also write how each was made, as JSON beside it.")
@click.option("--retry-failed", is_flag=True, help="Try again what failed before.")
@click.option("--overwrite", is_flag=True, help="Replace results of other frames or settings.")
@click.option("-q", "--quiet", **QUIET)
@click.option("-v", "--verbose", is_flag=True, help="Say more.")
@click.option(
    "--workers",
    **WORKERS,
    help="Make N stacks at a time, each in a process of its own; auto: one for each processor.",
)
@click.option(
    "--scheduler",
    **SCHEDULER,
    help="Have them made by the workers of a dask scheduler, tcp://host:8786.",
)
@click.option("--threads", **THREADS)
@click.option(
    "--memory",
    **MEMORY | {"help": "Use at most SIZE of memory; a stack that needs more fails."},
)
@click.pass_obj
def batch_command(session: Session, /, **given: Any) -> None:
    """Find all stacks below ROOT and make each of them, into OUTDIR.

    A folder is one stack, or is split: by times of exposure, by what cameras note about series,
    and by what the pictures show. Bursts, panoramas and exposure brackets are left out. Run it
    again after an interruption and it goes on where it was; one bad stack does not stop the rest.
    ROOT and OUTDIR may be addresses in storage elsewhere, such as s3://bucket/folder.
    """
    request = _request(given)
    recipe = session.interruptible.run(lambda: _recipe(request))
    with at_home(request, session.interruptible) as home:
        found = _find(home.request, session.interruptible)
        if request.dry_run:
            _show(home, found, session.interruptible)
            return
        jobs = _jobs(home.request, found, recipe)
        made = _make(home, jobs, session.interruptible)
        _conclude(home, made, session.interruptible)


def _request(given: dict[str, Any]) -> BatchRequest:
    from focusstack.batch import is_remote

    places = {name: str(given[name]) for name in ("root", "output")}
    urls = {f"{name}_url": text for name, text in places.items() if is_remote(text)}
    paths = {name: Path(text) for name, text in places.items()}
    return BatchRequest(**{**given, **paths, **urls})


def _recipe(request: BatchRequest) -> Recipe:
    """The settings of all stacks; also refuses a request that makes no sense."""
    from focusstack.batch import check_template
    from focusstack.steps.read import read_recipe

    request.check()
    check_template(request.template)
    base = Recipe(depth=False) if request.recipe is None else read_recipe(request.recipe)
    method = [] if request.method is None else [f"method={request.method}"]
    depth = ["depth=true"] if request.depth or request.report else []
    return changed(asdict(base), [*method, *depth, *request.settings])


def _find(request: BatchRequest, interruptible: Interruptible) -> Found:
    """What the plan says, or what is found and saved as one."""
    from focusstack.batch import find_stacks, read_plan, write_plan
    from focusstack.cli.narrator import narrate

    plan = request.plan
    if plan is not None and plan.exists() and not (request.dry_run and request.overwrite):
        request.voice.note(f"doing what {plan} says")
        return read_plan(plan, request.root)
    with narrate(request.voice, None) as observer:
        found = interruptible.run(
            lambda: find_stacks(
                request.root,
                request.splitting,
                output=request.output,
                observer=observer,
                cancel=interruptible.cancel,
                threads=request.threads,
            )
        )
    for path, why in found.unusable:
        request.voice.warn(f"left out: {why if str(path) in why else f'{path}: {why}'}")
    if plan is not None:
        write_plan(plan, found, overwrite=request.overwrite)
        hand_over(plan)
    return found


def _show(home: AtHome, found: Found, interruptible: Interruptible) -> None:
    from focusstack.batch import write_sheets
    from focusstack.execute import wanted_threads

    request = home.request
    deliver("\n".join(found_lines(found)))
    request.output.mkdir(parents=True, exist_ok=True)
    page = interruptible.run(
        lambda: write_sheets(request.output, found, wanted_threads(request.threads))
    )
    request.voice.note(f"contact sheets are in {home.name_of(page)}")


def _jobs(request: BatchRequest, found: Found, recipe: Recipe) -> list[StackJob]:
    """What is to be made, each with its own settings and name."""
    from focusstack.batch import Extras, StackJob, result_names

    recipes = [_with(recipe, group.settings, group.name) for group in found.wanted]
    methods = [one.resolved().method for one in recipes]
    names = result_names(found.wanted, methods, request.template, f".{request.extension}")
    extras = Extras(request.depth, request.report, request.sidecar)
    return [
        StackJob(
            group.name,
            group.frames,
            settings,
            request.output / name,
            extras,
            request.quality,
            request.compression,
            request.overwrite,
            threads=request.share[0],
            memory=request.share[1],
        )
        for group, settings, name in zip(found.wanted, recipes, names, strict=True)
    ]


def _with(recipe: Recipe, settings: Any, name: str) -> Recipe:
    try:
        return Recipe.from_dict({**asdict(recipe), **settings})
    except RecipeError as error:
        raise RecipeError(f"stack {name}: {error.message}", error.hint) from error


def _make(home: AtHome, jobs: list[StackJob], interruptible: Interruptible) -> list[Made]:
    from focusstack.cli.batch_progress import narrate_batch

    request = home.request
    if not jobs:
        request.voice.note("nothing to do: no focus stack was found (--dry-run shows what was)")
        return []
    try:
        with narrate_batch(request.voice, jobs) as observer:
            return interruptible.run(
                lambda: _run(home, jobs, putting_back(home, observer), interruptible)
            )
    except Stopped as stopped:
        there = sum(job.output.exists() for job in jobs)
        stopped.written += [f"{there} of {len(jobs)} stacks"] if there else []
        request.voice.note("run the same command again to go on where it was")
        raise


def _run(
    home: AtHome, jobs: list[StackJob], observer: Observer, interruptible: Interruptible
) -> list[Made]:
    """Here, or by workers."""
    from focusstack.batch import made_by, run_batch

    request, cancel = home.request, interruptible.cancel

    def run(maker: Maker | None) -> list[Made]:
        """Make all stacks, by that maker or one after the other here."""
        return run_batch(
            jobs,
            request.output,
            retry_failed=request.retry_failed,
            maker=maker,
            called=home.name_of,
            observer=observer,
            cancel=cancel,
        )

    asked = request.workers, request.scheduler, request.memory
    with working(*asked, request.voice, interruptible) as found:
        if found is None:
            return run(None)
        if request.scheduler is None:  # workers of this machine see our temporary folder
            return run(made_by(found, cancel))
        return run(made_by(found, cancel, home.addresses, home.fetch))


def _conclude(home: AtHome, made: list[Made], interruptible: Interruptible) -> None:
    from focusstack.batch import DONE, FAILED, write_index
    from focusstack.execute import wanted_threads

    request = home.request
    if not made:
        return
    threads = wanted_threads(request.threads)
    try:
        page = home.name_of(interruptible.run(lambda: write_index(request.output, made, threads)))
    except OutputError as error:  # as on a full disk; what became of the stacks is still to be said
        request.voice.warn(str(error))
        page = ""
    if not request.quiet:
        for line in tally(made, page):
            say(line)
        for one in made:
            if one.outcome.state == DONE:
                hand_over(home.name_of(one.job.output))
    failed = [one.job.name for one in made if one.outcome.state == FAILED]
    if failed:
        raise StacksFailed(
            f"{len(failed)} of {len(made)} stacks could not be made: {', '.join(failed[:5])}"
            + (f" and {len(failed) - 5} more" if len(failed) > 5 else ""),
            "mend what is said above, then run it again with --retry-failed",
        )
