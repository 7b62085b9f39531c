"""Every setting that changes pixels, in one frozen value with a JSON round trip."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from focusstack.errors import RecipeError

SCHEMA_VERSION = 1
METHODS = ("auto", "pyramid", "laplacian", "wavelet", "depthmap", "average")
ALIGN_MODELS = ("auto", "none", "translation", "similarity", "affine", "homography")
PREFERENCES = ("near", "far")
SELECTING = ("auto", "depthmap", "laplacian")
REFERENCES = ("auto", "first", "middle", "last")
RAW_HIGHLIGHTS = ("clip", "blend", "rebuild")
RAW_COLOURS = ("srgb", "adobe", "prophoto")
RAW_WHITES = ("camera", "daylight")


@dataclass(frozen=True)
class Recipe:
    """The complete settings of a run.

    Parameters
    ----------
    method : {"auto", "pyramid", "laplacian", "wavelet", "depthmap", "average"}
        ``auto``: the pyramid, kept to the frames around the depth, on frames freed of the veils
        that blurred near things draw over what lies behind. ``pyramid``: noise-aware weighted
        Laplacian pyramid. ``laplacian``: the original method,
        each pixel copied from the frame whose Gaussian-blurred Laplacian is largest. ``wavelet``:
        at every place and scale the complex wavelet coefficients with most energy. ``depthmap``:
        each pixel from the two frames next to its depth. ``average``: the mean of all frames.
    reference : int or {"auto", "first", "middle", "last"} or None
        Frame that defines the canvas, counted from 0 in the order given. ``auto``: the frame that
        asks the others to move least. None: what the method prefers (laplacian: first; else auto).
    align : {"auto", "none", "translation", "similarity", "affine", "homography"} or None
        Motion model. ``homography`` is SIFT key points + RANSAC straight onto the reference, the
        others are intensity based. None: the method's choice (laplacian: homography; else auto).
    crop : bool or None
        True: the canvas is what all frames cover. False: the whole reference frame. None: what
        the method prefers (laplacian: False; else True).
    clean : bool
        Repair hot pixels and dust: what stays put on the sensor while the subject moves.
    match_exposure : bool
        Even out exposure and white balance between frames, in linear light.
    depth : bool
        Also compute the depth map.
    gaussian, laplacian : int
        Odd kernel sizes (1..31) of the Gaussian blur and the Laplacian of method ``laplacian``.
    sharpness : int
        Exponent p of the pyramid's weights; a power of two, 1..32. Larger means nearer to picking
        one frame, smaller means more averaging.

    prefer : {"near", "far"} or None
        Where two things are in focus one behind the other, take the nearer or the farther one.
        None: the one that shows more.
    select_only : bool
        Every pixel is copied from a single aligned frame, nothing is blended or unveiled. For the
        methods auto, depthmap and laplacian (which never blends).
    preview : bool
        A quick look: frames are reduced by 2, 4 or 8 to at most 2 MP, sensor defects stay in, and
        ``auto`` means ``pyramid``.
    raw_highlights : {"clip", "blend", "rebuild"}
        What becomes of light beyond the sensor's range in RAW frames: white, white with what is
        left of its shading, or a guess from the channels that were not full.
    raw_colour : {"srgb", "adobe", "prophoto"}
        The colour space that RAW frames are developed to; its profile goes into the result.
    raw_white : {"camera", "daylight"}
        White balance of RAW frames: what the camera noted in the first one, or daylight.

    Raises
    ------
    RecipeError
        If a value is out of range; the message names the setting and what it may be.
    """

    method: str = "auto"
    reference: int | str | None = None
    align: str | None = None
    crop: bool | None = None
    clean: bool = True
    match_exposure: bool = True
    depth: bool = True
    gaussian: int = 5
    laplacian: int = 5
    sharpness: int = 16
    prefer: str | None = None
    select_only: bool = False
    preview: bool = False
    raw_highlights: str = "clip"
    raw_colour: str = "srgb"
    raw_white: str = "camera"
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        _one_of("method", self.method, METHODS)
        if self.align is not None:
            _one_of("align", self.align, ALIGN_MODELS)
        _check_reference(self.reference)
        _check_kernel("gaussian", self.gaussian)
        _check_kernel("laplacian", self.laplacian)
        _check_flag("crop", self.crop, may_be_none=True)
        _check_flag("clean", self.clean)
        _check_flag("match_exposure", self.match_exposure)
        _check_flag("depth", self.depth)
        if self.prefer is not None:
            _one_of("prefer", self.prefer, PREFERENCES)
        _check_flag("select_only", self.select_only)
        _check_flag("preview", self.preview)
        _one_of("raw_highlights", self.raw_highlights, RAW_HIGHLIGHTS)
        _one_of("raw_colour", self.raw_colour, RAW_COLOURS)
        _one_of("raw_white", self.raw_white, RAW_WHITES)
        if self.select_only and self.method not in SELECTING:
            raise RecipeError(
                f"method {self.method} blends frames, select_only does not",
                f"use one of {', '.join(SELECTING)}",
            )
        if type(self.sharpness) is not int or self.sharpness not in (1, 2, 4, 8, 16, 32):
            raise RecipeError(f"sharpness is {self.sharpness!r}", "use 1, 2, 4, 8, 16 or 32")
        _check_schema(self.schema_version)

    def resolved(self) -> Recipe:
        """The same recipe with every None replaced by what the method prefers."""
        classic = self.method == "laplacian"
        quick = self.preview and not self.select_only
        return replace(
            self,
            method="pyramid" if quick and self.method == "auto" else self.method,
            clean=self.clean and not self.preview,
            reference=("first" if classic else "auto")
            if self.reference is None
            else self.reference,
            align=("homography" if classic else "auto") if self.align is None else self.align,
            crop=(not classic) if self.crop is None else self.crop,
        )

    def to_json(self) -> str:
        """One JSON object with every setting."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Read what :meth:`to_json` wrote; errors on unknown keys name the nearest valid one."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise RecipeError(f"the recipe is not JSON: {error}") from error
        if not isinstance(values, dict):
            raise RecipeError("the recipe is not a JSON object")
        return cls.from_dict(values)

    def to_toml(self) -> str:
        """A TOML document for people, with every setting that is not left to the method."""
        settings = {key: value for key, value in asdict(self).items() if value is not None}
        # JSON writes strings, whole numbers, true and false just as TOML does
        lines = (f"{key} = {json.dumps(value)}" for key, value in settings.items())
        return "# focusstack recipe: every setting of a run\n" + "\n".join(lines) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> Recipe:
        """Read what :meth:`to_toml` or a person wrote; what is not named keeps its default."""
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise RecipeError(f"the recipe is not TOML: {error}") from error
        return cls.from_dict(values)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Recipe:
        """Build a recipe from a mapping, refusing unknown keys and newer schemas."""
        _check_schema(values.get("schema_version", SCHEMA_VERSION))
        known = [f.name for f in fields(cls)]
        for key in values:
            if key not in known:
                near = get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
                raise RecipeError(f"unknown setting {key!r}", hint)
        return cls(**values)


def _check_schema(version: object) -> None:
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise RecipeError(
            f"the recipe is of schema {version}, this focusstack knows {SCHEMA_VERSION}",
            "update focusstack",
        )
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise RecipeError(
            f"recipe schema {version!r} is not known here",
            f"this version reads schema {SCHEMA_VERSION}",
        )


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise RecipeError(f"{name} is {value!r}", f"use one of {', '.join(allowed)}")


def _check_reference(value: object) -> None:
    if value is None or value in REFERENCES:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RecipeError(
            f"reference is {value!r}",
            f"use a frame number from 0 or one of {', '.join(REFERENCES)}",
        )


def _check_kernel(name: str, size: object) -> None:
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= 31 or size % 2 == 0:
        raise RecipeError(f"the {name} kernel size is {size!r}", "use an odd number from 1 to 31")


def _check_flag(name: str, value: object, may_be_none: bool = False) -> None:
    if not (isinstance(value, bool) or (may_be_none and value is None)):
        raise RecipeError(f"{name} is {value!r}", "use True or False")
