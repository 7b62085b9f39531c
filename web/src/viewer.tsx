/** Deep zoom of one picture, and a second one over it up to a line that the person moves. */

import OpenSeadragon from "openseadragon";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

// OpenSeadragon writes a style of its own into the page, which the page's policy forbids, unless it
// finds one that it has written.
const mark = document.createElement("style");
mark.setAttribute("data-openseadragon-mobile-css", "true");
document.head.append(mark);

export interface Picture {
  /** Tells pictures apart; the view stays where it is if the size is the same. */
  key: string;
  width: number;
  height: number;
  tile: (level: number, column: number, row: number) => string;
}

interface Props {
  picture: Picture;
  /** Shown left of the line, if there is one. */
  over: Picture | null;
  /** Where the line is, 0 to 1 of the viewer's width. */
  wipe: number;
  tileSide: number;
  label: string;
  /** Diameter of the brush, px of the picture; null while the pointer moves the picture. */
  brush: number | null;
  onPoint: (x: number, y: number) => void;
  onStroke: (points: [number, number, number][]) => void;
}

function source(picture: Picture, side: number): OpenSeadragon.TileSourceOptions & object {
  const longest = Math.max(picture.width, picture.height);
  let halvings = 0;
  while (Math.ceil(longest / 2 ** halvings) > side) halvings += 1;
  return {
    width: picture.width,
    height: picture.height,
    tileSize: side,
    tileOverlap: 0,
    minLevel: 0,
    maxLevel: halvings,
    // OpenSeadragon counts from the smallest, the server from the whole picture.
    getTileUrl: (level: number, column: number, row: number) =>
      picture.tile(halvings - level, column, row),
  } as never;
}

export function Viewer({ picture, over, wipe, tileSide, label, brush, onPoint, onStroke }: Props) {
  const trace = useRef<HTMLCanvasElement>(null);
  const home = useRef<HTMLDivElement>(null);
  const viewer = useRef<OpenSeadragon.Viewer | null>(null);
  const point = useRef(onPoint);
  point.current = onPoint;
  const shown = useRef({ picture, over, wipe });
  shown.current = { picture, over, wipe };

  useLayoutEffect(() => {
    const made = OpenSeadragon({
      element: home.current!,
      showNavigationControl: false,
      animationTime: 0.3,
      maxZoomPixelRatio: 8,
      imageSmoothingEnabled: true,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      drawer: "canvas",
      crossOriginPolicy: false,
    });
    viewer.current = made;
    made.addHandler("viewport-change", () => clip(made, shown.current.wipe));
    new OpenSeadragon.MouseTracker({
      element: made.canvas,
      moveHandler: (event) => {
        const item = made.world.getItemAt(0);
        if (!item) return;
        const at = item.viewerElementToImageCoordinates((event as { position: OpenSeadragon.Point }).position);
        point.current(Math.floor(at.x), Math.floor(at.y));
      },
    });
    return () => made.destroy();
  }, []);

  // Before the browser paints: what is said to be shown is never ahead of what is asked for.
  useLayoutEffect(() => {
    const made = viewer.current;
    if (!made) return;
    const before = made.world.getItemAt(0)?.getContentSize();
    const bounds = made.world.getItemCount() ? made.viewport.getBounds() : null;
    const same = before && before.x === picture.width && before.y === picture.height;
    const wanted = over ? [picture, over] : [picture];
    const fresh: OpenSeadragon.TiledImage[] = [];
    let superseded = false;
    // Whether all that is wanted is on the screen, for who looks from outside: tests, screen readers.
    const report = () => {
      if (superseded) return;
      const ready = fresh.length === wanted.length && fresh.every((one) => one.getFullyLoaded());
      home.current?.setAttribute("aria-busy", String(!ready));
    };
    const added = (item: OpenSeadragon.TiledImage) => {
      // It may come when something else is wanted already.
      if (superseded) return made.world.removeItem(item);
      fresh.push(item);
      item.addHandler("fully-loaded-change", report);
      report();
      if (fresh.length < wanted.length) return;
      // What was there before stays until the new one can be drawn: no flash of nothing.
      itemsOf(made).forEach((one) => fresh.includes(one) || made.world.removeItem(one));
      if (same && bounds) made.viewport.fitBounds(bounds, true);
      else made.viewport.goHome(true);
      clip(made, shown.current.wipe);
    };
    report();
    for (const one of wanted)
      made.addTiledImage({
        tileSource: source(one, tileSide) as never,
        x: 0,
        y: 0,
        width: 1,
        success: (event) => added((event as unknown as { item: OpenSeadragon.TiledImage }).item),
      });
    return () => {
      superseded = true;
    };
  }, [picture.key, over?.key, tileSide]);

  useEffect(() => {
    if (viewer.current) clip(viewer.current, wipe);
  }, [wipe]);

  useEffect(() => {
    const made = viewer.current;
    const canvas = trace.current;
    if (!made || !canvas || brush === null) return;
    return follow(made, canvas, brush, onStroke, (x, y) => point.current(x, y));
  }, [brush, onStroke]);

  return (
    <div class="stage">
      <div class="viewer" ref={home} role="img" aria-label={label} tabIndex={0} />
      <canvas ref={trace} class={brush === null ? "trace" : "trace on"} aria-hidden="true" />
    </div>
  );
}

/** Draws the brush and its path, and hands the path over when the pointer lets go. */
function follow(
  viewer: OpenSeadragon.Viewer,
  canvas: HTMLCanvasElement,
  size: number,
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
    const wide = Math.max(2, size * scale());
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

function itemsOf(viewer: OpenSeadragon.Viewer): OpenSeadragon.TiledImage[] {
  return Array.from({ length: viewer.world.getItemCount() }, (_, k) => viewer.world.getItemAt(k));
}

/** Cuts the upper picture off at the line. */
function clip(viewer: OpenSeadragon.Viewer, wipe: number) {
  const upper = viewer.world.getItemAt(1);
  if (!upper) return;
  const width = viewer.container.clientWidth * wipe;
  const edge = upper.viewerElementToImageCoordinates(new OpenSeadragon.Point(width, 0));
  const size = upper.getContentSize();
  const right = Math.min(size.x, Math.max(0, edge.x));
  upper.setOpacity(right > 0 ? 1 : 0);
  upper.setClip(new OpenSeadragon.Rect(0, 0, Math.max(1, right), size.y));
}
