"""How long a stroke takes to show, and how smoothly large pictures move, in real Chromium.

    python benchmarks/brush.py [--strokes N] [--small]

Opens the studio on a generated stack of 24 MP, paints, and prints the time from letting go of the
pointer to the first frame in which the picture under the stroke is another one. Then moves a
picture of 60 MP at 1:1 and prints the times between frames, and what memory the page takes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import queue
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from playwright.sync_api import sync_playwright

from focusstack import Recipe
from focusstack.studio.project import Project
from focusstack.studio.work import Task, carry_out

SIZES = {"24 MP": (6000, 4000), "60 MP": (9504, 6336)}
FRAMES = 4
RECIPE = Recipe(method="average", align="none", clean=False, match_exposure=False, depth=False)
TINTS = np.array([[1.3, 0.8, 0.8], [0.8, 1.3, 0.8], [0.8, 0.8, 1.3], [1.2, 1.2, 0.6]])
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

WATCH = """
() => new Promise((done) => {
  const stage = document.querySelector(".trace");
  const canvas = document.querySelector(".viewer canvas");
  const pen = canvas.getContext("2d");
  const at = (event) => {
    const box = canvas.getBoundingClientRect(), scale = canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale].map(Math.round);
  };
  stage.addEventListener("pointerup", (event) => {
    const [x, y] = at(event), start = performance.now();
    const before = pen.getImageData(x, y, 1, 1).data.slice(0, 3);
    const look = () => {
      const now = pen.getImageData(x, y, 1, 1).data;
      const off = Math.max(...before.map((value, k) => Math.abs(value - now[k])));
      if (off > 12) done(performance.now() - start);
      else if (performance.now() - start > 20000) done(null);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, { once: true });
  window.watching = true;
})
"""
FRAME_TIMES = """
() => {
  window.times = [];
  let last = performance.now();
  const next = (now) => { window.times.push(now - last); last = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
}
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=int, default=40)
    parser.add_argument("--small", action="store_true", help="2 MP, to try the script")
    options = parser.parse_args()
    print("| what | p50 | p95 | |\n|---|---|---|---|")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, size in SIZES.items():
            folder = Path(scratch) / name.replace(" ", "")
            generate(folder, (1800, 1200) if options.small else size)
            with studio(folder) as address:
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.goto(address)
                page.get_by_text("result 1", exact=True).wait_for()
                ready(page)
                if name == "24 MP":
                    strokes(page, options.strokes)
                else:
                    panning(page)
                memory(browser, page, name)
                page.close()
        browser.close()


def generate(folder: Path, size: tuple[int, int]) -> None:
    """Frames of one scene in different tints, so that every stroke shows, and their average."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(1)
    coarse = rng.random((size[1] // 8, size[0] // 8, 3)).astype(np.float32)
    fine = rng.random((512, 512, 1)).astype(np.float32) - 0.5
    scene = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), 3), size, interpolation=cv2.INTER_CUBIC)
    scene += 0.3 * np.tile(fine, (size[1] // 512 + 1, size[0] // 512 + 1, 1))[: size[1], : size[0]]
    for k in range(FRAMES):
        codes = np.clip(scene * TINTS[k % len(TINTS)] * 200, 0, 255).astype(np.uint8)
        data = simplejpeg.encode_jpeg(np.ascontiguousarray(codes), quality=92)
        (folder / f"frame_{k}.jpg").write_bytes(data)
    project, news = Project(folder), queue.Queue()
    task = Task(1, project.frames, RECIPE, project.version_folder(1))
    carry_out(task, news, multiprocessing.get_context("spawn").Event())
    said = list(news.queue)[-1]
    if said["state"] != "done":
        raise SystemExit(said)


@contextmanager
def studio(folder: Path):
    """The address of a studio that is open on a folder."""
    command = [sys.executable, "-m", "focusstack", "studio", str(folder), "--no-browser"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def ready(page) -> None:
    """Until all that is wanted is on the screen."""
    page.locator(".viewer[aria-busy=false]").wait_for(timeout=60_000)
    page.wait_for_timeout(400)


def strokes(page, count: int) -> None:
    """From letting go to the first changed tile: with the whole picture in view, and at 1:1."""
    page.get_by_label("Brush").check()
    for where, zooms in (("whole in view", 0), ("at 1:1", 8)):
        box = page.locator(".viewer").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(*middle)
        for _ in range(zooms):
            page.mouse.wheel(0, -240)
            page.wait_for_timeout(80)
        ready(page)
        first, later = [], []
        rng = np.random.default_rng(2)
        for k in range(count):
            if k % 10 == 0:
                index = k // 10 % FRAMES
                page.get_by_label("Paint from").select_option(label=f"frame_{index}.jpg")
                page.wait_for_timeout(1500)  # a person needs as long to go back to the picture
            spent = one_stroke(page, box, rng)
            (first if k % 10 == 0 else later).append(spent)
        row(f"stroke, {where}", later, "ms")
        row(f"first stroke from another frame, {where}", first, "ms")


def one_stroke(page, box, rng) -> float:
    """Milliseconds from letting go to another picture under the pointer."""
    x = box["x"] + box["width"] * rng.uniform(0.25, 0.75)
    y = box["y"] + box["height"] * rng.uniform(0.25, 0.75)
    page.mouse.move(x - 40, y - 20)
    page.evaluate(f"window.took = ({WATCH})(); null")
    page.mouse.down()
    page.mouse.move(x, y, steps=8)
    page.mouse.up()
    spent = page.evaluate("window.took")
    if spent is None:  # it was painted on before, from the same frame
        return float("nan")
    ready(page)
    return float(spent)


def panning(page) -> None:
    """Times between frames while the picture is dragged at 1:1."""
    box = page.locator(".viewer").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    for _ in range(9):
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(80)
    ready(page)
    page.evaluate(FRAME_TIMES)
    for k in range(6):
        page.mouse.move(middle[0] + 300 * (-1) ** k, middle[1] + 200 * (-1) ** k)
        page.mouse.down()
        page.mouse.move(middle[0] - 300 * (-1) ** k, middle[1] - 200 * (-1) ** k, steps=40)
        page.mouse.up()
    row("frame while a picture of 60 MP is dragged", page.evaluate("window.times"), "ms")


def memory(browser, page, name: str) -> None:
    """Of the page's heap, and resident in the process that shows it."""
    heap = page.context.new_cdp_session(page)
    heap.send("Performance.enable")
    metrics = {m["name"]: m["value"] for m in heap.send("Performance.getMetrics")["metrics"]}
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    resident = max(_resident(one["id"]) for one in found if one["type"] == "renderer")
    used = metrics["JSHeapUsedSize"] / 1e6
    print(f"| memory of the page, {name} | {used:.0f} MB heap | {resident:.0f} MB resident | |")


def _resident(process: int) -> float:
    """MB, as Linux tells."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def row(what: str, values, unit: str) -> None:
    """One line of the table."""
    known = np.array(values, float)
    known = known[np.isfinite(known)]
    p50, p95 = np.percentile(known, [50, 95])
    print(f"| {what} | {p50:.0f} {unit} | {p95:.0f} {unit} | n = {len(known)} |", flush=True)


if __name__ == "__main__":
    main()
