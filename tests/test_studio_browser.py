"""The studio in a real browser: from opening a folder to finding everything again after a crash."""

from __future__ import annotations

import json
import signal

import cv2
import numpy as np

from focusstack import Recipe, read_provenance, stack
from focusstack.retouch import read_strokes
from focusstack.retouched import retouched
from focusstack.steps.read import open_source
from focusstack.studio.project import Project
from studio_page import (
    NEEDED,
    SLOW,
    browser,
    folder,
    kept,
    launched,
    opened,
    put_one_result,
    results,
    settled,
    violations,
)
from studio_server import started
from truth import rendered

pytestmark = NEEDED
__all__ = ["browser", "folder", "launched"]


def test_from_opening_to_finding_everything_again(browser, folder):
    with started(folder) as (server, address):
        page, complaints = opened(browser, address)
        assert "token" not in page.url
        assert page.get_by_text("6 of 6 frames").is_visible()
        first = settled(page)
        assert first.std() > 10  # a frame is shown before anything is done

        page.get_by_label("Stack frame_05.jpg").uncheck()
        page.get_by_text("5 of 6 frames").wait_for()
        page.get_by_role("button", name="Preview").click()
        results(page).first.wait_for(timeout=SLOW)
        page.get_by_role("button", name="Stack", exact=True).click()
        results(page).nth(1).wait_for(timeout=SLOW)
        page.get_by_text("result 2", exact=True).wait_for()
        fused = settled(page)
        assert np.abs(fused - first).mean() > 1

        page.locator(".viewer").hover(position={"x": 500, "y": 400})
        page.locator(".readout", has_text="frame frame_").wait_for()
        page.keyboard.down("f")
        page.locator(".shown", has_text="frame frame_").wait_for()
        source = settled(page)
        page.keyboard.up("f")
        page.locator(".shown", has_text="result 2").wait_for()
        back = settled(page)
        assert np.abs(source - fused).mean() > 0.5
        assert np.abs(back - fused).mean() < 0.5
        page.keyboard.press("d")
        page.locator(".shown", has_text="depth").wait_for()
        assert np.abs(settled(page) - fused).mean() > 10
        page.get_by_label("Show").select_option("confidence")
        page.locator(".shown", has_text="confidence").wait_for()
        sure = settled(page)
        assert np.ptp(sure, axis=2).mean() < 6  # grey
        page.get_by_label("Show").select_option("picture")
        page.get_by_label("Compare with").select_option("f2")
        page.get_by_text("Frame frame_02.jpg left of the line").wait_for()
        assert np.abs(settled(page) - fused).mean() > 0.3
        page.get_by_label("Compare with").select_option("")

        page.get_by_label("Format").select_option("png")
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="beetle-2.png").click()
        exported = open_source([kept(download.value, folder.parent / "got.png")]).read(0).pixels
        frames = [folder / f"frame_0{k}.jpg" for k in range(5)]
        np.testing.assert_array_equal(exported, stack(frames, Recipe()).image)
        assert complaints.said == []
        server.send_signal(signal.SIGKILL)
        server.wait()
        page.get_by_role("alert").filter(has_text="does not answer").wait_for()

    with started(folder) as (_, address):
        page, complaints = opened(browser, address)
        assert page.get_by_text("5 of 6 frames").is_visible()
        assert results(page).count() == 2
        assert np.abs(settled(page) - fused).mean() < 2
        assert complaints.said == []


def test_retouching_from_brush_to_export_through_a_crash(browser, folder):
    put_one_result(folder)
    with started(folder) as (server, address):
        page, complaints = opened(browser, address)
        page.get_by_text("result 1", exact=True).wait_for()
        before = settled(page)
        page.keyboard.press("b")
        page.get_by_label("Paint from").select_option(label="frame_05.jpg")
        page.get_by_role("slider", name="Size").fill("120")
        box = page.locator(".viewer").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for k in range(2):
            page.mouse.move(middle[0] - 150, middle[1] + 80 * k)
            page.mouse.down()
            page.mouse.move(middle[0] + 150, middle[1] + 80 * k, steps=12)
            page.mouse.up()
            page.get_by_text("2 strokes" if k else "1 stroke", exact=True).wait_for()
        page.mouse.move(box["x"] + 5, box["y"] + 5)
        page.keyboard.press("b")
        painted = settled(page)
        changed = np.abs(painted - before).max(axis=2) > 8
        columns = np.nonzero(changed)[1]
        assert changed.mean() > 0.01
        assert abs(columns.mean() - box["width"] / 2) < 100  # where the brush was ...
        assert changed[: int(box["height"] / 2) - 130].mean() < 0.001  # ... and nowhere else

        page.keyboard.press("Control+z")
        page.get_by_text("1 stroke", exact=True).wait_for()
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("0 strokes", exact=True).wait_for()
        assert np.abs(settled(page) - before).mean() < 0.5
        page.keyboard.press("Control+y")
        page.get_by_role("button", name="Redo").click()
        page.get_by_text("2 strokes", exact=True).wait_for()
        assert np.abs(settled(page) - painted).mean() < 0.5
        server.send_signal(signal.SIGKILL)
        server.wait()
        assert [text for text in complaints.said if "ERR_" not in text] == []

    with started(folder) as (_, address):
        page, _ = opened(browser, address)
        page.get_by_text("2 strokes", exact=True).wait_for()
        assert np.abs(settled(page) - painted).mean() < 1
        page.get_by_label("Format").select_option("png")
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="beetle-1.png").click()
        path = kept(download.value, folder.parent / "got.png")
    exported = open_source([path]).read(0).pixels
    record = read_provenance(path)
    assert len(record["retouch"]) == 2
    strokes = read_strokes(record["retouch"], 6)
    replayed = retouched(stack(folder, Recipe(method="pyramid", clean=False)), strokes)
    np.testing.assert_array_equal(exported, replayed.image)


