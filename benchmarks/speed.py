"""Speed and memory of the whole command beside the time it takes only to decode the frames.

    python3 dev.py speed                          30 frames of 24 MP, three runs: some minutes
    python3 dev.py speed --frames 10 --runs 1     quicker
    python3 dev.py speed --stages                 also: what each kernel moves, beside a plain copy
    python3 dev.py speed --profile                only: CPU seconds of each stage of one run
    python3 dev.py speed --plot benchmarks/scaling.png
    python3 dev.py speed --memory benchmarks/memory.png     memory over runs of 30 and 200 frames
    python3 dev.py speed --against "enfuse -o {out} {frames}"

Frames are rendered small, enlarged, given fine grain and saved as JPEG into benchmarks/out; they
stay there for the next time. Seconds are CPU seconds of the whole process unless said otherwise.
"""

from __future__ import annotations

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent / "out"
RENDERED = 1500, 1000
GRAIN = 3.0
QUALITY = 92
NAMES = "wall / decode", "wall s", "CPU s", "CPU s per MP-frame", "peak MiB"


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    wall: float
    cpu: float
    peak: int


def frames_of(count: int, megapixels: float) -> Path:
    """A folder with a focus stack of JPEG files, 3:2."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5 / 2) * 2
    width = round(height * 1.5)
    folder = OUT / f"{count}x{width}x{height}"
    if len(list(folder.glob("*.jpg"))) != count:
        # in a process of its own: children begin with the peak that their parent had
        making = [sys.executable, __file__, "--make", str(folder)]
        subprocess.run(making, check=True)
    return folder


def make(folder: Path) -> None:
    """Fill a folder that is named after number and size of the frames."""
    import cv2

    from focusstack.synthetic import render

    count, width, height = (int(number) for number in folder.name.split("x"))
    folder.mkdir(parents=True, exist_ok=True)
    stack, noise = render(frames=count, size=RENDERED), np.random.default_rng(1)
    grain = noise.normal(0, GRAIN, (height, width, 1)).astype(np.float32)
    for k, small in enumerate(stack.frames()):
        large = cv2.resize(small[..., ::-1], (width, height), interpolation=cv2.INTER_CUBIC)
        moved = np.roll(grain, (7919 * k, 104729 * k), (0, 1))
        pixels = np.clip(large + moved, 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{k:03d}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def decoding(folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds to decode every frame once with libjpeg-turbo on all cores."""
    import simplejpeg

    def decode(path: Path) -> None:
        simplejpeg.decode_jpeg(path.read_bytes())

    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(pool.map(decode, sorted(folder.glob("*.jpg"))))
    return time.perf_counter() - wall, time.process_time() - cpu


def cost(command: list[str]) -> Cost:
    """Run a command to its end."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{shlex.join(command)} failed:\n{said.decode(errors='replace')[-2000:]}")
    wall = time.perf_counter() - begun
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def median_cost(command: list[str], runs: int) -> Cost:
    """The median of each figure over several runs."""
    costs = [cost(command) for _ in range(runs)]
    wall, cpu, peak = zip(*((c.wall, c.cpu, c.peak) for c in costs), strict=True)
    return Cost(statistics.median(wall), statistics.median(cpu), int(statistics.median(peak)))


def ours(folder: Path | None, *options: str) -> list[str]:
    """Our command line."""
    command = [sys.executable, "-m", "focusstack"]
    if folder is None:
        return [*command, *options]
    return [*command, str(folder), "-o", str(OUT / "fused.jpg"), "--overwrite", "-q", *options]


def row(name: str, found: Cost, decode: float, megapixels: float) -> str:
    """One line of the table; ``megapixels`` of all frames together."""
    figures = (
        f"{found.wall / decode:.1f}",
        f"{found.wall:.1f}",
        f"{found.cpu:.1f}",
        f"{found.cpu / megapixels:.3f}",
        f"{found.peak / 2**20:.0f}",
    )
    return f"| {name} | " + " | ".join(figures) + " |"


def table(folder: Path, megapixels: float, runs: int, against: list[str]) -> None:
    """Print the main table."""
    wall, cpu = decoding(folder)
    count = len(list(folder.glob("*.jpg")))
    print(f"decoding all {count} frames once: {wall:.2f} s wall, {cpu:.2f} s CPU\n")
    print(f"| {folder.name} | " + " | ".join(NAMES) + " |")
    print("|---" * (len(NAMES) + 1) + "|")
    commands = {
        "auto": ours(folder),
        "auto, depth and maps": ours(folder, "--depth", str(OUT / "depth.tif")),
        "pyramid": ours(folder, "--method", "pyramid"),
        "--preview": ours(folder, "--preview"),
    }
    for text in against:
        frames = " ".join(shlex.quote(str(path)) for path in sorted(folder.glob("*.jpg")))
        filled = text.format(frames=frames, folder=folder, out=OUT / "other.jpg")
        commands[text.split()[0]] = shlex.split(filled)
    for name, command in commands.items():
        print(row(name, median_cost(command, runs), wall, megapixels * count), flush=True)


def start_up(runs: int) -> None:
    """Print what the smallest runs take."""
    version = median_cost(ours(None, "--version"), max(runs, 3))
    small = median_cost(ours(frames_of(9, 1)), max(runs, 3))
    print(f"\n--version: {version.cpu:.2f} s; 9 frames of 1 MP: {small.cpu:.2f} s, ", end="")
    print(f"{small.peak / 2**20:.0f} MiB")


def profile(folder: Path) -> None:
    """Print what each stage takes, measured in a process of its own."""
    measuring = Path(__file__).with_name("stages.py")
    subprocess.run([sys.executable, measuring, str(folder), str(OUT / "fused.jpg")], check=True)


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description="Time and memory of the whole command.")
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stages", action="store_true")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--plot", type=Path, metavar="PNG")
    parser.add_argument("--memory", type=Path, metavar="PNG")
    parser.add_argument("--against", action="append", default=[], metavar="COMMAND")
    asked = parser.parse_args()
    if asked.make:
        make(asked.make)
        return
    if asked.memory:
        from memory import draw as draw_memory

        draw_memory(asked.memory, asked.megapixels)
        return
    if asked.profile:
        profile(frames_of(asked.frames, asked.megapixels))
        return
    table(frames_of(asked.frames, asked.megapixels), asked.megapixels, asked.runs, asked.against)
    start_up(asked.runs)
    if asked.stages:
        from roofline import print_stages

        print_stages(asked.megapixels)
    if asked.plot:
        from scaling import draw

        draw(asked.plot)


if __name__ == "__main__":
    main()
