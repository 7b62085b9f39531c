"""Logging in, the brush and the export in a real browser."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

from focusstack.cli import main
from focusstack.steps.read import open_source
from studio_page import (
    NEEDED,
    Complaints,
    browser,
    folder,
    launched,
    opened,
    put_one_result,
    settled,
    violations,
)
from studio_server import started

pytestmark = NEEDED
PASSWORD = "correct horse"
__all__ = ["browser", "folder", "launched"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_logging_in_by_keys(browser, folder, scheme):
    with started(folder, "--password", PASSWORD) as (_, address):
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.set_viewport_size({"width": 390, "height": 700})
        page.goto(address)
        assert violations(page) == []
        page.keyboard.type("wrong horse")
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_text("not the password").wait_for()
        assert violations(page) == []
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        frames = page.get_by_role("navigation", name="Frames")
        frames.get_by_role("listitem").first.wait_for()
        again = context.new_page()
        complaints = Complaints(again)
        again.goto(address)
        again.get_by_role("navigation", name="Frames").get_by_role("listitem").first.wait_for()
        assert complaints.said == []
        context.close()


def test_the_form_works_under_its_own_policy(browser, folder):
    with started(folder, "--password", PASSWORD) as (_, address):
        page = browser.new_context().new_page()
        page.goto(address)
        complaints = Complaints(page)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("navigation", name="Frames").get_by_role("listitem").first.wait_for()
        assert complaints.said == []


def test_brush_and_export_are_named_and_fit(browser, folder):
    put_one_result(folder)
    put_one_result(folder)
    with started(folder) as (_, address):
        page, complaints = opened(browser, address, bypass_csp=True)
        page.get_by_text("result 2", exact=True).wait_for()
        page.get_by_label("Brush").check()
        page.get_by_role("combobox", name="Size", exact=True).select_option("px")
        page.get_by_role("spinbutton", name="Long side").fill("300")
        page.get_by_text("300 × ").wait_for()
        for width, scheme in ((1280, "light"), (390, "dark"), (3840, "light")):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            page.get_by_role("button", name="Export").scroll_into_view_if_needed()
            assert page.locator("html").evaluate("e => e.scrollWidth") <= width
            assert violations(page) == []
        assert complaints.said == []


def test_another_result_is_painted_and_exported_smaller(browser, folder, tmp_path, capsys):
    put_one_result(folder)
    put_one_result(folder)
    with started(folder) as (_, address):
        page, complaints = opened(browser, address)
        page.get_by_text("result 2", exact=True).wait_for()
        before = settled(page)
        page.get_by_label("Brush").check()
        page.get_by_label("Paint from").select_option(label="result 1, pyramid")
        page.get_by_label("Flow 100 %").fill("0.4")
        page.get_by_label("Match tones along soft edges").check()
        box = page.locator(".viewer").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(middle[0] - 60, middle[1])
        page.mouse.down()
        page.mouse.move(middle[0] + 60, middle[1], steps=10)
        page.mouse.up()
        page.get_by_text("1 stroke", exact=True).wait_for()
        assert np.abs(settled(page) - before).mean() < 1  # the same picture on itself
        page.get_by_label("Format").select_option("png")
        page.get_by_role("combobox", name="Size", exact=True).select_option("%")
        page.get_by_role("spinbutton", name="Percent").fill("40")
        page.get_by_role("combobox", name="Colour space").select_option("p3")
        page.get_by_role("combobox", name="Metadata").select_option("nogps")
        page.get_by_role("button", name="Export").click()
        command = page.get_by_label("The same on the command line")
        command.wait_for()
        words = shlex.split(command.input_value())
        page.get_by_role("spinbutton", name="Percent").fill("9999")
        page.get_by_role("button", name="Export").click()
        page.get_by_text("resize is").wait_for()
        assert [said for said in complaints.said if "422" not in said] == []
    assert words[-6:] == ["--resize", "40%", "--colour", "p3", "--metadata", "nogps"]
    exported = open_source(words[2]).read(0).pixels
    assert main([*words[1:], "-o", str(tmp_path / "again.png")]) == 0
    np.testing.assert_array_equal(exported, open_source(tmp_path / "again.png").read(0).pixels)
    assert "bit for bit" in capsys.readouterr().err
