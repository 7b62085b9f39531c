/** Which strokes a tile shows, so that only those that a change touches are fetched again. */

import type { Retouch } from "./api";

/**
 * When the last visible stroke came that can reach a tile; 0 if none can. Strokes below it are those
 * that were there when it came, so a tile is the same whenever this number is.
 */
export function lastMark(retouch: Retouch, side: number, level: number, column: number, row: number): number {
  const wide = side * 2 ** level;
  const [left, top] = [column * wide, row * wide];
  const mark = retouch.marks.findLast(
    ([x0, y0, x1, y1]) => x0 < left + wide && x1 > left && y0 < top + wide && y1 > top,
  );
  return mark ? mark[4] : 0;
}
