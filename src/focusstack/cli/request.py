"""What was asked for on the command line, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from focusstack.cli.found import find_frames_in
from focusstack.cli.outputs import Outputs
from focusstack.cli.speech import Voice, say
from focusstack.cli.surface import mesh_wish
from focusstack.cli.workers import check_workers
from focusstack.delivery import Delivery
from focusstack.packing import Compression
from focusstack.recipe import Recipe

if TYPE_CHECKING:
    from focusstack.cli.job import Job


@dataclass(frozen=True)
class Request:
    """The arguments of the main command as they came, each under its option's name."""

    sources: tuple[Path, ...]
    input: str | None
    output: Path | None
    debug: bool
    gaussian: int | None
    laplacian: int | None
    method: str | None
    reference: int | str | None
    align: str | None
    use_alignment: Path | None
    crop: bool | None
    clean: bool | None
    exposure: bool | None
    prefer: str | None
    select_only: bool | None
    preview: bool | None
    every: int
    raw_highlights: str | None
    raw_colour: str | None
    raw_white: str | None
    recipe: Path | None
    save_recipe: Path | None
    sidecar: bool
    quality: int
    compression: Compression
    resize: str
    colour: str
    metadata: str
    depth: Path | None
    alignment: Path | None
    maps: Path | None
    report: Path | None
    layers: Path | None
    mesh: Path | None
    step_um: float | None
    pixel_um: float | None
    nearest: str | None
    sure_only: bool
    save_steps: Path | None
    overwrite: bool
    quiet: bool
    verbose: bool
    threads: int | None
    memory: int | None
    workers: int | None
    scheduler: str | None

    @property
    def voice(self) -> Voice:
        """How much to say."""
        return Voice(self.quiet, self.verbose, self.debug)

    @property
    def places(self) -> tuple[Path, ...]:
        """Everything named as a source of frames."""
        return (Path(self.input), *self.sources) if self.input else self.sources

    @property
    def classic(self) -> bool:
        """Whether this is the form ``-i DIR -o OUT``, which replaces OUT."""
        return self.input is not None and not self.sources


def prepare(request: Request, command: str = "") -> Job | None:
    """Check everything that can be checked before work begins.

    ``command`` is what was typed, for the report.

    Returns
    -------
    Job or None
        None if there is nothing to do; the person has been told.

    Raises
    ------
    click.UsageError
        If the arguments do not go together.
    FocusstackError
        If a setting, the frames or an output cannot be used.
    """
    if request.quiet and request.verbose:
        raise click.UsageError("--quiet and --verbose contradict each other")
    check_workers(request.workers, request.scheduler)
    if request.debug and not request.quiet:
        from focusstack.cli.log import start_logging

        start_logging()
    if _nothing_to_do(request):
        return None
    recipe = _recipe(request)
    return _job(request, recipe, command)


def _nothing_to_do(request: Request) -> bool:
    """True, after saying so, if no frames are named or the classic form meets an empty folder."""
    if request.classic and _is_empty(request.input or ""):
        say(f"nothing to do: no pictures directly in {request.input!r}")
        return True
    if request.places:
        return False
    if request.output is not None:
        raise click.UsageError("-o says where to, but no frames are named")
    say("nothing to do: no frames are named (focusstack --help shows how)")
    return True


def _is_empty(folder: str) -> bool:
    from focusstack.steps.read import find_pictures

    return not folder or (Path(folder).is_dir() and not find_pictures([folder]))


def _recipe(request: Request) -> Recipe:
    sizes = {name: getattr(request, name) for name in ("gaussian", "laplacian")}
    kernels = {name: size for name, size in sizes.items() if size is not None}
    options = " and ".join(f"--{name}" for name in kernels)
    if kernels and request.method is None:
        request.voice.note(f"using --method laplacian, to which {options} belongs")
    elif kernels and request.method != "laplacian":
        request.voice.warn(f"{options} has no effect on --method {request.method}")
    given = {
        "method": request.method or ("laplacian" if kernels else None),
        "reference": request.reference,
        "align": request.align,
        "crop": request.crop,
        "clean": request.clean,
        "match_exposure": request.exposure,
        "prefer": request.prefer,
        "select_only": request.select_only,
        "preview": request.preview,
        "raw_highlights": request.raw_highlights,
        "raw_colour": request.raw_colour,
        "raw_white": request.raw_white,
        **kernels,
    }
    settings: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return replace(_base(request), **settings, depth=_wants_depth(request))


def _base(request: Request) -> Recipe:
    """What the options are laid over."""
    if request.recipe is None:
        return Recipe()
    from focusstack.steps.read import read_recipe

    return read_recipe(request.recipe)


def _wants_depth(request: Request) -> bool:
    asked = (request.depth, request.maps, request.mesh, request.report, request.save_steps)
    return request.debug or any(path is not None for path in asked)


def _maps(request: Request, recipe: Recipe) -> tuple[Path, ...]:
    """The maps that this run will make."""
    if request.maps is None:
        return ()
    unveiled = recipe.resolved().method == "auto" and not recipe.select_only
    names = ["confidence", "sources", *(["lost"] if unveiled else [])]
    return tuple(request.maps / f"{name}.tif" for name in names)


def _job(request: Request, recipe: Recipe, command: str) -> Job:
    from focusstack.cli.job import Job
    from focusstack.steps.read import read_alignment

    outputs = _outputs(request, recipe, command)
    frames = find_frames_in(request.places, request.every, request.voice)
    outputs.check(frames)
    if request.classic and outputs.picture.exists() and not request.overwrite:
        request.voice.note(f"replacing {outputs.picture}, as -i/-o does")
    known = None if request.use_alignment is None else read_alignment(request.use_alignment)
    return Job(
        frames,
        recipe,
        outputs,
        request.voice,
        request.threads,
        request.memory,
        known,
        workers=request.workers,
        scheduler=request.scheduler,
    )


def _sidecar_of(picture: Path) -> Path:
    from focusstack.steps.read import SIDECAR

    return picture.with_name(picture.name + SIDECAR)


def _outputs(request: Request, recipe: Recipe, command: str) -> Outputs:
    if request.output is None:
        raise click.UsageError("say with -o where the fused image goes: -o OUT.jpg")
    steps = request.save_steps
    if steps is None and request.debug:
        steps = request.output.with_name(f"{request.output.stem}_steps")
    return Outputs(
        picture=request.output,
        depth=request.depth,
        alignment=request.alignment,
        sidecar=_sidecar_of(request.output) if request.sidecar else None,
        recipe=None if request.save_recipe is None else (request.save_recipe, recipe),
        maps=_maps(request, recipe),
        report=request.report,
        layers=request.layers,
        mesh=mesh_wish(
            request.mesh, request.step_um, request.pixel_um, request.nearest, request.sure_only
        ),
        command=command,
        threads=request.threads,
        memory=request.memory,
        steps=steps,
        quality=request.quality,
        compression=request.compression,
        delivery=Delivery(request.resize, request.colour, request.metadata),
        overwrite=request.overwrite,
        replace_picture=request.classic,
        replace_steps=request.save_steps is None,
    )
