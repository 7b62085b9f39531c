"""The options of the depth as a mesh, and what is wished with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from focusstack import StackResult
    from focusstack.surface.scale import Scale

MESH: dict[str, Any] = {
    "type": click.Path(path_type=Path),
    "metavar": "PATH",
    "help": "Also write the depth as a mesh with the picture's colours: .glb or .ply.",
}
STEP_UM: dict[str, Any] = {
    "type": float,
    "metavar": "UM",
    "help": "Micrometres from the focus of one frame to that of the next, for --mesh.",
}
PIXEL_UM: dict[str, Any] = {
    "type": float,
    "metavar": "UM",
    "help": "Micrometres that a pixel of a frame covers, for --mesh: with --step-um it is metric.",
}
NEAREST: dict[str, Any] = {
    "type": click.Choice(["first", "last"]),
    "help": "The frame that is focused nearest, for --mesh [default: first].",
}
SURE_ONLY: dict[str, Any] = {
    "is_flag": True,
    "help": "Leave out of the mesh what the depth is not sure of.",
}


@dataclass(frozen=True)
class MeshWish:
    """Where the mesh goes, and how it is made."""

    path: Path
    scale: Scale
    sure_only: bool

    def save(self, result: StackResult, overwrite: bool) -> list[str]:
        """Write it; warnings."""
        result.save_mesh(self.path, scale=self.scale, sure_only=self.sure_only, overwrite=overwrite)
        if self.scale.metric or not (self.scale.step_um or self.scale.pixel_um):
            return []
        return [f"{self.path}: not to scale, for which --step-um and --pixel-um are needed"]


def mesh_wish(
    mesh: Path | None,
    step_um: float | None,
    pixel_um: float | None,
    nearest: str | None,
    sure_only: bool,
) -> MeshWish | None:
    """What the options say; None without ``--mesh``.

    Raises
    ------
    click.UsageError
        If one of the others is given without it.
    InputError
        If a length cannot be.
    """
    from focusstack.surface.scale import Scale

    if mesh is not None:
        return MeshWish(mesh, Scale(step_um, pixel_um, nearest == "last"), sure_only)
    given = {"--step-um": step_um, "--pixel-um": pixel_um, "--nearest": nearest}
    words = [name for name, value in given.items() if value is not None]
    words += ["--sure-only"] * sure_only
    if words:
        raise click.UsageError(f"{' and '.join(words)} says how --mesh is made, which is not given")
    return None
