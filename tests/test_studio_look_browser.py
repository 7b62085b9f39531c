"""Looking closely in a real browser: what is wrong with frames, their order, what pictures hold."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from focusstack import Recipe
from studio_page import (
    NEEDED,
    SLOW,
    browser,
    folder,
    launched,
    opened,
    put_one_result,
    settled,
    violations,
)
from studio_server import started
from test_studio_frames import spoil

pytestmark = NEEDED
__all__ = ["browser", "folder", "launched"]


def entry(page, name):
    """A frame in the list."""
    return page.get_by_role("navigation", name="Frames").locator("ol > li", has_text=name).first


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
        page.reload()
        page.locator(".frames .name").first.wait_for()
        assert listed(page) == [names[k] for k in (3, 0, 2, 1, 4, 5)]
        page.get_by_label("Order").select_option("name")
        wait_for_order(page, names)
        assert complaints.said == []


def far(one, other):
    """How much two views differ."""
    return np.abs(one - other).mean()


def test_what_a_picture_holds_and_what_is_not_to_be_trusted(browser, folder):
    put_one_result(folder, Recipe())
    with started(folder) as (_, address):
        page, complaints = opened(browser, address, bypass_csp=True)
        page.get_by_text("result 1", exact=True).wait_for()
        plain = settled(page)
        page.get_by_text("Histogram", exact=True).click()
        page.get_by_role("img", name="Histogram, Red, Green, Blue").wait_for(timeout=SLOW)
        outline = page.locator(".histogram path").first
        linear = outline.get_attribute("d")
        page.get_by_label("Logarithmic").check()
        assert outline.get_attribute("d") != linear
        assert page.get_by_role("columnheader", name="at 255").is_visible()
        for name in ("Depth uncertain", "Clipped"):
            page.get_by_label(name).check()
            over = settled(page)
            page.get_by_label(name).uncheck()
            assert far(over, plain) > 0.01
            assert far(settled(page), plain) < 0.5
        page.keyboard.press("c")
        assert page.get_by_label("Clipped").is_checked()
        page.get_by_label("Veil left on").check()
        page.get_by_label("Never in focus").check()
        page.locator(".check.gap", has_text="%").wait_for(timeout=SLOW)
        settled(page)
        assert violations(page) == []
        page.get_by_role("button", name="frame_02.jpg", exact=True).click()
        assert page.get_by_label("Clipped").is_checked()
        assert page.get_by_label("Depth uncertain").count() == 0
        settled(page)
        assert complaints.said == []


def likeness(one, other):
    """Correlation of two views, 1 if they show the same."""
    grey = [view.mean(axis=2)[40:, 8:-8].ravel() for view in (one, other)]
    return np.corrcoef(*grey)[0, 1]


def test_two_pictures_side_by_side_show_the_same_part(browser, folder):
    put_one_result(folder)
    with started(folder) as (_, address):
        page, complaints = opened(browser, address, color_scheme="dark")
        page.get_by_text("result 1", exact=True).wait_for()
        page.get_by_label("Compare with").select_option("f3")
        page.get_by_label("Layout").select_option("side")
        page.locator(".caption", has_text="Frame frame_03.jpg").wait_for()
        whole = settled(page, 0)
        assert likeness(whole, settled(page, 1)) > 0.8
        assert whole[60:140].std() < 5  # it is seen whole, with room above
        box = page.locator(".viewer").nth(0).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.wheel(0, -600)
        page.wait_for_timeout(600)
        near = settled(page, 0)
        assert likeness(near, whole) < 0.7
        assert likeness(near, settled(page, 1)) > 0.7
        right = page.locator(".viewer").nth(1).bounding_box()
        middle = right["x"] + right["width"] / 2, right["y"] + right["height"] / 2
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] - 120, middle[1] - 60, steps=8)
        page.mouse.up()
        page.wait_for_timeout(600)
        moved = settled(page, 0)
        assert likeness(moved, near) < 0.7
        assert likeness(moved, settled(page, 1)) > 0.7
        page.get_by_role("button", name="frame_01.jpg", exact=True).click()
        page.locator(".caption", has_text="frame frame_01.jpg").wait_for()  # two frames, too
        assert settled(page, 0).shape == settled(page, 1).shape
        page.get_by_label("Compare with").select_option("v1")
        page.locator(".caption", has_text="Result 1").wait_for()
        assert complaints.said == []


def test_scrolling_through_the_frames_in_depth_keeps_the_view(browser, folder):
    put_one_result(folder)
    with started(folder) as (_, address):
        page, complaints = opened(browser, address)
        page.get_by_text("result 1", exact=True).wait_for()
        settled(page)
        page.locator(".viewer").hover(position={"x": 450, "y": 400})
        page.mouse.wheel(0, -600)
        page.wait_for_timeout(600)
        result = settled(page)
        slider = page.get_by_label("Through the depth")
        slider.fill("0")
        page.locator(".shown", has_text="frame frame_00.jpg").wait_for()
        seen = [settled(page)]
        for name in ("frame_01.jpg", "frame_02.jpg", "frame_03.jpg"):
            page.keyboard.press(".")
            page.locator(".shown", has_text=name).wait_for()
            seen.append(settled(page))
        assert all(likeness(one, result) > 0.5 for one in seen)
        assert all(far(one, other) > 0.3 for one, other in pairwise(seen))
        page.keyboard.press(",")
        page.locator(".shown", has_text="frame_02.jpg").wait_for()
        assert slider.get_attribute("aria-valuetext") == "frame_02.jpg, 3 of 6"
        page.keyboard.press("Escape")
        page.locator(".shown", has_text="result 1").wait_for()
        assert far(settled(page), result) < 0.5
        assert complaints.said == []


@pytest.mark.parametrize(("wide", "scheme"), [(390, "light"), (3840, "dark")])
def test_side_by_side_sticks_out_at_no_size(browser, folder, wide, scheme):
    put_one_result(folder)
    with started(folder) as (_, address):
        page, complaints = opened(browser, address, color_scheme=scheme)
        page.set_viewport_size({"width": wide, "height": 844 if wide < 500 else 2160})
        page.get_by_text("result 1", exact=True).wait_for()
        page.get_by_label("Compare with").select_option("f3")
        page.get_by_label("Layout").select_option("side")
        page.get_by_text("Histogram", exact=True).click()
        page.get_by_role("img", name="Histogram").wait_for(timeout=SLOW)
        for viewer in (0, 1):
            settled(page, viewer)
        assert page.locator("html").evaluate("e => e.scrollWidth") <= wide
        assert complaints.said == []


def drop(page, *paths):
    """Let files and folders fall onto the page, as from a file manager."""
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        said = {"type": kind, "x": 600, "y": 400, "data": data}
        session.send("Input.dispatchDragEvent", said)


def test_frames_dropped_onto_the_page_are_added(browser, folder, tmp_path):
    card = tmp_path / "card" / "DCIM"
    card.mkdir(parents=True)
    names = [f"frame_0{k}.jpg" for k in range(6)]
    data = [(folder / name).read_bytes() for name in names]
    for name in names[4:]:
        (folder / name).rename(card / name)
    (card / "notes.txt").write_text("no picture")
    broken = tmp_path / "frame_09.jpg"
    broken.write_bytes(b"no picture")
    with started(folder) as (_, address):
        page, complaints = opened(browser, address)
        page.get_by_text("4 of 4 frames").wait_for()
        drop(page, card.parent)
        page.get_by_text("Added 2 frames; 1 file left out").wait_for(timeout=SLOW)
        page.get_by_text("6 of 6 frames").wait_for()
        assert [(folder / name).read_bytes() for name in names] == data
        assert complaints.said == []
        drop(page, card / "frame_05.jpg", broken)
        page.get_by_text("Added 1 frame; frame_09.jpg is not a picture").wait_for(timeout=SLOW)
        page.locator("input[type=file]").set_input_files([card / "frame_04.jpg"])
        page.get_by_text("Added 1 frame", exact=True).wait_for(timeout=SLOW)
        assert page.get_by_text("6 of 6 frames").is_visible()
        assert sorted(path.name for path in folder.iterdir()) == names


def test_a_result_is_deleted_and_brought_back(browser, folder):
    put_one_result(folder)
    put_one_result(folder)
    with started(folder) as (_, address):
        page, complaints = opened(browser, address, bypass_csp=True)
        page.get_by_text("result 2", exact=True).wait_for()
        page.get_by_role("button", name="Delete result 2").click()  # its tiles are still coming
        page.locator(".shown", has_text="result 1").wait_for()
        page.get_by_text("Result 2 is deleted.").wait_for()
        settled(page)
        assert violations(page) == []
        page.reload()
        page.get_by_role("button", name="Bring result 2 back").click()
        page.locator(".shown", has_text="result 2").wait_for()
        settled(page)
        assert page.get_by_text("is deleted").count() == 0
        assert complaints.said == []
