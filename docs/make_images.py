"""Draws every picture in docs/images from synthetic stacks: ``python3 dev.py images``.

Nothing here comes from a camera or from elsewhere. Running it again gives the same pictures on the
same machine; a name as argument draws only that one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from sheets import reduced, row, sheet

from focusstack import Recipe, StackResult, kernels, stack
from focusstack.colour import luma_of
from focusstack.events import Event, StepImage
from focusstack.steps import focus
from focusstack.steps.align.sketch import sketch
from focusstack.steps.fuse import dual_tree
from focusstack.synthetic import SyntheticStack, render, write_stack

OUT = Path(__file__).parent / "images"
Picture = npt.NDArray[np.uint8]


@cache
def scene(**settings: Any) -> SyntheticStack:
    """The still life of the demo, smaller."""
    return render(**{"size": (1200, 800), "frames": 12, **settings})


@cache
def frames(**settings: Any) -> list[Picture]:
    return [frame.astype(np.uint8) for frame in scene(**settings).frames()]


@cache
def fused(recipe: Recipe, **settings: Any) -> StackResult:
    return stack(frames(**settings), recipe)


def in_canvas(picture: npt.NDArray[Any], result: StackResult) -> npt.NDArray[Any]:
    """The part of a reference-frame-sized picture that the canvas shows."""
    x, y, width, height = result.alignment.crop
    return picture[y : y + height, x : x + width]


def coloured(depth: npt.NDArray[np.float32], count: int) -> Picture:
    """A depth map in colours, near = yellow, far = blue, unknown = black; RGB."""
    near = 1 - np.nan_to_num(depth) / (count - 1)
    codes = np.rint(np.clip(near, 0, 1) * 255).astype(np.uint8)
    picture = cv2.applyColorMap(codes, cv2.COLORMAP_CIVIDIS)[..., ::-1].copy()
    picture[np.isnan(depth)] = 0
    return picture


def part(picture: Picture, x: int, y: int, width: int, height: int, zoom: int = 1) -> Picture:
    """A detail, every pixel repeated ``zoom`` times."""
    cut = picture[y : y + height, x : x + width]
    return np.repeat(np.repeat(cut, zoom, 0), zoom, 1)


def eight_bits(values: npt.NDArray[Any]) -> Picture:
    """0..1 to RGB."""
    codes = np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
    return np.repeat(codes.reshape(*codes.shape[:2], -1), 4 - (codes.ndim > 2) * 3, 2)[..., :3]


def overview() -> Picture:
    """The README's picture."""
    result = fused(Recipe())
    one = in_canvas(frames()[3], result)
    assert result.depth is not None
    return row(
        ("one frame of 12", reduced(one, 440)),
        ("fused image", reduced(result.image, 440)),
        ("depth map (near: yellow, unknown: black)", reduced(coloured(result.depth, 12), 440)),
    )


def compressed_detail() -> Picture:
    """What alignment looks at."""
    frame = frames()[9]
    level = sketch(luma_of(frame)).pyramid[0]
    return row(
        ("frame 9, focused far", reduced(frame, 440)),
        ("its sketch", reduced(eight_bits(level / 2 + 0.5), 440)),
    )


def alignment() -> Picture:
    at = 380, 40, 220, 150
    still, aligned = (
        fused(Recipe(align=model, crop=False), drift_px=15.0).image for model in ("none", "auto")
    )
    return row(
        ("--align none", part(still, *at, zoom=2)), ("--align auto", part(aligned, *at, zoom=2))
    )


def exposure() -> Picture:
    """What is wrong with the fused image when exposures differ, and when they were matched."""
    settings = {"flicker": 0.25, "white_balance": 0.08}
    raw, even = (fused(Recipe(match_exposure=on), **settings) for on in (False, True))
    truth = in_canvas(scene(**settings).truth.fused, even)
    errors = (0.5 + 4 * (result.image / 255 - truth) for result in (raw, even))
    wrong = [reduced(eight_bits(error), 440) for error in errors]
    return row(
        ("fused - truth, x 4: --no-exposure", wrong[0]),
        ("fused - truth, x 4: exposure matched", wrong[1]),
    )


def defects() -> Picture:
    """A part of a scene with a dirty sensor: left as it is, repaired, and the map of defects."""
    at = 1040, 165, 140, 110
    settings = {"scene": "plane", "dust": 12, "hot_pixels": 400, "breathing": 0.05}
    kept: list[Picture] = []

    def keep(event: Event) -> None:
        if isinstance(event, StepImage) and event.step == "clean":
            kept.append(event.make())

    dirty = fused(Recipe(clean=False, crop=False), **settings).image
    repaired = stack(frames(**settings), Recipe(crop=False), observer=keep).image
    return row(
        ("--no-clean", part(dirty, *at, zoom=3)),
        ("repaired", part(repaired, *at, zoom=3)),
        ("what was found", part(kept[0], *at, zoom=3)),
    )


