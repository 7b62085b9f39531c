/** Deep zoom of one picture, and a second one over it up to a line that the person moves. */

import OpenSeadragon from "openseadragon";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { follow } from "./stroke";
import type { Together } from "./together";

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
  /** Drawn on top, with what is under them showing through. */
  overlays: Picture[];
  /** Viewers that show the same part; none for one alone. */
  together?: Together;
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

export function Viewer(props: Props) {
  const { picture, over, overlays, together, wipe, tileSide, label, brush, onPoint, onStroke } = props;
  const trace = useRef<HTMLCanvasElement>(null);
  const home = useRef<HTMLDivElement>(null);
  const viewer = useRef<OpenSeadragon.Viewer | null>(null);
  const point = useRef(onPoint);
  point.current = onPoint;
  const fitted = useRef(true);
  // Read when they are needed: a stroke that is being drawn outlives whatever changes meanwhile.
  const painting = useRef({ size: 0, done: onStroke });
  painting.current.size = brush ?? 0;
  painting.current.done = onStroke;
  const line = useRef({ upper: null as OpenSeadragon.TiledImage | null, wipe });
  line.current.wipe = wipe;

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
    made.addHandler("viewport-change", () => clip(made, line.current));
    const leave = together?.join(made);
    // A picture that was seen whole is so when the room for it changes, once the viewer is done with that.
    made.addHandler("resize", () => queueMicrotask(() => fitted.current && made.viewport?.goHome(true)));
    for (const sign of ["canvas-scroll", "canvas-drag", "canvas-double-click", "canvas-pinch", "canvas-key"])
      made.addHandler(sign as "canvas-scroll", () => {
        fitted.current = false;
      });
    new OpenSeadragon.MouseTracker({
      element: made.canvas,
      moveHandler: (event) => {
        const item = made.world.getItemAt(0);
        if (!item) return;
        const at = item.viewerElementToImageCoordinates((event as { position: OpenSeadragon.Point }).position);
        point.current(Math.floor(at.x), Math.floor(at.y));
      },
    });
    return () => {
      leave?.();
      made.destroy();
    };
  }, []);

  // Before the browser paints: what is said to be shown is never ahead of what is asked for.
  useLayoutEffect(() => {
    const made = viewer.current;
    if (!made) return;
    const before = made.world.getItemAt(0)?.getContentSize();
    const same = before && before.x === picture.width && before.y === picture.height;
    const wanted = [picture, ...(over ? [over] : []), ...overlays];
    line.current.upper = null;
    const fresh: OpenSeadragon.TiledImage[] = [];
    let superseded = false;
    const dropOthers = () =>
      itemsOf(made).forEach((one) => fresh.includes(one) || made.world.removeItem(one));
    // Whether all that is wanted is on the screen, for who looks from outside: tests, screen readers.
    const report = () => {
      if (superseded) return;
      const ready = fresh.length === wanted.length && fresh.every((one) => one.getFullyLoaded());
      if (ready) dropOthers();
      home.current?.setAttribute("aria-busy", String(!ready));
    };
    const added = (one: Picture, item: OpenSeadragon.TiledImage) => {
      // It may come when something else is wanted already.
      if (superseded) return made.world.removeItem(item);
      fresh.push(item);
      if (one === over) line.current.upper = item;
      item.addHandler("fully-loaded-change", report);
      report();
      if (fresh.length < wanted.length) return;
      // What was there before stays until the new one is drawn: no flash of nothing.
      if (!same) {
        dropOthers();
        made.viewport.goHome(true);
        fitted.current = true;
      }
      together?.adopt(made);
      clip(made, line.current);
    };
    report();
    for (const one of wanted)
      made.addTiledImage({
        tileSource: source(one, tileSide) as never,
        x: 0,
        y: 0,
        width: 1,
        success: (event) => added(one, (event as unknown as { item: OpenSeadragon.TiledImage }).item),
      });
    return () => {
      superseded = true;
    };
  }, [picture.key, over?.key, overlays.map((one) => one.key).join(), tileSide]);

  useEffect(() => {
    if (viewer.current) clip(viewer.current, line.current);
  }, [wipe]);

  useEffect(() => {
    const made = viewer.current;
    const canvas = trace.current;
    if (!made || !canvas || brush === null) return;
    const now = painting.current;
    return follow(made, canvas, () => now.size, (points) => now.done(points), (x, y) => point.current(x, y));
  }, [brush === null]);

  return (
    <div class="stage">
      <div class="viewer" ref={home} role="img" aria-label={label} tabIndex={0} />
      <canvas ref={trace} class={brush === null ? "trace" : "trace on"} aria-hidden="true" />
    </div>
  );
}

function itemsOf(viewer: OpenSeadragon.Viewer): OpenSeadragon.TiledImage[] {
  return Array.from({ length: viewer.world.getItemCount() }, (_, k) => viewer.world.getItemAt(k));
}

/** Cuts the upper picture off at the line. */
function clip(viewer: OpenSeadragon.Viewer, line: { upper: OpenSeadragon.TiledImage | null; wipe: number }) {
  const { upper, wipe } = line;
  if (!upper) return;
  const width = viewer.container.clientWidth * wipe;
  const edge = upper.viewerElementToImageCoordinates(new OpenSeadragon.Point(width, 0));
  const size = upper.getContentSize();
  const right = Math.min(size.x, Math.max(0, edge.x));
  upper.setOpacity(right > 0 ? 1 : 0);
  upper.setClip(new OpenSeadragon.Rect(0, 0, Math.max(1, right), size.y));
}
