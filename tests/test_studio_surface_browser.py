"""The surface in a real browser, drawn without a GPU: turning, light, sections, exports, keys."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from studio_page import (
    CHROMIUM,
    NEEDED,
    SLOW,
    browser,
    opened,
    put_one_result,
    shot_of,
    sync_api,
    violations,
)
from studio_server import started
from truth import put_stack

pytestmark = NEEDED
__all__ = ["browser"]  # a fixture
NO_GPU = [
    *("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    # An imitation of a GPU takes long: it draws nothing but the surface, every pixel of it once.
    *("--disable-gpu-compositing", "--disable-gpu-rasterization", "--webgl-antialiasing-mode=none"),
]


@pytest.fixture(scope="module")
def launched():
    with sync_api.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=NO_GPU)
        yield made
        made.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("surface") / "beetle"
    put_stack(folder, "still-life", frames=6, size=(600, 400))
    put_one_result(folder)
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with started(folder) as (_, address):
        yield address


def to_surface(browser, address, **context):
    page, complaints = opened(browser, address, **context)
    page.set_viewport_size({"width": 1000, "height": 640})  # every pixel of it is drawn by the CPU
    page.get_by_text("result 1", exact=True).wait_for()
    page.keyboard.press("t")
    page.locator('.turn[aria-busy="false"]').wait_for(timeout=SLOW)
    page.locator(".plot figcaption", has_text="A to B").wait_for()
    return page, complaints


def seen(page):
    """The surface as it is on the screen, once it no longer changes."""
    before = None
    for _ in range(40):
        now = shot_of(page.locator(".turn"))
        if before is not None and np.array_equal(now, before):
            return now
        before = now
        page.wait_for_timeout(100)
    raise TimeoutError


def differ(a, b):
    return np.abs(a - b).mean()


def test_the_page_starts_without_it(browser, address):
    page, complaints = opened(browser, address)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_text("result 1", exact=True).wait_for()
    page.locator('.viewer[aria-busy="false"]').wait_for(timeout=SLOW)
    scripts = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert not [one for one in scripts if "/surface" in one]
    page.get_by_label("Show").select_option("surface")
    page.locator('.turn[aria-busy="false"]').wait_for(timeout=SLOW)
    assert [one for one in asked if "/assets/surface" in one and one.endswith(".js")]
    assert complaints.said == []


def test_turning_light_and_height(browser, address):
    page, complaints = to_surface(browser, address)
    first = seen(page)
    assert first.std() > 15
    box = page.locator(".turn").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.3
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 120, middle[1] - 40, steps=5)
    page.mouse.up()
    turned = seen(page)
    assert differ(first, turned) > 3
    page.mouse.wheel(0, -300)
    assert differ(turned, seen(page)) > 3
    page.get_by_role("button", name="Reset view").click()
    assert differ(first, seen(page)) < 0.5

    for label, value in (("Light from", "300"), ("Height ×", "3")):
        page.get_by_label(label).fill(value)
        assert differ(first, seen(page)) > 1, label
        page.get_by_role("button", name="Reset looks").click()
        assert differ(first, seen(page)) < 0.5
    page.get_by_label("Picture on it").uncheck()
    bare = seen(page)
    assert np.ptp(bare, axis=2).mean() < np.ptp(first, axis=2).mean()  # grey
    page.get_by_label("Only what is sure").check()
    assert differ(bare, seen(page)) > 0.1
    assert complaints.said == []


def test_the_keys_turn_move_and_zoom(browser, address):
    page, complaints = to_surface(browser, address, reduced_motion="reduce")
    first = last = seen(page)
    assert not page.get_by_role("button", name="Rock").count()
    page.get_by_role("application").focus()
    for key in ("ArrowLeft", "ArrowDown", "Shift+ArrowRight", "+", "-"):
        page.keyboard.press(key)
        now = seen(page)
        assert differ(last, now) > 0.5, key
        last = now
    page.keyboard.press("0")
    page.get_by_role("application").blur()
    assert differ(first, seen(page)) < 0.5
    page.keyboard.press("t")
    page.locator(".viewer").wait_for()
    assert complaints.said == []


def test_it_rocks_when_asked_and_only_then(browser, address):
    page, _ = to_surface(browser, address)
    still = seen(page)
    page.get_by_role("button", name="Rock").click()
    end = page.get_by_role("button", name="End B")  # it lies on the surface
    places = []
    for _ in range(3):
        places.append(end.bounding_box())
        page.wait_for_timeout(300)
    page.get_by_role("button", name="Rock").click()
    assert all(one != other for one, other in pairwise(places))
    assert differ(still, seen(page)) > 0.5


def test_the_section_follows_its_ends(browser, address, folder):
    page, complaints = to_surface(browser, address)
    depth = np.load(folder.with_name("beetle.focusstack") / "versions/0001/depth.npy")
    height, width = depth.shape
    caption = page.locator(".plot figcaption")
    before, drawn = caption.inner_text(), page.locator(".heights").get_attribute("d")
    end = page.get_by_role("button", name="End B")
    at = f"End B of the section at {round(width * 0.85)}, {round(height / 2)}"
    assert end.get_attribute("aria-label") == at
    end.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.get_by_role(
        "button", name=f"End B of the section at {round(width * 0.85) - 1},"
    ).wait_for()
    for _ in range(10):
        page.keyboard.press("ArrowUp")
    caption.filter(has_not_text=before).wait_for()
    assert page.locator(".heights").get_attribute("d") != drawn

    label = end.get_attribute("aria-label")
    box = end.bounding_box()
    start = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] - 150, start[1] + 20, steps=6)
    page.mouse.up()
    assert end.get_attribute("aria-label") != label
    box = end.bounding_box()  # it lies where it was dropped
    assert box["x"] + box["width"] / 2 == pytest.approx(start[0] - 150, abs=12)
    assert box["y"] + box["height"] / 2 == pytest.approx(start[1] + 20, abs=12)
    assert complaints.said == []


def test_gaps_are_gaps_in_the_plot(browser, address):
    page, complaints = to_surface(browser, address)
    line = {
        "distance": [0, 1, 2, 3, 4, 5],
        "depth": [1, 2, None, None, 3, 1],
        "confidence": [1] * 6,
    }
    page.route("**/surface/section?*", lambda route: route.fulfill(json=line))
    page.get_by_role("button", name="End A").press("ArrowDown")
    page.locator(
        ".plot figcaption", has_text="Of the line, 33 % is not sure and left out"
    ).wait_for()
    assert page.locator(".heights").get_attribute("d").count("M") == 2
    assert page.locator(".line .gap path").last.get_attribute("d").count("L") > 10
    assert complaints.said == []


def tell(page, label, value):
    """What is known of the scale; wait until it is kept."""
    with page.expect_response("**/api/scale"):
        field = page.get_by_label(label)
        if label == "Nearest is":
            field.select_option(value)
        else:
            field.fill(value)
            field.press("Tab")


def test_lengths_are_metric_once_they_are_known(browser, address):
    page, complaints = to_surface(browser, address)
    caption = page.locator(".plot figcaption")
    assert "Frames" in caption.inner_text()
    tell(page, "µm between frames", "400")
    caption.filter(has_text="a difference of").wait_for()
    assert "mm" in caption.inner_text()  # five steps of 400 µm
    tell(page, "µm per pixel", "5")
    caption.filter(has_text="mm. Heights").wait_for()
    tell(page, "Nearest is", "last")
    page.reload()
    page.get_by_text("result 1", exact=True).wait_for()
    page.keyboard.press("t")
    page.locator(".plot figcaption", has_text="a difference of").wait_for()
    assert page.get_by_label("µm between frames").input_value() == "400"
    assert page.get_by_label("Nearest is").input_value() == "last"
    page.locator('.turn[aria-busy="false"]').wait_for(timeout=SLOW)
    tell(page, "µm between frames", "-1")
    page.get_by_role("alert").filter(has_text="step_um must be").wait_for()
    tell(page, "µm between frames", "")
    tell(page, "µm per pixel", "")
    tell(page, "Nearest is", "first")
    caption.filter(has_text="Frames").wait_for()
    assert [text for text in complaints.said if "422" not in text] == []


def test_views_to_take_along(browser, address, folder, tmp_path):
    page, complaints = to_surface(browser, address)
    depth = np.load(folder.with_name("beetle.focusstack") / "versions/0001/depth.npy")
    for kind, name, wide, count in (("webp", "rocking", 1, 24), ("crossed", "pair", 2, 1)):
        page.get_by_role("combobox", name="View").select_option(kind)
        page.get_by_role("button", name="Write it").click()
        link = page.locator('.below a[href^="api/exports/"]', has_text=name)
        link.wait_for(timeout=SLOW)
        with page.expect_download() as download:
            link.click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        with Image.open(path) as made:
            assert made.size == (wide * depth.shape[1], depth.shape[0])
            assert getattr(made, "n_frames", 1) == count
    assert complaints.said == []


def test_without_webgl_it_says_so_and_sections_stay(browser, address):
    page, _ = opened(browser, address)
    page.get_by_text("result 1", exact=True).wait_for()
    page.locator('.viewer[aria-busy="false"]').wait_for(timeout=SLOW)
    page.evaluate("HTMLCanvasElement.prototype.getContext = () => null")
    page.keyboard.press("t")
    page.get_by_role("alert").filter(has_text="WebGL is not available").wait_for(timeout=SLOW)
    page.locator(".plot figcaption", has_text="A to B").wait_for()
    assert page.get_by_role("button", name="Write it").is_enabled()


def test_nothing_sticks_out_and_all_is_named(browser, address):
    page, complaints = to_surface(browser, address, bypass_csp=True)
    for width, height, scheme in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(500)
        assert page.locator("html").evaluate("e => e.scrollWidth") <= width
        assert page.locator(".turn").bounding_box()["height"] > 0.3 * height
        for role, name in (("slider", "Height ×"), ("slider", "Light from"), ("combobox", "View")):
            box = page.get_by_role(role, name=name).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        strip = page.locator(".below")
        assert strip.evaluate("e => e.scrollWidth <= e.clientWidth")
        assert violations(page) == []
    assert complaints.said == []


SIZES = (
    (1280, 800, "light"),
    (1000, 700, "dark"),
    (390, 844, "dark"),
    (768, 1024, "light"),
    (3840, 2160, "dark"),
)
