"""The report in a real browser: a script added to the page uses it as a person would."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape

import pytest

from focusstack import save_report, stack
from truth import rendered

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
TELL = """
<pre id="told"></pre><script>
const told = {}, reaching = { bubbles: true, cancelable: true };
const one = (s) => document.querySelector(s), all = (s) => [...document.querySelectorAll(s)];
const nameOf = (e) => e.dataset.layer || e.dataset.overlay;
const shown = (s) => all(s).filter((e) => !e.hidden).map(nameOf);
const press = (e, key) => e.dispatchEvent(new KeyboardEvent("keydown", { key, ...reaching }));
const placed = () => new DOMMatrix(one("#scene").style.transform);
%s
one("#told").textContent = JSON.stringify(told);
</script></body>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    frames, _ = rendered("still-life", size=(360, 240), frames=6)
    path = tmp_path_factory.mktemp("report") / "page.html"
    save_report(stack(frames), path, source=frames)
    return path


@pytest.fixture
def use(page, tmp_path):
    """Open the page with a script at its end; what that told, and what the console said."""

    def use(script, *options, size="1200,900"):
        copy = page.with_name("copy.html")
        text = page.read_text(encoding="utf-8")
        copy.write_text(text.replace("</body>", TELL % script), encoding="utf-8")
        done = subprocess.run(
            [
                *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
                *("--enable-logging=stderr", f"--user-data-dir={tmp_path}"),
                *(f"--window-size={size}", "--virtual-time-budget=2000", *options, copy.as_uri()),
            ],
            capture_output=True,
            text=True,
            timeout=120,
        )
        told = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
        assert told, done.stderr[-2000:]
        assert re.findall(r".*CONSOLE.*", done.stderr) == []
        return json.loads(unescape(told[1]))

    return use


def test_zooming_moving_and_choosing_with_keys_and_buttons(use):
    told = use("""
const stage = one("#stage");
stage.focus();
told.focused = document.activeElement === stage;
told.fit = placed().a;
press(stage, "+"); told.plus = placed().a;
press(stage, "ArrowRight"); const right = placed().e;
press(stage, "ArrowLeft"); told.moved = placed().e > right;
press(stage, "0"); told.back = placed().a;
press(stage, "1"); told.full = one("#percent").textContent;
one("#zoom-fit").click(); one("#zoom-in").click(); told.button = placed().a;
one("#zoom-fit").click();
for (let i = 0; i < 99; i++) press(stage, "-");
told.least = placed().a;
told.layers = {};
for (const name of ["depth", "confidence", "picture"]) {
  one(`input[value="${name}"]`).click();
  told.layers[name] = [shown("#scene img.layer"), shown(".key")];
}
told.overlays = all("input[name=overlay]").filter((e) => !e.disabled).map((e) => {
  const before = shown("#scene img[data-overlay]").length;
  e.click();
  return [before, shown("#scene img[data-overlay]").length, e.value];
});
one("#pins").click(); told.pins = getComputedStyle(one(".pin")).display;
""")
    assert told["focused"]
    assert told["fit"] == told["back"] == told["least"] == 1
    assert told["plus"] == pytest.approx(1.25, abs=0.01) == told["button"]
    assert told["moved"]
    assert told["layers"]["depth"] == [["depth"], ["depth"]]
    assert told["layers"]["confidence"] == [["confidence"], ["confidence"]]
    assert told["layers"]["picture"] == [["picture"], []]
    assert told["overlays"]
    assert [after - before for before, after, _ in told["overlays"]] == [1] * len(told["overlays"])
    assert told["pins"] == "none"


