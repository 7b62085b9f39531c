"""The studio's page at three sizes beside pictures of it that were looked at and kept, reduced.

``python tests/test_studio_references.py`` draws them anew, to be looked at again.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from studio_page import (
    NEEDED,
    browser,
    folder,
    launched,
    opened,
    put_one_result,
    rendered_beetle,
    settled,
)
from studio_server import started

pytestmark = NEEDED
__all__ = ["browser", "folder", "launched"]
GOLDEN = Path(__file__).parent / "golden"
SIZES = {"1440": (1440, 900), "390": (390, 844), "3840": (3840, 2160)}
WIDTH = 96
"""So small that another font or another version of the browser is the same page."""
MEAN, WORST = 8.0, 90.0
"""Largest differences of 255: of all, and of the worst in a hundred."""


def looks(browser, address):
    """The page in a dark room at each size: name, page, and picture reduced to WIDTH."""
    page, complaints = opened(browser, address, color_scheme="dark")
    page.get_by_text("result 1", exact=True).wait_for()
    page.get_by_text("Nothing found that could spoil the result").wait_for()
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.querySelector('.viewer').scrollIntoView({block: 'nearest'})")
        settled(page)
        # a PNG of the largest takes seconds, and JPEG changes much less than is allowed
        seen = np.frombuffer(page.screenshot(type="jpeg", quality=95), np.uint8)
        shot = cv2.imdecode(seen, cv2.IMREAD_COLOR)
        small = WIDTH, round(height * WIDTH / width)
        yield name, page, cv2.resize(shot, small, interpolation=cv2.INTER_AREA)
    assert not complaints.said
    page.close()


def test_the_page_looks_as_it_did_when_it_was_looked_at_and_nothing_sticks_out(browser, folder):
    put_one_result(folder)
    with started(folder) as (_, address):
        for name, page, found in looks(browser, address):
            width, height = SIZES[name]
            assert page.locator("html").evaluate("e => e.scrollWidth") <= width
            assert page.locator(".viewer").bounding_box()["height"] > 0.35 * height
            for button in ("Stack", "Preview", "Export"):
                assert page.get_by_role("button", name=button, exact=True).is_visible()
            kept = cv2.imread(str(GOLDEN / f"studio-{name}.png"))
            assert found.shape == kept.shape
            difference = np.abs(found.astype(float) - kept)
            assert difference.mean() < MEAN, name
            assert np.percentile(difference, 99) < WORST, name


def draw():
    """Write the references, in a browser and a folder of their own."""
    from studio_page import CHROMIUM, sync_api

    GOLDEN.mkdir(exist_ok=True)
    put_one_result(rendered_beetle())
    with sync_api.sync_playwright() as playwright, started(rendered_beetle()) as (_, address):
        drawer = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, _, found in looks(drawer, address):
            cv2.imwrite(str(GOLDEN / f"studio-{name}.png"), found)


if __name__ == "__main__":
    draw()
