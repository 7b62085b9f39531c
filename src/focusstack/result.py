"""What a run gives back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.colour import eight_bits
from focusstack.delivery import AS_IT_IS, Delivery
from focusstack.errors import OutputError
from focusstack.model import Alignment, FloatImage, Metadata, Pixels
from focusstack.packing import Compression
from focusstack.provenance import SHORT_PACKED, Record, make_record, pack
from focusstack.recipe import Recipe
from focusstack.retouch import Stroke, as_document
from focusstack.steps.clean import Defects
from focusstack.surface.scale import Scale


def exposure_facts(facts: Mapping[str, Any]) -> dict[str, str]:
    """What a picture says about how its frames were exposed and focused, for people."""
    seconds, aperture, iso = facts.get("exposure", (None, None, None))
    parts = [
        ""
        if seconds is None
        else f"{seconds:.3g} s"
        if seconds >= 0.3
        else f"1/{1 / seconds:.0f} s",
        f"f/{aperture:.3g}" if aperture is not None else "",
        f"ISO {iso}" if iso is not None else "",
    ]
    said = " ".join(part for part in parts if part)
    focus = [f"{one:.3g}" for one in facts.get("focus_m", ())]
    found = {"exposure": said} if said else {}
    return found | ({"focus": f"{focus[0]} m to {focus[1]} m"} if focus else {})


MAPS = ("confidence", "sources", "lost")
PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class StackResult:
    """The fused image and all that was learnt on the way.

    Attributes
    ----------
    image : uint8, uint16 or float32 (H, W, C)
        The fused image, C 1 or 3 (RGB), in the frames' bit depth, on the canvas.
    depth : float32 (H, W) or None
        Fractional index, in focus order, of the frame in focus; NaN = unknown. None unless wanted.
    alignment : Alignment
    recipe : Recipe
        With every choice that was left to focusstack made.
    warnings : tuple of str
    facts : mapping
        What the summary shows: frames, size, motion found, seconds per step, peak memory.
    names : tuple of str
        Of the frames, in the order given.
    metadata : Metadata
        Of the reference frame.
    confidence : float32 (H, W) or None
        Probability that the depth is right within one frame.
    sources : uint16 (H, W) or None
        Number, in the order given, of the frame nearest to the depth: where the pixel's detail
        comes from, and with ``Recipe(select_only=True)`` the pixel itself.
    lost : float32 (H, W) or None
        Share, 0..1, of the light of what is shown that nearer, blurred things kept back in the
        frame where it is sharp. Above 0.8 the veil was not taken off: what is there is not known.
    gains : tuple
        Per frame and channel, the factor on its light that evens out exposure; None for a rejected
        one.
    given_alignment : bool
        Whether the frames were placed as in an earlier run.
    strokes : tuple of Stroke
        Of a retouch, which are in the image already.
    copied : mapping of int to record
        Origins of the results that these copy from, by number.
    defects : Defects
        Of the sensor, which were repaired in every frame.
    """

    image: Pixels
    depth: FloatImage | None
    alignment: Alignment
    recipe: Recipe
    warnings: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)
    confidence: FloatImage | None = None
    sources: npt.NDArray[np.uint16] | None = None
    lost: FloatImage | None = None
    gains: tuple[tuple[float, ...] | None, ...] = ()
    given_alignment: bool = False
    strokes: tuple[Stroke, ...] = ()
    copied: Mapping[int, Record] = field(default_factory=dict)
    defects: Defects = field(default_factory=Defects)

    def save(
        self,
        path: PathLike,
        *,
        quality: int = 95,
        compression: Compression = "deflate",
        overwrite: bool = False,
        delivery: Delivery = AS_IT_IS,
    ) -> list[str]:
        """Write the fused image: .jpg, .png, .tif, .webp, .avif or .dng, whole or not at all.

        ``quality``, 1 to 100, is of formats that lose something; ``compression``, one of deflate,
        zstd, lzw and none, of TIFF; ``delivery`` says at which size, in which colour space and
        with which metadata.

        Returns
        -------
        list of str
            Warnings, such as that the format holds fewer bits than the picture.

        Raises
        ------
        OutputError
            If it cannot be written there; OutputExists unless ``overwrite``.
        """
        from focusstack.steps.write import check_output, write_picture

        target = Path(path)
        check_output(target, inputs=self.inputs, overwrite=overwrite, kind="picture")
        height, width = self.image.shape[:2]
        record = self.provenance | delivery.described(width, height)
        packed = pack(record)
        records = packed, pack(record, SHORT_PACKED)
        lost = [] if packed else [f"{target}: the record of so many frames needs a sidecar"]
        facts = {"method": self.recipe.method, "frames": str(self.facts.get("used", ""))}
        facts |= exposure_facts(self.facts)
        return lost + write_picture(
            target,
            self.image,
            self.metadata,
            quality=quality,
            compression=compression,
            overwrite=overwrite,
            facts=facts,
            records=records,
            delivery=delivery,
        )

    @cached_property
    def provenance(self) -> Record:
        """How the picture was made: recipe, frames with their SHA-256, transforms, versions.

        Worked out when it is first asked for, which reads all input files once.
        """
        return make_record(
            self.image,
            self.recipe,
            self.alignment,
            self.names,
            self.inputs,
            self.gains,
            self.warnings,
            self.given_alignment,
            as_document(self.strokes),
            self.copied,
        )

    def save_sidecar(self, path: PathLike, *, overwrite: bool = False) -> None:
        """Write :attr:`provenance` as .json."""
        from focusstack.steps.write import check_output, write_sidecar

        target = Path(path)
        check_output(target, inputs=self.inputs, overwrite=overwrite, kind="sidecar")
        write_sidecar(target, self.provenance, overwrite=overwrite)

    def save_depth(self, path: PathLike, *, overwrite: bool = False) -> None:
        """Write the depth map: .tif as float32 frame indices, .png as a 16-bit preview."""
        from focusstack.steps.write import check_output, write_depth

        if self.depth is None:
            raise OutputError("there is no depth map to write", "stack with Recipe(depth=True)")
        target = Path(path)
        check_output(target, inputs=self.inputs, overwrite=overwrite, kind="depth")
        write_depth(target, self.depth, frames=len(self.names), overwrite=overwrite)

    def save_map(self, name: str, path: PathLike, *, overwrite: bool = False) -> None:
        """Write one of ``MAPS`` as .tif: confidence and lost as float32, sources as uint16."""
        from focusstack.steps.write import check_output, write_map

        values = getattr(self, name) if name in MAPS else None
        if values is None:
            raise OutputError(
                f"there is no map of {name} to write",
                f"the maps are {', '.join(MAPS)}; they come with Recipe(depth=True), and "
                "the last of them with method auto only",
            )
        target = Path(path)
        check_output(target, inputs=self.inputs, overwrite=overwrite, kind="map")
        write_map(target, values, overwrite=overwrite)

    def save_mesh(
        self,
        path: PathLike,
        *,
        scale: Scale | None = None,
        sure_only: bool = False,
        overwrite: bool = False,
    ) -> None:
        """Write the depth as a mesh with the picture's colours: .glb or .ply.

        Parameters
        ----------
        path : path
        scale : Scale, optional
            Micrometres from frame to frame and to a pixel of a frame, and which end is nearest.
            With both lengths the mesh is metric: GLB in metres, PLY in micrometres.
        sure_only : bool
            Whether parts with a confidence below 0.5 are left out; else they are there, filled in
            from around where nothing is known.
        overwrite : bool

        Raises
        ------
        OutputError
            If it cannot be written there, or no depth is known.
        InputError
            If nothing of the depth is.
        """
        from focusstack.steps.read import to_srgb
        from focusstack.steps.write import check_output, write_mesh
        from focusstack.surface import MESH_CELLS, cell_colours, heights, mesh

        if self.depth is None or self.confidence is None:
            raise OutputError(
                "there is no depth to make a mesh of", "stack with Recipe(depth=True)"
            )
        target = Path(path)
        check_output(target, inputs=self.inputs, overwrite=overwrite, kind="mesh")
        ground = heights(self.depth, self.confidence, MESH_CELLS)
        shown = to_srgb(eight_bits(self.image), self.metadata.icc)
        colours = cell_colours(np.repeat(shown, 4 - shown.shape[2], 2)[..., :3], ground.step)
        height, width = self.depth.shape
        made = mesh(
            ground,
            colours,
            (width, height),
            len(self.names),
            scale or Scale(),
            self._reduction,
            sure_only,
        )
        write_mesh(target, made, overwrite=overwrite)

    @property
    def _reduction(self) -> int:
        """How many times as wide as the frames' its pixels are: more than 1 of a preview."""
        from focusstack.steps.read import FileSource

        if not self.recipe.preview or not self.inputs:
            return 1
        return max(1, round(FileSource(self.inputs).info(0).width / self.alignment.size[0]))

    def save_alignment(self, path: PathLike, *, overwrite: bool = False) -> None:
        """Write transforms, reference, crop and rejected frames as JSON."""
        from focusstack.steps.write import check_output, write_alignment

        target = Path(path)
        check_output(target, inputs=self.inputs, overwrite=overwrite, kind="alignment")
        write_alignment(target, self.alignment, self.names, overwrite=overwrite)
