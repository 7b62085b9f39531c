/** A stroke of the brush over the picture, as the pointer draws it. */

import OpenSeadragon from "openseadragon";

/** Draws the brush and its path, and hands the path over when the pointer lets go. */
export function follow(
  viewer: OpenSeadragon.Viewer,
  canvas: HTMLCanvasElement,
  size: () => number,
  done: (points: [number, number, number][]) => void,
  passed: (x: number, y: number) => void,
): () => void {
  const pen = canvas.getContext("2d")!;
  let path: { x: number; y: number; pressure: number }[] | null = null;
  const fit = () => {
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
  };
  const scale = () => {
    const item = viewer.world.getItemAt(0);
    return item ? item.viewportToImageZoom(viewer.viewport.getZoom(true)) : 1;
  };
  const at = (event: PointerEvent) => ({
    x: event.offsetX,
    y: event.offsetY,
    // A mouse says 0.5; only pens know how hard they are pressed.
    pressure: event.pointerType === "pen" ? event.pressure : 1,
  });
  const draw = (now: { x: number; y: number }) => {
    fit();
    pen.scale(devicePixelRatio, devicePixelRatio);
    const wide = Math.max(2, size() * scale());
    if (path) {
      pen.strokeStyle = "rgb(156 201 255 / 0.45)";
      pen.lineCap = pen.lineJoin = "round";
      pen.lineWidth = wide;
      pen.beginPath();
      path.forEach((one, k) => (k ? pen.lineTo(one.x, one.y) : pen.moveTo(one.x, one.y)));
      if (path.length === 1) pen.lineTo(path[0].x + 0.01, path[0].y);
      pen.stroke();
    }
    for (const [colour, width] of [["#000", 3], ["#fff", 1.5]] as const) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      pen.arc(now.x, now.y, wide / 2, 0, 2 * Math.PI);
      pen.stroke();
    }
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    path = [at(event)];
    draw(at(event));
  };
  const move = (event: PointerEvent) => {
    if (path) path.push(...(event.getCoalescedEvents?.() ?? [event]).map(at));
    const item = viewer.world.getItemAt(0);
    if (item) {
      const here = new OpenSeadragon.Point(event.offsetX, event.offsetY);
      const point = item.viewerElementToImageCoordinates(here);
      passed(Math.floor(point.x), Math.floor(point.y));
    }
    draw(at(event));
  };
  const up = (event: PointerEvent) => {
    const item = viewer.world.getItemAt(0);
    if (path && item)
      done(
        thinned(path).map((one) => {
          const point = item.viewerElementToImageCoordinates(new OpenSeadragon.Point(one.x, one.y));
          return [round(point.x), round(point.y), round(one.pressure)];
        }),
      );
    path = null;
    draw(at(event));
  };
  const leave = () => {
    if (!path) pen.clearRect(0, 0, canvas.width, canvas.height);
  };
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const point = new OpenSeadragon.Point(event.offsetX, event.offsetY);
    viewer.viewport.zoomBy(event.deltaY < 0 ? 1.2 : 1 / 1.2, viewer.viewport.pointFromPixel(point));
    viewer.viewport.applyConstraints();
    viewer.raiseEvent("canvas-scroll", {});
  };
  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("wheel", wheel, { passive: false });
  return () => {
    canvas.removeEventListener("pointerdown", down);
    canvas.removeEventListener("pointermove", move);
    canvas.removeEventListener("pointerup", up);
    canvas.removeEventListener("pointerleave", leave);
    canvas.removeEventListener("wheel", wheel);
    pen.clearRect(0, 0, canvas.width, canvas.height);
  };
}

const round = (value: number) => Math.round(value * 100) / 100;

/** The path without points that lie within a pixel of the one before; 4,000 of them at most. */
function thinned<T extends { x: number; y: number }>(path: T[]): T[] {
  const kept = path.filter(
    (one, k) => k === 0 || k === path.length - 1 || Math.hypot(one.x - path[k - 1].x, one.y - path[k - 1].y) >= 1,
  );
  const every = Math.ceil(kept.length / 4000);
  return kept.filter((_, k) => k % every === 0 || k === kept.length - 1);
}
