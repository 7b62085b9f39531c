"""Every state of the studio's pages as Chromium shows it, on one sheet for each size of window.

``python3 dev.py images studio-states-1440 studio-states-390`` draws both.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio_images import WAIT, Picture, made, paint, served, shot, window

from focusstack.synthetic import render, write_stack

Look = Callable[[str, str], None]
"""Given a caption, and what must be in view, as a selector; empty for the top of the page."""
PASSWORD = "correct horse"


@dataclass(frozen=True)
class Stage:
    """Where states are looked at: an open window, and what looks."""

    page: Any
    look: Look

    def state(self, caption: str, into_view: str = "", wait: int = 600) -> None:
        """Look, when everything has come to rest."""
        self.page.wait_for_timeout(wait)
        self.look(caption, into_view)

    def open(self, address: str) -> None:
        """A page, when its script has begun."""
        self.page.goto(address)
        self.page.locator("header, form").first.wait_for()

    def button(self, name: str) -> Any:
        """One by its name."""
        return self.page.get_by_role("button", name=name, exact=True)


def states(page: Any, look: Look, folder: Path) -> None:
    """All of them, one after the other; ``folder`` is empty and gets everything."""
    stage = Stage(page, look)
    for part in (beginnings, failures, stacking, looking, depth, retouch, export, batch, strangers):
        part(stage, folder / part.__name__)


def beginnings(stage: Stage, folder: Path) -> None:
    """Nothing, little, and what takes its time."""
    folder.mkdir(parents=True)
    with served(folder) as (_, address):
        stage.open(address)
        stage.state("an empty folder")
        stage.page.evaluate("""() => {
            const data = new DataTransfer();
            data.items.add(new File(['x'], 'x.jpg'));
            window.dispatchEvent(new DragEvent('dragover', {dataTransfer: data, cancelable: true}));
        }""")
        stage.state("pictures held over it")
    put(folder, frames=1)
    with served(folder) as (_, address):
        stage.open(address)
        stage.state("one frame", wait=1500)


def put(folder: Path, frames: int = 8, size: tuple[int, int] = (1200, 800), **more: Any) -> None:
    """Rendered frames into a folder."""
    write_stack(render("still-life", frames=frames, size=size, **more), folder)


def failures(stage: Stage, folder: Path) -> None:
    """Thumbnails that are still to come, findings, frames that cannot be read, a run that fails."""
    put(folder)
    (folder / "frame_03.jpg").write_bytes(b"no picture")
    shutil.copy(folder / "frame_05.jpg", folder / "frame_06.jpg")
    with served(folder) as (_, address):
        stage.page.route("**/thumb.jpg", lambda _route: None)
        stage.open(address)
        stage.state("thumbnails on their way, frames being looked at", wait=300)
        stage.page.unroute("**/thumb.jpg")
        stage.page.reload()
        stage.page.locator(".notes li").first.wait_for(timeout=WAIT)
        stage.page.locator(".count", has_text="warning").wait_for(timeout=WAIT)
        stage.state("findings, and a frame that cannot be read")
        stage.button("Stack").click()
        stage.page.get_by_role("alert").wait_for(timeout=WAIT)
        stage.state("a run that failed", ".panel .problem")


def stacking(stage: Stage, folder: Path) -> None:
    """A run, stopped; one that ends; a server that falls silent."""
    put(folder, frames=12, size=(1800, 1200))
    with served(folder) as (process, address):
        stage.open(address)
        stage.button("Stack").click()
        stage.page.get_by_role("progressbar").wait_for()
        stage.state("stacking", ".panel .progress", wait=1500)
        stage.button("Stop").click()
        stage.page.get_by_text("Stopped; nothing was kept.").wait_for(timeout=WAIT)
        stage.state("stopped", ".panel .soft")
        stage.button("Preview").click()
        made(stage.page, 1)
        stage.state("a preview")
        stage.page.get_by_role("button", name="Delete result 1").click()
        stage.page.get_by_text("Result 1 is deleted.").wait_for()
        stage.state("a result deleted", ".deleted")
        process.kill()
        stage.page.get_by_text("does not answer").wait_for(timeout=WAIT)
        stage.state("a server that is gone")


def resulting(stage: Stage, folder: Path) -> Any:
    """A studio with two results of a folder, open; to be used in a ``with``."""
    shared = folder.parent / "results"
    stack = ExitStack()
    if not shared.exists():
        put(shared)
        with served(shared) as (_, address):
            stage.open(address)
            made(stage.page, 1, "average")
            made(stage.page, 2, "auto")
    _, address = stack.enter_context(served(shared))
    stage.open(address)
    made(stage.page, 2)
    return stack


def looking(stage: Stage, folder: Path) -> None:
    """One result, two, what lies over it, what it holds."""
    page = stage.page
    with resulting(stage, folder):
        page.locator(".viewer").hover(position={"x": 200, "y": 200})
        stage.state("a result", wait=1500)
        page.get_by_label("Compare with").select_option("v1")
        stage.state("two with a line between them", ".views", wait=1500)
        page.get_by_label("Layout").select_option("side")
        stage.state("two side by side", ".views", wait=1500)
        page.get_by_label("Compare with").select_option("")
        for name in ("Clipped", "Never in focus", "Depth uncertain"):
            page.get_by_text(name).click()
        page.get_by_text("Looking for what no frame").wait_for(state="hidden", timeout=WAIT)
        stage.state("what is not to be trusted", ".views", wait=1500)
        stage.state("overlays to choose from", "fieldset", wait=300)
        page.get_by_text("Histogram").click()
        page.locator(".histogram table").wait_for(timeout=WAIT)
        stage.state("histogram", ".histogram")
        stage.button("Keys").click()
        stage.state("keys")
        page.keyboard.press("Escape")


def depth(stage: Stage, folder: Path) -> None:
    """In colour, and as a surface."""
    with resulting(stage, folder):
        stage.page.keyboard.press("d")
        stage.state("depth in colour", ".views", wait=1500)
        stage.page.keyboard.press(".")
        stage.state("a frame in the result's place", ".views", wait=1500)
        stage.page.keyboard.press("t")
        stage.page.locator('.turn[aria-busy="false"]').wait_for(timeout=WAIT)
        stage.page.locator(".plot").wait_for(timeout=WAIT)
        stage.state("depth in 3-D", ".deep", wait=3000)
        stage.state("scale, section, views to take along", ".below > :last-child")


def retouch(stage: Stage, folder: Path) -> None:
    """With the brush, and with the eraser."""
    with resulting(stage, folder):
        stage.page.locator(".viewer").scroll_into_view_if_needed()
        paint(stage.page)
        stage.state("retouched with the brush", ".views", wait=1500)
        stage.page.get_by_label("Paint from").select_option("")
        stage.state("the eraser", "#retouch-h")


def export(stage: Stage, folder: Path) -> None:
    """What can be chosen, and what was written."""
    with resulting(stage, folder):
        stage.page.get_by_role("combobox", name="Size", exact=True).select_option("px")
        stage.state("export", "section:has(#export-h) button")
        stage.button("Export").click()
        stage.page.locator("a[download]").wait_for(timeout=WAIT)
        stage.state("exported, with the command that does the same", ".made")


def batch(stage: Stage, folder: Path) -> None:
    """Many stacks: being looked for, found, being made, made."""
    for k, name in enumerate(("ant", "bee", "cricket with a long name", "dragonfly")):
        put(folder / name, frames=6, size=(1200, 800), seed=k)
    with served(folder) as (_, address):
        page = stage.page
        stage.open(address)
        stage.state("stacks being looked for", wait=200)
        page.locator(".stacks li").first.wait_for(timeout=WAIT)
        stage.state("stacks found", wait=1500)
        page.get_by_role("checkbox", name="dragonfly").uncheck()
        (folder / "bee" / "frame_02.jpg").write_bytes(b"no picture")
        page.get_by_role("button", name="Make 3 stacks").click()
        page.get_by_role("progressbar").first.wait_for(timeout=WAIT)
        stage.state("stacks being made", wait=1500)
        page.get_by_text("2 made").wait_for(timeout=WAIT)
        stage.state("stacks made, and one that failed")


def strangers(stage: Stage, folder: Path) -> None:
    """Who has no cookie."""
    put(folder, frames=2, size=(300, 200))
    with served(folder, "--password", PASSWORD) as (_, address):
        stage.open(address)
        stage.state("a password is asked for")
        for _ in range(2):
            stage.page.get_by_label("Password").fill("wrong horse")
            stage.button("Log in").click()
            stage.page.get_by_role("alert").wait_for()
        stage.state("a wrong one")


def seen_at(size: tuple[int, int], folder: Path) -> list[tuple[str, Picture]]:
    """Captions and pictures of all states in a window of that size, in the dark."""
    found: list[tuple[str, Picture]] = []
    with window(size) as page:

        def look(caption: str, into_view: str) -> None:
            bring(page, into_view)
            found.append((caption, shot(page)))

        states(page, look, folder)
    return found


def bring(page: Any, into_view: str) -> None:
    """Scroll to what is to be seen; to the top if nothing is named."""
    if not into_view:
        page.evaluate("document.scrollingElement.scrollTo(0, 0)")
        return
    page.locator(into_view).first.evaluate("e => e.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(300)
