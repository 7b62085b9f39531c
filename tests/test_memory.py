"""Memory: what was promised is kept, and more frames take no more of it.

Each run has a process of its own, whose peak is its own too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from focusstack import Recipe
from focusstack.model import FrameInfo
from focusstack.plan import (
    SURVEY_PIXELS,
    VOLUME_BYTES,
    make_plan,
    projected_bytes,
    survey_scale,
)
from focusstack.recipe import METHODS
from truth import rendered

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs /proc to see a peak"
)
SIZE = 2500, 1660
"""So that frames are reduced for alignment and for the depth, as larger ones are."""
LARGER = 3000, 2000
"""So that frames of 16 bits take over 32 MB: the C library keeps no freed blocks of that size."""
LARGER_INFO = FrameInfo("x", *LARGER, 3, np.dtype(np.uint8))
RUN = """
import hashlib, json, sys
from pathlib import Path
from focusstack import Recipe, stack
from focusstack.events import RunStarted

told = []

def listen(event):
    if isinstance(event, RunStarted):
        told.append(event)

paths, settings = sys.argv[2:], json.loads(sys.argv[1])
memory = settings.pop("memory", None)
made = stack(paths, Recipe(**settings), threads=2, observer=listen, memory=memory)
# ru_maxrss would include what the parent process held when it started this one
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(int(l.split()[1]) * 1024 for l in lines if l.startswith("VmHWM"))
picture = hashlib.sha256(made.image.tobytes()).hexdigest()
print(json.dumps([told[0].projected_bytes, peak, picture]))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Three frames of 4 MP with 8 and with 16 bits."""
    return enlarged(tmp_path_factory.mktemp("large"), SIZE)


@pytest.fixture(scope="module")
def larger_files(tmp_path_factory):
    """Three frames of 6 MP with 8 and with 16 bits."""
    return enlarged(tmp_path_factory.mktemp("larger"), LARGER)


def enlarged(folder, size):
    """Files by their bits, which are quicker to enlarge from small frames than to render."""
    made = {8: [], 16: []}
    for k, small in enumerate(rendered("steps", frames=3, bits=16)[0]):
        large = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
        made[16].append(folder / f"deep_{k}.tif")
        tifffile.imwrite(made[16][-1], large, photometric="rgb")
        made[8].append(folder / f"plain_{k}.jpg")
        cv2.imwrite(
            str(made[8][-1]), (large // 257).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90]
        )
    return made


def several(paths, count, folder):
    """``count`` files, in order of focus, that are the same few over and over."""
    folder.mkdir()
    links = []
    for k in range(count):
        links.append(folder / f"{k:03d}{paths[0].suffix}")
        os.link(paths[k * len(paths) // count], links[-1])
    return links


def peak_of(paths, **settings):
    """Bytes that were projected, the peak of the process, and a hash of the picture."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(settings), *map(str, paths)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


OTHERS = [
    {"crop": False},
    {"depth": False},
    *({"method": method} for method in METHODS if method != Recipe().method),
]


@pytest.mark.parametrize(
    ("settings", "bits"),
    [({}, 8), ({}, 16), *((settings, (8, 16)[k % 2]) for k, settings in enumerate(OTHERS))],
    ids=lambda s: " ".join(map(str, s.values())) or "default" if isinstance(s, dict) else None,
)
def test_a_run_keeps_to_what_was_projected(files, settings, bits):
    projected, peak, _ = peak_of(files[bits], **settings)
    assert peak <= projected
    # a projection much too high would refuse runs that fit
    assert projected < 2 * peak


@pytest.mark.parametrize("bits", [8, 16])
def test_in_parts_it_takes_less_and_makes_the_same_picture(larger_files, bits):
    settings = {"method": "pyramid", "depth": False, "clean": False}
    whole = peak_of(larger_files[bits], **settings)
    parted = peak_of(larger_files[bits], memory=whole[0] - (60 << 20), **settings)
    assert parted[1] <= parted[0] <= whole[0] - (60 << 20)
    assert parted[1] < whole[1]
    assert parted[2] == whole[2]


@pytest.mark.parametrize("bits", [8, 16])
def test_more_frames_take_no_more_memory(larger_files, bits, tmp_path):
    # both are enough to tell how defocus grows, so that veils are looked for in both
    few = peak_of(several(larger_files[bits], 8, tmp_path / "few"))[1]
    many = peak_of(several(larger_files[bits], 16, tmp_path / "many"))[1]
    # whether the next frame is decoded already when a run needs most is luck, of which more frames
    # have more; and the C library keeps freed blocks of up to 32 MB for the thread that had them
    decoded = 3 * LARGER[0] * LARGER[1] * bits // 8
    held = 2 * decoded if bits == 8 else decoded
    kept = 8 * decoded // survey_scale(LARGER_INFO, 16) ** 2  # those kept of eight frames more
    assert many <= 1.05 * few + (8 << 20) + held + kept


def test_the_projection_grows_with_what_costs():
    def cost(width=3000, channels=3, dtype=np.uint8, read_ahead=1, threads=2, **settings):
        info = FrameInfo("x", width, 2000, channels, np.dtype(dtype))
        return projected_bytes(info, Recipe(**settings).resolved(), 2, read_ahead, threads)

    assert cost(width=6000, depth=False, method="pyramid") > 1.8 * cost(
        depth=False, method="pyramid"
    )
    assert cost(width=6000) > cost()
    assert cost(channels=1) < cost()
    assert cost(dtype=np.uint8) < cost(dtype=np.uint16) < cost(dtype=np.float32)
    assert cost(read_ahead=0) < cost(read_ahead=1) < cost(read_ahead=2)
    assert cost(threads=1) < cost(threads=8)
    assert cost(depth=False, method="pyramid") < cost(method="pyramid") <= cost()
    assert cost(crop=True) < cost(crop=False)


@pytest.mark.parametrize("width", [100, 3000, 30000])
def test_the_survey_of_many_frames_stays_small(width):
    """However many and large: frames are surveyed on a coarser grid instead."""
    info = FrameInfo("x", width, 2000, 3, np.dtype(np.uint8))
    for frames in (2, 50, 600):
        scale = survey_scale(info, frames)
        reduced = width * 2000 / scale**2
        assert scale == 8 or (reduced <= SURVEY_PIXELS and reduced * frames <= VOLUME_BYTES)
        finer = 4 * reduced
        assert scale == 1 or finer > SURVEY_PIXELS or finer * frames > VOLUME_BYTES


def test_less_is_read_ahead_where_memory_is_short():
    info = FrameInfo("x", 3000, 2000, 3, np.dtype(np.uint16))
    recipe = Recipe().resolved()
    roomy = make_plan(info, recipe, 2, None, None)
    tight = make_plan(info, recipe, 2, roomy.projected_bytes - 1, None)
    assert tight.read_ahead < roomy.read_ahead
    assert tight.projected_bytes < roomy.projected_bytes
    assert make_plan(info, recipe, 2, None, roomy.projected_bytes - 1) == tight
