"""The page of many stacks in a real browser: found, made, opened, and usable by everybody."""

from __future__ import annotations

import pytest

from studio_page import NEEDED, SLOW, Complaints, browser, launched, results, settled, violations
from studio_server import started
from truth import put_stack

pytestmark = NEEDED
__all__ = ["browser", "launched"]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("many") / "card"
    for name in ("ant", "bee with a long name that has to be broken somewhere"):
        put_stack(root / name, "steps", frames=6, size=(420, 280))
    return root


def opened_card(browser, address, **context):
    page = browser.new_context(viewport={"width": 1440, "height": 900}, **context).new_page()
    complaints = Complaints(page)
    page.goto(address)
    page.locator(".stacks li").first.wait_for(timeout=SLOW)
    return page, complaints


def test_from_a_folder_of_folders_to_a_picture(browser, root):
    with started(root) as (_, address):
        page, complaints = opened_card(browser, address)
        assert page.locator(".stacks li").count() == 2
        page.get_by_role("checkbox", name="bee with").uncheck()
        page.get_by_label("Method").select_option("average")
        page.get_by_role("button", name="Make 1 stack").click()
        page.get_by_text("made: average").wait_for(timeout=SLOW)
        page.get_by_text("2 groups, 1 made").wait_for()
        assert page.get_by_text("not made yet").count() == 1

        page.get_by_role("link", name="Open ant").click()
        page.get_by_text("result 1", exact=True).wait_for(timeout=SLOW)
        assert results(page).count() == 1
        assert settled(page).std() > 10
        page.get_by_role("link", name="All stacks").click()
        page.get_by_text("made: average").wait_for(timeout=SLOW)
        assert not complaints.said


def test_everybody_can_use_it_and_nothing_sticks_out(browser, root):
    with started(root) as (_, address):
        page, _ = opened_card(browser, address, bypass_csp=True)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert not violations(page)
        for width in (390, 1280, 3840):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("link", name="Open ant").focus()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.type") == "checkbox"