def test_the_pointer_zooms_and_drags(use):
    told = use("""
const stage = one("#stage");
stage.scrollIntoView({ block: "center", behavior: "instant" });
const at = stage.getBoundingClientRect();
const x = at.left + at.width * 0.25, y = at.top + at.height * 0.25;
one("#pins").click();
told.hit = document.elementFromPoint(x, y).closest("#stage") !== null;
const turn = { deltaY: -400, clientX: x, clientY: y, ...reaching };
const wheel = () => stage.dispatchEvent(new WheelEvent("wheel", turn));
told.scrolls = wheel() && placed().a === 1;
stage.focus({ preventScroll: true });
told.held = !wheel();
told.zoom = placed().a;
told.fixed = [placed().e / at.width, placed().f / at.height];
stage.setPointerCapture = () => {};
const point = (type, dx, pointerId = 1, pointerType = "mouse") => {
  const where = { pointerId, pointerType, clientX: x + dx, clientY: y, ...reaching };
  stage.dispatchEvent(new PointerEvent(type, where));
};
const before = placed().e;
point("pointerdown", 0); point("pointermove", -40); point("pointerup", -40);
told.dragged = placed().e - before;
one("#zoom-fit").click();
point("pointerdown", 0, 1, "touch"); point("pointerdown", 50, 2, "touch");
point("pointermove", 100, 2, "touch");
told.pinched = placed().a;
""")
    assert told["hit"]
    assert told["scrolls"], "the wheel must scroll the page until the picture is chosen"
    assert told["held"]
    assert told["zoom"] == pytest.approx(1.9, abs=0.1)
    assert told["fixed"] == pytest.approx([0.25 * (1 - told["zoom"])] * 2, abs=0.01)
    assert told["dragged"] == pytest.approx(-40, abs=1)
    assert told["pinched"] == pytest.approx(2, abs=0.05)


def test_comparisons_are_sliders_on_top_of_their_pictures(use):
    told = use("""
const slider = one(".compare input");
slider.scrollIntoView({ block: "center", behavior: "instant" });
const box = slider.getBoundingClientRect();
told.hit = document.elementFromPoint(box.left + 9, box.top + 9) === slider;
slider.value = 20; slider.dispatchEvent(new Event("input", { bubbles: true }));
told.cut = getComputedStyle(one(".compare .after")).clipPath;
told.said = slider.getAttribute("aria-valuetext");
slider.focus();
told.ring = getComputedStyle(one(".compare")).outlineStyle;
""")
    assert told["hit"]
    assert told["cut"] == "inset(0px 0px 0px 20%)"
    assert "20 %" in told["said"]
    assert told["ring"] == "solid"


def test_light_and_dark_by_the_system_and_by_the_button(use):
    script = """
const paper = () => getComputedStyle(document.body).backgroundColor;
const line = () => getComputedStyle(one(".chart .line.a")).stroke;
told.before = [paper(), line()];
one("#theme").click(); told.after = [paper(), line()];
told.name = one("#theme-name").textContent;
"""
    light = use(script)
    dark = use(script, "--force-dark-mode", "--blink-settings=preferredColorScheme=0")
    assert light["name"] == "Light"
    assert light["before"] != light["after"]
    assert (dark["before"], dark["after"]) == (light["after"], light["before"])


def test_nothing_is_fetched_and_the_width_fits(use):
    script = """
const fetched = performance.getEntriesByType("resource").map((e) => e.name);
told.fetched = fetched.filter((name) => !name.startsWith("data:"));
told.wide = [document.documentElement.scrollWidth, innerWidth];
told.broken = all("img").filter((e) => e.complete && !e.naturalWidth).length;
const order = all("a[href], button, input, [tabindex], summary").map((e) => e.tabIndex);
told.order = order.every((n) => n === 0);
"""
    told = use(script, size="1920,1080")
    assert told["fetched"] == []
    assert told["wide"][0] <= told["wide"][1]
    assert told["broken"] == 0
    assert told["order"]


def test_a_telephone_shows_it_without_scrolling_sideways(use):
    told = use("""
const inside = document.createElement("iframe");
inside.style = "width: 360px; height: 740px; border: 0";
const whole = document.documentElement.cloneNode(true);
whole.querySelectorAll("script").forEach((e) => e.remove());
inside.srcdoc = "<!doctype html>" + whole.outerHTML;
inside.onload = () => {
  const page = inside.contentDocument, width = page.documentElement.scrollWidth;
  const cut = [...page.querySelectorAll("button, nav a, h1, figure, .pick")];
  told.wide = [width, inside.contentWindow.innerWidth];
  told.cut = cut.filter((e) => e.getBoundingClientRect().right > 360.5).map((e) => e.outerHTML);
  one("#told").textContent = JSON.stringify(told);
};
document.body.append(inside);
""")
    assert told["wide"][0] <= told["wide"][1] == 360
    assert told["cut"] == []


def test_copying_says_so(use):
    told = use("""
document.execCommand = () => true;
Object.defineProperty(navigator, "clipboard", { value: undefined });
const button = one('button[data-copy="recipe"]');
button.click();
told.selected = getSelection().toString().includes('"method": "auto"');
""")
    assert told["selected"]


def test_these_tests_would_hear_of_an_error(use):
    with pytest.raises(AssertionError, match="this is wrong"):
        use('console.error("this is wrong");')
