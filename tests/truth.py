"""Rendered stacks whose truth is known, and how far a result is from it."""

from __future__ import annotations

from functools import cache
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from focusstack import Recipe, stack
from focusstack.model import FrameInfo
from focusstack.synthetic import render, write_stack
from focusstack.transform import displacement

USUAL = {"size": (300, 200), "frames": 7}
STILL = {"breathing": 0.0, "drift_px": 0.0, "roll_deg": 0.0}
EVEN = {"flicker": 0.0, "white_balance": 0.0}
SMALL = {"size": (96, 72), "frames": 5, "drift_px": 2.0, "breathing": 0.01}


@cache
def _rendered(scene, settings):
    made = render(scene, **dict(settings))
    frames = list(made.frames())
    for frame in frames:
        frame.flags.writeable = False
    return frames, made.truth


@cache
def _files(scene, settings):
    with TemporaryDirectory() as folder:
        paths = write_stack(render(scene, **dict(settings)), folder)
        return {path.name: path.read_bytes() for path in paths}


def put_stack(folder, scene, **settings):
    """Files of a rendered stack in a folder, rendered once for all that ask; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    files = _files(scene, tuple(sorted(settings.items())))
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


def write_with_a_gap(folder):
    """A stack of a plane whose frames 11 to 13 are missing, so that a part is never sharp."""
    paths = put_stack(folder, "plane", frames=24, size=(640, 480))
    for gone in paths[11:14]:
        gone.unlink()
    return folder


def rendered(scene="plane", **settings):
    """Frames (read-only, made once) and truth of a synthetic stack; 300 x 200 x 7 by default."""
    settings = {**USUAL, **settings}
    frames, truth = _rendered(scene, tuple(sorted(settings.items())))
    return list(frames), truth


@cache
def _placed_to(scene, reference, settings):
    recipe = Recipe(method="average", reference=reference, depth=False, clean=False)
    return stack(_rendered(scene, settings)[0], recipe).alignment


def placed_to(scene, reference, **settings):
    """Where the frames of a rendered stack lie (read-only, found once), for runs to start from."""
    settings = {**USUAL, **settings}
    return _placed_to(scene, reference, tuple(sorted(settings.items())))


def alignment_errors(alignment, true_transforms, width, height):
    """Mean distance in px over each kept frame between where it was put and where it belongs."""
    back = np.linalg.inv(true_transforms[alignment.reference_index])
    return {
        i: float(displacement(found, back @ true_transforms[i], width, height).mean())
        for i, found in enumerate(alignment.transforms)
        if found is not None
    }


def true_on_canvas(picture, truth, alignment):
    """A true picture, given for the true reference frame, as a run's canvas sees it."""
    x, y, width, height = alignment.crop
    shift = np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])
    move = truth.transforms[alignment.reference_index] @ shift
    if np.allclose(move, shift, atol=1e-9):
        return picture[y : y + height, x : x + width]
    seen = cv2.warpAffine(
        picture,
        move[:2],
        (width, height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return seen.reshape(height, width, *picture.shape[2:])


def as_float(pixels):
    """Pixels as float64 in 0..1."""
    top = 1.0 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
    return pixels.astype(np.float64) / top


def psnr(found, true, border=4):
    """Peak signal-to-noise ratio in dB, inside a border."""
    inner = np.s_[border:-border, border:-border]
    error = np.mean((as_float(found)[inner] - as_float(true)[inner]) ** 2)
    return float(-10 * np.log10(max(error, 1e-20)))


def small_frames(**settings):
    """Five tiny frames, for tests of everything but quality."""
    return rendered("plane", **{**SMALL, **settings})[0]


def assert_same(a, b):
    """Two results are equal to the last bit."""
    np.testing.assert_array_equal(a.image, b.image)
    np.testing.assert_array_equal(a.depth, b.depth)
    assert a.alignment.crop == b.alignment.crop
    for one, other in zip(a.alignment.transforms, b.alignment.transforms, strict=True):
        np.testing.assert_array_equal(one, other)


class Headers:
    """A stack of large frames of which only the headers can be read."""

    paths = ()

    def __init__(self, width=8000, height=6000):
        self._size = width, height

    def __len__(self):
        return 5

    def info(self, index):
        return FrameInfo(f"frame {index}", *self._size, 3, np.dtype(np.uint16))

    def read(self, index):
        raise AssertionError("a frame was read")

    def read_reduced(self, index, scale):
        raise AssertionError("a frame was read")