def quiet_blocks() -> Picture:
    """The blocks whose variance is taken for noise: the quietest tenth of each brightness."""
    frame = frames(iso=1600.0)[9]
    luma = luma_of(frame)
    low = kernels.pyramid_down(luma[np.newaxis])
    expanded = np.empty_like(luma[np.newaxis])
    kernels.collapse_band(np.zeros_like(expanded), np.ones(luma.shape, np.float32), low, expanded)
    energy, mean = block_means((luma - expanded[0]) ** 2), block_means(luma)
    bins = np.clip((mean * focus.BINS).astype(int), 0, focus.BINS - 1)
    shown = frame.copy()
    for k in range(focus.BINS):
        inside = energy[bins == k]
        if inside.size >= focus.MIN_BLOCKS:
            quiet = (bins == k) & (energy <= np.percentile(inside, focus.QUIET_PERCENTILE))
            for y, x in np.argwhere(quiet) * focus.BLOCK:
                corner = int(x) + focus.BLOCK - 1, int(y) + focus.BLOCK - 1
                cv2.rectangle(shown, (int(x), int(y)), corner, (255, 230, 0), 2)
    return row(("frame 9 at ISO 1600, its quiet blocks", reduced(shown, 560)))


def block_means(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    height, width = (n // focus.BLOCK for n in plane.shape)
    cut = plane[: height * focus.BLOCK, : width * focus.BLOCK]
    return cut.reshape(height, focus.BLOCK, width, focus.BLOCK).mean((1, 3))


def scores() -> Picture:
    """Focus scores of three frames, as --save-steps keeps them."""
    kept: dict[str, Picture] = {}

    def keep(event: Event) -> None:
        if isinstance(event, StepImage) and event.name in ("focus_001", "focus_005", "focus_010"):
            kept[event.name] = np.repeat(event.make(), 3, 2)

    stack(frames(), observer=keep)
    return row(*((f"frame {int(name[-3:])}", reduced(kept[name], 360)) for name in sorted(kept)))


def noise() -> Picture:
    at = 690, 60, 150, 120
    settings = {"iso": 3200.0}
    recipes = [Recipe(method=name, reference=6, crop=False) for name in ("laplacian", "pyramid")]
    hard, soft = (fused(recipe, **settings).image for recipe in recipes)
    return row(
        ("frame 6 at ISO 3200", part(frames(**settings)[6], *at, zoom=3)),
        ("method laplacian", part(hard, *at, zoom=3)),
        ("method pyramid", part(soft, *at, zoom=3)),
    )


def average() -> Picture:
    at = 380, 40, 220, 150
    mean, sharp = (fused(Recipe(method=name), iso=3200.0) for name in ("average", "pyramid"))
    return row(
        ("method average", part(mean.image, *at, zoom=2)),
        ("method pyramid", part(sharp.image, *at, zoom=2)),
    )


def depthmap() -> Picture:
    """Where a depth is wrong, method depthmap shows it; nothing else is touched."""
    at = 380, 420, 150, 120
    result = fused(Recipe(method="depthmap"))
    assert result.depth is not None
    truth = eight_bits(in_canvas(scene().truth.fused, result))
    return row(
        ("truth", part(truth, *at, zoom=3)),
        ("depth map (unknown: black)", part(coloured(result.depth, 12), *at, zoom=3)),
        ("method depthmap", part(result.image, *at, zoom=3)),
    )


def wavelets() -> Picture:
    """The real parts of the six orientations at one level, and what they are used for."""
    at = 380, 420, 150, 120
    image = fused(Recipe(method="wavelet")).image
    shapes = [oriented(band, sign) for sign in (-1, 1) for band in range(len(dual_tree.BANDS))]
    grid = np.vstack([np.hstack(shapes[:3]), np.hstack(shapes[3:])])
    return row(
        ("the six orientations", part(eight_bits(grid), 0, 6, 288, 180, zoom=2)),
        ("method wavelet", part(image, *at, zoom=3)),
    )


def oriented(band: int, sign: int, levels: int = 4, side: int = 96) -> npt.NDArray[np.float64]:
    """The plane that one pair of coefficients stands for, scaled to 0..1 around grey."""
    trees, bands = len(dual_tree.TREES), len(dual_tree.BANDS)
    sizes = [side >> k for k in range(1, levels + 1)]
    details = [np.zeros((trees, bands, n, n), np.float32) for n in sizes]
    middle = sizes[-1] // 2
    details[-1][0, band, middle, middle], details[-1][3, band, middle, middle] = 1, sign
    plane = dual_tree.synthesise(details, np.zeros((trees, sizes[-1], sizes[-1]), np.float32))
    return 0.5 + plane / (2 * np.abs(plane).max())


def auto() -> Picture:
    at = 380, 420, 150, 120
    settings = {"blur_px": 2.5, "frames": 24}
    results = [fused(Recipe(method=name), **settings) for name in ("pyramid", "auto")]
    truth = eight_bits(in_canvas(scene(**settings).truth.fused, results[0]))
    return row(
        ("method pyramid", part(results[0].image, *at, zoom=3)),
        ("method auto", part(results[1].image, *at, zoom=3)),
        ("truth", part(truth, *at, zoom=3)),
    )


def halo() -> Picture:
    at = 380, 420, 150, 120
    settings = {"blur_px": 2.5, "frames": 24}
    result = fused(Recipe(), **settings)
    truth = eight_bits(in_canvas(scene(**settings).truth.fused, result))
    fused_part, true_part = part(result.image, *at, zoom=3), part(truth, *at, zoom=3)
    return row(("truth", true_part), ("fused from strongly blurred frames", fused_part))


def depth() -> Picture:
    result = fused(Recipe())
    assert result.depth is not None
    truth = in_canvas(scene().truth.depth, result)
    return row(
        ("truth", reduced(coloured(truth, 12), 560)),
        ("depth map (unknown: black)", reduced(coloured(result.depth, 12), 560)),
    )


def resampling() -> Picture:
    """A shift by a third of a pixel, with the kernel that is used and with the usual one."""
    at = 545, 52, 72, 54
    frame = frames(iso=0.0)[5]
    height, width = frame.shape[:2]
    shift = np.array([[1, 0, 1 / 3], [0, 1, 1 / 3], [0, 0, 1]])
    codes = np.tile(np.arange(256, dtype=np.float32) / 255, (3, 1))
    lanczos = kernels.warp(frame, codes, shift, (width, height)).transpose(1, 2, 0)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    linear = cv2.warpAffine(frame, shift[:2], (width, height), flags=flags)
    return row(
        ("frame", part(frame, *at, zoom=6)),
        ("shifted 1/3 px, linear", part(linear, *at, zoom=6)),
        ("shifted 1/3 px, Lanczos-3", part(eight_bits(lanczos), *at, zoom=6)),
    )


def inspect() -> Picture:
    """Three frames taken out of a stack, and where that shows."""
    from focusstack import inspect_stack
    from focusstack.inspection.plots import draw_focus

    left = [frame for i, frame in enumerate(frames()) if i not in (4, 5, 6)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "focus.png"
        draw_focus(inspect_stack(left), path)
        drawn = cv2.imread(str(path))
    assert drawn is not None
    return reduced(drawn[..., ::-1].astype(np.uint8), 720)


def report() -> Picture:
    """The page about the demo's run, as Chromium shows it."""
    from focusstack import save_report

    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    assert browser, "this picture is drawn by chromium"
    with TemporaryDirectory() as folder:
        page, shot = Path(folder) / "page.html", Path(folder) / "page.png"
        save_report(fused(Recipe()), page, source=frames(), title="Still life")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        options += [f"--user-data-dir={folder}/profile", "--window-size=1280,2120"]
        subprocess.run([browser, *options, f"--screenshot={shot}", page.as_uri()], check=True)
        drawn = cv2.imread(str(shot))
    assert drawn is not None
    return reduced(drawn[..., ::-1].astype(np.uint8), 860)


def studio() -> Picture:
    """Two results of the demo's frames with the line between them, as Chromium shows them."""
    from studio_images import two_results

    with TemporaryDirectory() as name:
        write_stack(scene(), Path(name) / "beetle")
        return reduced(two_results(Path(name) / "beetle"), 1100)


def studio_walk() -> Picture:
    """From opening a folder to exporting, in two columns."""
    from studio_images import walk

    with TemporaryDirectory() as name:
        write_stack(scene(), Path(name) / "beetle")
        return sheet(walk(Path(name) / "beetle"), 2, 450)


def studio_states(size: tuple[int, int], columns: int, width: int) -> Picture:
    """All states of the studio's pages in a window of that size."""
    from studio_states import seen_at

    with TemporaryDirectory() as name:
        return sheet(seen_at(size, Path(name)), columns, width)


PICTURES = {
    "overview": overview,
    "sketch": compressed_detail,
    "alignment": alignment,
    "exposure": exposure,
    "defects": defects,
    "quiet": quiet_blocks,
    "scores": scores,
    "noise": noise,
    "auto": auto,
    "average": average,
    "depthmap": depthmap,
    "wavelet": wavelets,
    "halo": halo,
    "depth": depth,
    "resampling": resampling,
    "inspect": inspect,
    "report": report,
    "studio": studio,
    "studio-walk": studio_walk,
    "studio-states-1440": lambda: studio_states((1440, 900), 4, 300),
    "studio-states-390": lambda: studio_states((390, 844), 8, 150),
}
QUALITY = {"studio-states-1440": 65, "studio-states-390": 65}
"""Of large sheets; others have more."""


def main(names: list[str]) -> None:
    """Draw the named pictures, or all."""
    OUT.mkdir(exist_ok=True)
    for name in names or PICTURES:
        path = OUT / f"{name}.jpg"
        cv2.imwrite(
            str(path),
            PICTURES[name]()[..., ::-1],
            [cv2.IMWRITE_JPEG_QUALITY, QUALITY.get(name, 88)],
        )
        print(path, path.stat().st_size // 1000, "kB")


if __name__ == "__main__":
    main(sys.argv[1:])
