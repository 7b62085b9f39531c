"""Looking closely in a real browser: what is wrong with frames, their order, what pictures hold."""

from __future__ import annotations

import os

from studio_page import NEEDED, SLOW, browser, folder, opened, violations
from studio_server import started
from test_studio_frames import spoil

pytestmark = NEEDED
__all__ = ["browser", "folder"]  # fixtures


def entry(page, name):
    """A frame in the list."""
    return page.get_by_role("navigation", name="Frames").locator("ol > li", has_text=name).first


def shoot(page, name):
    """Keep a picture of the page for who wants to look at it."""
    if os.environ.get("FOCUSSTACK_SHOTS"):
        page.screenshot(path=f"{os.environ['FOCUSSTACK_SHOTS']}/{name}.png")


def test_what_is_wrong_with_frames_is_said_where_they_are_listed(browser, tmp_path):
    with started(spoil(tmp_path / "shots")) as (_, address):
        page, complaints = opened(browser, address, bypass_csp=True)
        page.evaluate(
            "window.worst = 0; let last = performance.now(); setInterval(() => {"
            "const now = performance.now(); worst = Math.max(worst, now - last); last = now }, 20)"
        )
        page.get_by_text("Looking at the frames").wait_for()
        page.get_by_text("warnings", exact=False).wait_for(timeout=SLOW)
        assert page.evaluate("worst") < 1000  # the page went on meanwhile
        twice = entry(page, "frame_02b.jpg").locator(".notes")
        assert "Twice the same file as frame_02.jpg" in twice.inner_text()
        assert "Exposure" in entry(page, "frame_13.jpg").locator(".notes").inner_text()
        assert entry(page, "frame_00.jpg").locator(".notes").count() == 0
        entry(page, "frame_05.jpg").scroll_into_view_if_needed()
        shoot(page, "notes")
        page.get_by_label("Stack frame_05.jpg").uncheck()
        page.get_by_text("14 of 15 frames").wait_for()
        page.get_by_text("warnings", exact=False).wait_for(timeout=SLOW)
        assert entry(page, "frame_05.jpg").locator(".notes .bad").count() == 1
        assert violations(page) == []
        assert entry(page, "frame_15.jpg").get_by_text("unreadable").is_visible()
        asked = [text for text in complaints.said if "422" not in text]  # that frame's picture
        assert asked == []


def listed(page):
    """The frames' names in the order of the list."""
    return page.locator(".frames .name").all_inner_texts()


def wait_for_order(page, names):
    for _ in range(100):
        if listed(page) == names:
            return
        page.wait_for_timeout(50)
    assert listed(page) == names


def test_frames_are_moved_by_dragging_by_keys_and_by_buttons(browser, folder):
    names = [f"frame_0{k}.jpg" for k in range(6)]
    with started(folder) as (_, address):
        page, complaints = opened(browser, address)
        look = page.get_by_role("button", name="frame_01.jpg", exact=True)
        look.focus()
        page.keyboard.press("Alt+ArrowDown")
        wait_for_order(page, [names[k] for k in (0, 2, 1, 3, 4, 5)])
        page.keyboard.press("Alt+ArrowDown")  # it still has the focus
        wait_for_order(page, [names[k] for k in (0, 2, 3, 1, 4, 5)])
        assert page.get_by_text("frame_01.jpg is now 4 of 6").count() == 1
        page.get_by_role("button", name="Move frame_01.jpg to the front by one").click()
        wait_for_order(page, [names[k] for k in (0, 2, 1, 3, 4, 5)])
        entry(page, "frame_03.jpg").drag_to(entry(page, "frame_00.jpg"))
        wait_for_order(page, [names[k] for k in (3, 0, 2, 1, 4, 5)])
        assert page.get_by_label("Order").input_value() == "own"
        shoot(page, "order")
        page.reload()
        page.locator(".frames .name").first.wait_for()
        assert listed(page) == [names[k] for k in (3, 0, 2, 1, 4, 5)]
        page.get_by_label("Order").select_option("name")
        wait_for_order(page, names)
        assert complaints.said == []