def test_the_line_between_two_results_moves(browser, folder):
    with started(folder) as (_, address):
        page, _ = opened(browser, address)
        page.get_by_label("Method").select_option("average")
        page.get_by_role("button", name="Stack", exact=True).click()
        results(page).first.wait_for(timeout=SLOW)
        page.get_by_label("Method").select_option("pyramid")
        page.get_by_role("button", name="Stack", exact=True).click()
        results(page).nth(1).wait_for(timeout=SLOW)
        page.get_by_text("result 2", exact=True).wait_for()
        pyramid = settled(page)
        page.keyboard.press("1")
        page.get_by_text("result 1", exact=True).wait_for()
        average = settled(page)
        page.keyboard.press("2")
        page.get_by_label("Compare with").select_option("v1")
        slider = page.locator(".wipe input")
        for share in (0.25, 0.75):
            slider.fill(str(share))
            both = settled(page)
            line = round(both.shape[1] * share)
            left, right = np.s_[50:-90, 40 : line - 8], np.s_[50:-90, line + 8 : -40]
            assert np.abs(both - average)[left].mean() < np.abs(both - pyramid)[left].mean()
            assert np.abs(both - pyramid)[right].mean() < np.abs(both - average)[right].mean()


def test_stop_ends_a_run_at_once(browser, tmp_path):
    (tmp_path / "shots").mkdir()
    for k, small in enumerate(rendered("steps")[0]):  # quicker to enlarge than to render
        large = cv2.resize(small, (1500, 1000), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(tmp_path / "shots" / f"{k}.jpg"), large[..., ::-1])
    with started(tmp_path / "shots") as (_, address):
        page, complaints = opened(browser, address)
        page.get_by_role("button", name="Stack", exact=True).click()
        page.get_by_role("progressbar").wait_for()
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped; nothing was kept.").wait_for(timeout=5000)
        assert page.get_by_role("button", name="Stack", exact=True).is_enabled()
        assert results(page).count() == 0
        assert complaints.said == []


def test_everything_can_be_reached_by_keys_and_is_named(browser, folder):
    with started(folder) as (_, address):
        page, _ = opened(browser, address, bypass_csp=True)
        page.keyboard.press("p")
        results(page).first.wait_for(timeout=SLOW)
        page.get_by_text("result 1", exact=True).wait_for()
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.add(
                page.evaluate(
                    "document.activeElement.innerText || document.activeElement.ariaLabel"
                )
            )
        said = " ".join(filter(None, reached))
        for name in ("Keys", "frame_00.jpg", "Stack", "Preview", "Export"):
            assert name in said
        page.get_by_role("heading", name="beetle").click()
        page.keyboard.press("?")
        page.get_by_role("dialog").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")
        assert violations(page) == []


def test_a_stroke_outlives_what_changes_while_it_is_drawn(browser, folder):
    put_one_result(folder)
    with started(folder) as (_, address):
        page, complaints = opened(browser, address)
        page.get_by_text("result 1", exact=True).wait_for()
        settled(page)
        page.keyboard.press("b")
        box = page.locator(".viewer").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y, steps=4)
        page.keyboard.press("]")  # another size, and so other handlers of everything
        page.wait_for_timeout(300)
        page.mouse.move(x + 80, y, steps=4)
        page.mouse.up()
        page.get_by_text("1 stroke").wait_for(timeout=SLOW)
        assert not complaints.said
    (stroke,) = read_strokes(
        json.loads((Project(folder).version_folder(1) / "retouch.json").read_text())["strokes"], 6
    )
    assert len(stroke.points) > 4
