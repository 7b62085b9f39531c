"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];

  // ---- light and dark
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = (() => { try { return localStorage.getItem("focusstack-theme"); } catch { return null; } })();
  if (stored === "light" || stored === "dark") root.dataset.theme = stored;
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const nameTheme = () => { one("#theme-name").textContent = isDark() ? "Light" : "Dark"; };
  one("#theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("focusstack-theme", root.dataset.theme); } catch { /* not kept */ }
    nameTheme();
  });
  system.addEventListener("change", nameTheme);
  nameTheme();

  // ---- the picture: zoom and pan
  const stage = one("#stage"), scene = one("#scene"), percent = one("#percent");
  const fullWidth = Number(stage.dataset.width);
  const MOST = 16, STEP = 1.25, PAN = 60;
  const view = { zoom: 1, x: 0, y: 0 };

  const most = () => Math.max(4, MOST * fullWidth / (stage.clientWidth * 4));
  const show = () => {
    const width = stage.clientWidth, height = stage.clientHeight;
    view.zoom = Math.min(Math.max(view.zoom, 1), most());
    view.x = Math.min(0, Math.max(view.x, width * (1 - view.zoom)));
    view.y = Math.min(0, Math.max(view.y, height * (1 - view.zoom)));
    scene.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
    scene.style.setProperty("--z", view.zoom);
    const scale = width * view.zoom / fullWidth;
    percent.textContent = `${Math.round(100 * scale)} %`;
    scene.classList.toggle("pixels", scale > 2.5);
    stage.classList.toggle("near", view.zoom > 1);
  };
  const zoomTo = (zoom, x = stage.clientWidth / 2, y = stage.clientHeight / 2) => {
    const before = view.zoom;
    view.zoom = Math.min(Math.max(zoom, 1), most());
    view.x = x - (x - view.x) * view.zoom / before;
    view.y = y - (y - view.y) * view.zoom / before;
    show();
  };
  const move = (dx, dy) => { view.x += dx; view.y += dy; show(); };
  const fit = () => { Object.assign(view, { zoom: 1, x: 0, y: 0 }); show(); };
  const full = () => zoomTo(fullWidth / stage.clientWidth);
  const keys = {
    "+": () => zoomTo(view.zoom * STEP), "=": () => zoomTo(view.zoom * STEP), "-": () => zoomTo(view.zoom / STEP),
    "0": fit, "1": full, Home: fit, Escape: () => stage.blur(),
    ArrowLeft: () => move(PAN, 0), ArrowRight: () => move(-PAN, 0),
    ArrowUp: () => move(0, PAN), ArrowDown: () => move(0, -PAN),
  };
  stage.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.target !== stage) return;
    event.preventDefault();
    act();
  });
  const within = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== stage) return;
    event.preventDefault();
    zoomTo(view.zoom * Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), ...within(event));
  }, { passive: false });
  stage.addEventListener("dblclick", (event) => zoomTo(view.zoom * 2, ...within(event)));

  const fingers = new Map();
  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".pin")) return;
    fingers.set(event.pointerId, within(event));
    stage.setPointerCapture(event.pointerId);
    stage.classList.add("moving");
  });
  stage.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = within(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId);
    if (other) {
      const apart = (a) => Math.hypot(a[0] - other[1][0], a[1] - other[1][1]) || 1;
      zoomTo(view.zoom * apart(now) / apart(before), (now[0] + other[1][0]) / 2, (now[1] + other[1][1]) / 2);
    } else if (event.pointerType === "mouse" || view.zoom > 1) {
      move(now[0] - before[0], now[1] - before[1]);
    }
    fingers.set(event.pointerId, now);
  });
  const lift = (event) => {
    fingers.delete(event.pointerId);
    if (!fingers.size) stage.classList.remove("moving");
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);
  one("#zoom-in").addEventListener("click", keys["+"]);
  one("#zoom-out").addEventListener("click", keys["-"]);
  one("#zoom-fit").addEventListener("click", fit);
  one("#zoom-full").addEventListener("click", full);
  addEventListener("resize", show);
  show();

  // ---- what is shown on it
  const pickLayer = () => {
    const name = (one("input[name=layer]:checked") || { value: "picture" }).value;
    all("#scene img.layer").forEach((image) => { image.hidden = image.dataset.layer !== name; });
    all(".key").forEach((key) => { key.hidden = key.dataset.layer !== name; });
  };
  all("input[name=layer]").forEach((input) => input.addEventListener("change", pickLayer));
  const pickOverlays = () => all("input[name=overlay]").forEach((input) => {
    const image = one(`#scene img[data-overlay="${input.value}"]`);
    if (image) image.hidden = !input.checked;
  });
  all("input[name=overlay]").forEach((input) => input.addEventListener("change", pickOverlays));
  const pins = one("#pins");
  const pickPins = () => scene.classList.toggle("bare", !pins.checked);
  if (pins) { pins.addEventListener("change", pickPins); pickPins(); }
  pickLayer();
  pickOverlays();

  // ---- before and after
  all(".compare input").forEach((input) => {
    const cut = () => {
      input.parentElement.style.setProperty("--cut", `${input.value}%`);
      input.setAttribute("aria-valuetext", `single frame up to ${input.value} %, fused image from there`);
    };
    input.addEventListener("input", cut);
    cut();
  });

  // ---- printing: on paper the table cannot be opened
  const folded = all("details:not([open])");
  addEventListener("beforeprint", () => folded.forEach((part) => { part.open = true; }));
  addEventListener("afterprint", () => folded.forEach((part) => { part.open = false; }));

  // ---- copying
  const copied = async (text, source) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* not allowed here */ }
    const range = document.createRange();
    range.selectNodeContents(source);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return document.execCommand("copy");
  };
  all("button[data-copy]").forEach((button) => button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const done = await copied(source.textContent, source);
    one("#heard").textContent = button.textContent = done ? "Copied" : "Selected: press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  }));
})();
