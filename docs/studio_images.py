"""Pictures of the studio as Chromium shows it: one large, and a walk through it step by step."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
WAIT = 90_000
SETTLED = '.viewer[aria-busy="false"]'


def two_results(folder: Path) -> Picture:
    """Two results of a folder's frames with the line between them."""
    with opened(folder, (1280, 800)) as page:
        made(page, 1, "average")
        made(page, 2, "auto")
        page.get_by_label("Compare with").select_option("v1")
        page.locator(SETTLED).wait_for()
        page.locator(".viewer").hover(position={"x": 500, "y": 300})
        page.wait_for_timeout(1500)
        return shot(page)


def walk(folder: Path) -> list[tuple[str, Picture]]:
    """What a person sees from opening a folder to exporting, each with a caption."""
    with opened(folder, (1440, 900)) as page:
        steps = [("open: frames, thumbnails, findings", shot(page, 2500))]
        page.get_by_role("button", name="Stack", exact=True).click()
        page.get_by_role("progressbar").first.wait_for()
        steps.append(("stack", shot(page, 1500)))
        made(page, 1)
        steps.append(("look", shot(page, 1500)))
        page.keyboard.press("d")
        steps.append(("depth", shot(page, 1500)))
        page.keyboard.press("d")
        page.get_by_label("Compare with").select_option(index=3)
        page.get_by_label("Layout").select_option(index=1)
        steps.append(("side by side with a frame", shot(page, 2500)))
        page.get_by_label("Compare with").select_option("")
        paint(page)
        steps.append(("retouch", shot(page, 1500)))
        page.keyboard.press("b")
        page.keyboard.press("t")
        page.locator("canvas").first.wait_for()
        steps.append(("depth in 3-D, with a section", shot(page, 6000)))
        page.keyboard.press("t")
        page.get_by_role("button", name="Export", exact=True).click()
        page.get_by_label("The same on the command line").wait_for(timeout=WAIT)
        steps.append(("export, with the command that does the same", shot(page, 500)))
        return steps


def paint(page: Any) -> None:
    """A stroke across the middle, from the frame that is sharpest there."""
    box = page.locator(".viewer").first.bounding_box()
    x, y = box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.45
    page.mouse.move(x, y)
    page.locator(".readout", has_text="frame").wait_for()
    page.keyboard.press("b")
    page.keyboard.press("s")
    page.mouse.down()
    page.mouse.move(x + 160, y + 60, steps=12)
    page.mouse.up()
    page.get_by_text("1 stroke").wait_for(timeout=WAIT)


def made(page: Any, number: int, method: str | None = None) -> None:
    """Stack, unless that goes on already, and wait until the result is shown."""
    if method is not None:
        page.get_by_label("Method").select_option(method)
        page.get_by_role("button", name="Stack", exact=True).click()
    page.get_by_text(f"result {number}", exact=True).wait_for(timeout=WAIT)
    page.locator(SETTLED).first.wait_for(timeout=WAIT)


def shot(page: Any, wait: int = 0) -> Picture:
    """What is on the screen, RGB."""
    page.wait_for_timeout(wait)
    drawn = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert drawn is not None
    return drawn[..., ::-1].astype(np.uint8)


@contextmanager
def opened(folder: Path, size: tuple[int, int]) -> Iterator[Any]:
    """A folder's page in a window of that size."""
    with served(folder) as (_, address), window(size) as page:
        page.goto(address)
        page.get_by_role("navigation", name="Frames").get_by_role("listitem").first.wait_for()
        yield page


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A studio's process, and its address."""
    command = [sys.executable, "-m", "focusstack", "studio", str(folder), "--no-browser", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()


@contextmanager
def window(size: tuple[int, int]) -> Iterator[Any]:
    """An empty page in the dark."""
    from playwright.sync_api import sync_playwright

    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    assert browser, "this picture is drawn by chromium"
    options = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as playwright:
        shown = playwright.chromium.launch(executable_path=browser, args=options)
        viewport = {"width": size[0], "height": size[1]}
        yield shown.new_page(viewport=viewport, color_scheme="dark")
