"""The values that travel between steps: frozen, without behaviour.

Points are (x, y); arrays are (row, column, channel); pixel centres are at integers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[Any]
"""(height, width, channels) with 1 or 3 channels (RGB), uint8, uint16 or float32 in 0..1."""
FloatImage = npt.NDArray[np.float32]
"""float32 picture or map."""
Transform = npt.NDArray[np.float64]
"""3x3 homogeneous matrix, float64, in pixel-centre coordinates."""


BT601 = np.array([0.299, 0.587, 0.114], np.float32)
"""Shares of red, green and blue in luma, by ITU-R BT.601."""
ALIGNMENT_FORMAT = "focusstack-alignment"
ALIGNMENT_VERSION = 1
"""What an alignment file calls itself, and the newest version of it that is known here."""


@dataclass(frozen=True)
class CameraColour:
    """How a developed picture is led back to what its camera saw.

    ``matrix`` leads from CIE XYZ to the camera's red, green and blue, row by row; ``white`` has the
    multipliers of these that the picture was developed with; ``space`` is the colour space it was
    developed to, as in :class:`~focusstack.recipe.Recipe`.
    """

    matrix: tuple[float, ...]
    white: tuple[float, float, float]
    space: str


@dataclass(frozen=True)
class Metadata:
    """What a picture file says about itself, kept as the bytes it came in.

    ``exif`` is a TIFF-structured block without the ``Exif\\0\\0`` prefix; ``icc`` and ``xmp`` are
    the raw profile and packet, ``resources`` are Photoshop's, which hold IPTC. Empty bytes mean
    that there was none. ``camera`` is known of developed RAW.
    """

    exif: bytes = b""
    icc: bytes = b""
    xmp: bytes = b""
    resources: bytes = b""
    camera: CameraColour | None = None


@dataclass(frozen=True)
class FrameInfo:
    """What a file's header says about a frame, before its pixels are decoded.

    ``width`` and ``height`` are as seen upright (orientation applied); ``orientation`` is the
    EXIF value 1..8 that the file carries. ``has_alpha`` tells that a channel will be left out.
    ``camera`` is the maker and model that RAW comes from; empty for pictures. ``profile`` tells ICC
    profiles apart; empty where there is none.
    """

    name: str
    width: int
    height: int
    channels: int
    dtype: np.dtype[Any]
    orientation: int = 1
    has_alpha: bool = False
    camera: str = ""
    profile: str = ""


@dataclass(frozen=True)
class Frame:
    """One exposure, upright, without alpha."""

    info: FrameInfo
    pixels: Pixels
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True)
class NoiseModel:
    """How noisy the frames' luma is, and what luma is.

    Attributes
    ----------
    variance : float32 (64,)
        Of luma noise in the finest Laplacian band, at evenly spaced luma 0..1 (sRGB-encoded);
        never below what rounding alone makes.
    gains : tuple of float
        Variance that white noise of variance 1 has in each of the finest bands.
    luma : float32 (3,)
        Shares of red, green and blue in luma; by default those of ITU-R BT.601.
    """

    variance: npt.NDArray[np.float32]
    gains: tuple[float, ...]
    luma: FloatImage = field(default_factory=lambda: BT601.copy())


@dataclass(frozen=True)
class DepthGuide:
    """Where on the canvas which frame is in focus, known for every pixel.

    Attributes
    ----------
    depth : float32 (H, W)
        Fractional position among the kept frames in focus order; no NaN.
    spread : float32 (H, W)
        Half-width, in frames, of the window around it in which the true depth surely lies.
    """

    depth: FloatImage
    spread: FloatImage


@dataclass(frozen=True)
class Rejection:
    """A frame that was left out, and why."""

    index: int
    name: str
    reason: str


@dataclass(frozen=True)
class Alignment:
    """Where each frame lies on the canvas.

    Attributes
    ----------
    transforms : tuple
        Per frame, in the order given, ``reference_from_frame`` (3x3): maps pixel centres of the
        frame to pixel centres of the (uncropped) reference frame. None for a rejected frame.
    reference_index : int
        The frame that defines the canvas.
    crop : tuple of int
        (x, y, width, height) of the canvas within the reference frame.
    rejected : tuple of Rejection
    order : tuple of int
        Frame indices in focus order; 0, 1, 2 ... unless the stack came shuffled.
    model : str
        The motion model that was used: none, translation, similarity, affine or homography.
    size : tuple of int
        (width, height) of the frames.
    """

    transforms: tuple[Transform | None, ...]
    reference_index: int
    crop: tuple[int, int, int, int]
    rejected: tuple[Rejection, ...] = ()
    order: tuple[int, ...] = ()
    model: str = "none"
    size: tuple[int, int] = (0, 0)

    @property
    def kept(self) -> tuple[int, ...]:
        """Indices of the frames that take part, in focus order."""
        return tuple(i for i in self.order if self.transforms[i] is not None)


@dataclass(frozen=True)
class Mesh:
    """A surface of triangles.

    Attributes
    ----------
    vertices : float32 (n, 3)
        x to the right, y up, z towards the lens.
    colours : uint8 (n, 3)
        sRGB.
    confidence : float32 (n,)
        0..1, of their heights.
    triangles : uint32 (m, 3)
        Three vertices each, anticlockwise as seen from the lens.
    metric : bool
        Whether lengths are micrometres; else they are pixels, and heights are not to scale.
    """

    vertices: FloatImage
    colours: Pixels
    confidence: FloatImage
    triangles: npt.NDArray[np.uint32]
    metric: bool
