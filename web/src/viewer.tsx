/** Deep zoom of one picture, and a second one over it up to a line that the person moves. */

import OpenSeadragon from "openseadragon";
import { useEffect, useRef } from "preact/hooks";

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
  onPoint: (x: number, y: number) => void;
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

export function Viewer({ picture, over, wipe, tileSide, label, onPoint }: Props) {
  const home = useRef<HTMLDivElement>(null);
  const viewer = useRef<OpenSeadragon.Viewer | null>(null);
  const point = useRef(onPoint);
  point.current = onPoint;
  const shown = useRef({ picture, over, wipe });
  shown.current = { picture, over, wipe };

  useEffect(() => {
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

  useEffect(() => {
    const made = viewer.current;
    if (!made) return;
    const before = made.world.getItemAt(0)?.getContentSize();
    const bounds = made.world.getItemCount() ? made.viewport.getBounds() : null;
    const same = before && before.x === picture.width && before.y === picture.height;
    const stale: OpenSeadragon.TiledImage[] = [];
    for (let k = 0; k < made.world.getItemCount(); k += 1) stale.push(made.world.getItemAt(k));
    const wanted = over ? [picture, over] : [picture];
    wanted.forEach((one, k) =>
      made.addTiledImage({
        tileSource: source(one, tileSide) as never,
        x: 0,
        y: 0,
        width: 1,
        success: () => {
          if (k !== wanted.length - 1) return;
          // What was there before stays until the new one can be drawn: no flash of nothing.
          stale.forEach((item) => made.world.removeItem(item));
          if (same && bounds) made.viewport.fitBounds(bounds, true);
          else made.viewport.goHome(true);
          clip(made, shown.current.wipe);
        },
      }),
    );
  }, [picture.key, over?.key, tileSide]);

  useEffect(() => {
    if (viewer.current) clip(viewer.current, wipe);
  }, [wipe]);

  return <div class="viewer" ref={home} role="img" aria-label={label} tabIndex={0} />;
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
