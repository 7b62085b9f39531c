"""The studio's page in a real browser, for the tests that use it as a person does."""

from __future__ import annotations

import atexit
import filecmp
import shutil
from base64 import b64decode
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from focusstack.studio.inspecting import NAME, keep_notes, key_of
from focusstack.studio.project import Project
from truth import put_stack

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PAGE = Path(__file__).parents[1] / "src" / "focusstack" / "studio" / "page" / "index.html"
AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
NEEDED = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not PAGE.is_file(), reason="the page is not built: python3 web/build.py"),
]
SLOW = 60_000


@pytest.fixture(scope="module")
def launched():
    with sync_api.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def browser(launched):
    """The module's browser; what a test leaves open would go on asking a server that is gone."""
    yield launched
    for context in launched.contexts:
        context.close()


@cache
def rendered_beetle():
    """The frames' folder, rendered once; tests get copies."""
    folder = Path(mkdtemp()) / "beetle"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    put_stack(folder, "still-life", frames=6, size=(900, 600))
    return folder


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(rendered_beetle(), tmp_path / "beetle")
    return tmp_path / "beetle"


class Complaints:
    """What a page's console says, and what the server refused."""

    def __init__(self, page):
        self.said = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("response", self._answered)

    def _note(self, kind, text):
        if kind == "error":
            self.said.append(text)

    def _answered(self, response):
        if response.status >= 400:
            self.said.append(f"{response.status} {response.url}")


def opened(browser, address, **context):
    page = browser.new_context(viewport={"width": 1440, "height": 900}, **context).new_page()
    complaints = Complaints(page)
    page.goto(address)
    page.get_by_role("navigation", name="Frames").get_by_role("listitem").first.wait_for()
    return page, complaints


def results(page):
    return page.locator(".results li")


def shot_of(locator):
    """What the person sees of an element, (H, W, 3) RGB; packed less tightly, which is quicker."""
    import cv2

    locator.scroll_into_view_if_needed(timeout=SLOW)
    session = locator.page.context.new_cdp_session(locator.page)
    how = {"format": "png", "optimizeForSpeed": True, "clip": locator.evaluate(PLACE)}
    shot = b64decode(session.send("Page.captureScreenshot", how)["data"])
    session.detach()
    return cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(int)


PLACE = """element => {
  const { x, y, width, height } = element.getBoundingClientRect();
  const [left, top] = [Math.floor(x + scrollX), Math.floor(y + scrollY)];
  return { x: left, y: top, width: Math.round(width), height: Math.round(height), scale: 1 };
}"""
"""Where an element is on the page."""

DRAWN = """viewer => {
  const small = new OffscreenCanvas(96, 96).getContext("2d", { willReadFrequently: true });
  const sum = (canvas) => {
    small.clearRect(0, 0, 96, 96);
    if (canvas.width && canvas.height) small.drawImage(canvas, 0, 0, 96, 96);
    return small.getImageData(0, 0, 96, 96).data.reduce((all, one) => (all * 31 + one) | 0, 0);
  };
  const moves = (animation) => animation.playState === "running";
  if (viewer.getAnimations({ subtree: true }).some(moves)) return String(performance.now());
  return [...viewer.querySelectorAll("canvas")].map(sum).join();
}"""
"""A number for what is drawn in a viewer, which is much quicker than a picture of it."""


def settled(page, viewer=0):
    """Wait until all of the picture is there and nothing moves any more; what is seen then."""
    before = None
    shown = page.locator(".viewer").nth(viewer)
    there = shown.and_(page.locator('[aria-busy="false"]'))
    for _ in range(60):
        now = there.evaluate(DRAWN, timeout=SLOW)
        if now == before:
            seen = shot_of(shown)
            if seen.std() > 3:
                return seen
        before = now
        page.wait_for_timeout(200)
    raise TimeoutError


def kept(download, path):
    """Save what was downloaded."""
    download.save_as(path)
    return path


def put_one_result(folder, recipe=None):
    """A quick result, made before the page is opened; the first is a copy, of the same frames.

    Its frames have been inspected, so that no inspection takes the machine from the page.
    """
    from test_studio_app import put_version

    project = Project(folder)
    home = project.home
    same = filecmp.cmpfiles(folder, rendered_beetle(), [path.name for path in folder.iterdir()])
    if home.exists() or same[1] or same[2]:
        put_version(project, recipe)
    else:
        shutil.copytree(made_of_beetle(recipe), home)
    keep_notes(home / NAME, key_of(project.chosen_frames()), [])


@cache
def made_of_beetle(recipe):
    """The project of a copy of the frames with one result."""
    from test_studio_app import put_version

    folder = Path(mkdtemp()) / "beetle"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    shutil.copytree(rendered_beetle(), folder)
    put_version(Project(folder), recipe)
    return Project(folder).home


def violations(page):
    """What axe finds against WCAG 2.2 AA on a page that was opened without its policy."""
    if not AXE.is_file():
        pytest.skip("the rest needs axe-core: npm ci in web/")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
    return [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]]
