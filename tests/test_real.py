"""Real stacks, where a folder of them is at hand: FOCUSSTACK_STACKS names it.

Each sub-folder is one stack in focus order. There is no truth for these, so what is asked is what
any good result has: every frame used, sharper than any one frame, nothing newly blown out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from focusstack import Recipe, inspect_stack, stack
from focusstack.steps.read import open_source

pytestmark = pytest.mark.real

HOME = os.environ.get("FOCUSSTACK_STACKS", "")
STACKS = sorted(p for p in Path(HOME).iterdir() if p.is_dir()) if HOME else []
NO_STACKS = "FOCUSSTACK_STACKS does not name a folder of real stacks"
BLOCK = 48


@pytest.mark.skipif(not STACKS, reason=NO_STACKS)
@pytest.mark.parametrize("folder", STACKS or [None], ids=lambda p: p.name if p else "none")
def test_a_real_stack_comes_out_well(folder):
    result = stack(folder, Recipe(depth=False))
    facts = result.facts
    assert result.alignment.rejected == ()
    assert facts["used"] == facts["frames"]
    assert facts["breathing_percent"] < 20
    assert facts["drift_px"] < 0.1 * np.hypot(*result.image.shape[:2])
    width, height = result.alignment.crop[2:]
    assert width * height > 0.5 * frame_area(folder)
    assert_sharper_and_not_clipped(result, folder)


@pytest.mark.skipif(not STACKS, reason=NO_STACKS)
@pytest.mark.parametrize("folder", STACKS or [None], ids=lambda p: p.name if p else "none")
def test_an_inspection_raises_no_alarm_about_a_real_stack(folder):
    report = inspect_stack(folder)
    assert not any(frame.left_out or frame.problem for frame in report.frames)
    assert not report.shuffled
    assert report.repeats == report.gaps == ()
    assert report.job.fits


@pytest.mark.skipif(not STACKS, reason=NO_STACKS)
@pytest.mark.parametrize("rank", range(3))
def test_a_real_result_is_made_again_bit_for_bit(tmp_path, rank):
    """The three stacks with the fewest pixels, by the command line, each to another format."""
    if rank >= len(STACKS):
        pytest.skip(f"there are only {len(STACKS)} real stacks")
    folder = sorted(STACKS, key=pixels_in)[rank]
    out = tmp_path / ("fused.tif", "fused.png", "fused.jpg")[rank]

    def run(*args):
        command = [sys.executable, "-m", "focusstack", *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stderr

    run(folder, "-o", out)
    assert "made first, bit for bit" in run("restack", out, "--frames", folder)
    again = out.with_name(f"fused-restacked{out.suffix}")
    flags = cv2.IMREAD_UNCHANGED
    np.testing.assert_array_equal(cv2.imread(str(again), flags), cv2.imread(str(out), flags))


def pixels_in(folder):
    return len(open_source(folder)) * frame_area(folder)


def frame_area(folder):
    info = open_source(folder).info(0)
    return info.width * info.height


def assert_sharper_and_not_clipped(result, folder):
    """Against every frame, brought onto the canvas one at a time."""
    source = open_source(folder)
    x, y, width, height = result.alignment.crop
    best, union = np.zeros(1), np.zeros((height, width), bool)
    single = 0.0  # sharpness of the frame that is sharpest as a whole
    canvas = np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])
    for i in result.alignment.kept:
        move = np.linalg.inv(result.alignment.transforms[i]) @ canvas
        # nearest neighbour: any other way of moving the frame would change its sharpness
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        pixels = source.read(i).pixels
        seen = cv2.warpPerspective(pixels, move, (width, height), flags=flags)
        best = np.maximum(best, sharpness(seen))
        union |= clipped(seen)
        part = pixels[y : y + height, x : x + width]
        single = max(single, float(sharpness(part).mean()))
    ours = sharpness(result.image)
    assert ours.mean() > 1.05 * single
    # bands of several frames overshoot a little at the hardest edges
    assert clipped(result.image).mean() <= union.mean() + 0.01
    # where there is detail, the result is about as sharp as the frame that shows it best;
    # elsewhere a frame's sharpness is its noise, and having less of that is no loss
    detailed = best > np.median(best)
    assert (ours > 0.6 * best)[detailed].mean() > 0.99


def sharpness(pixels):
    """Mean magnitude of the Laplacian of slightly blurred luma, in blocks; noise counts little."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if pixels.shape[-1] == 3 else pixels
    smooth = cv2.GaussianBlur(np.asarray(grey, np.float32), (0, 0), 1.2)
    detail = np.abs(cv2.Laplacian(smooth, cv2.CV_32F))
    height, width = detail.shape
    blocks = max(1, width // BLOCK), max(1, height // BLOCK)
    return cv2.resize(detail, blocks, interpolation=cv2.INTER_AREA)


def clipped(pixels):
    """Where any channel is black or white."""
    top = np.iinfo(pixels.dtype).max
    return ((pixels == 0) | (pixels == top)).reshape(*pixels.shape[:2], -1).any(axis=2)
