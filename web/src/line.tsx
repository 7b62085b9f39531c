/** The line of the section, drawn over the surface; its ends can be moved by pointer and keys. */

import type { Section } from "./api";
import type { Point, Relief } from "./relief";

export type Ends = [Point, Point];

interface Props {
  relief: Relief;
  ends: Ends;
  width: number;
  height: number;
  section: Section | null;
  onEnds: (ends: Ends) => void;
}

const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function Line({ relief, ends, width, height, section, onEnds }: Props) {
  const put = (which: number, [x, y]: Point) => {
    const inside: Point = [
      Math.round(Math.min(width - 1, Math.max(0, x))),
      Math.round(Math.min(height - 1, Math.max(0, y))),
    ];
    onEnds(which === 0 ? [inside, ends[1]] : [ends[0], inside]);
  };
  const traces = drawn(relief, ends, section);
  return (
    <>
      <svg class="line" aria-hidden="true">
        {traces.map((d, k) => (
          <g key={k} class={k ? "gap" : ""}><path class="casing" d={d} /><path d={d} /></g>
        ))}
      </svg>
      {ends.map((end, which) => (
        <End key={which} relief={relief} end={end} name={"AB"[which]} step={Math.max(width, height) / 100}
          onPut={(point) => put(which, point)} />
      ))}
    </>
  );
}

interface EndProps {
  relief: Relief;
  end: Point;
  name: string;
  step: number;
  onPut: (point: Point) => void;
}

function End({ relief, end, name, step, onPut }: EndProps) {
  const [left, top] = relief.project(end);
  const drag = (event: PointerEvent) => {
    if (!(event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId)) return;
    const found = relief.pick(event.clientX, event.clientY);
    if (found) onPut(found);
  };
  const key = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
    const far = event.shiftKey ? 1 : step;
    onPut([end[0] + far * arrow[0], end[1] + far * arrow[1]]);
  };
  return (
    <button
      type="button"
      class="end"
      style={{ transform: `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)` }}
      aria-label={`End ${name} of the section at ${end[0]}, ${end[1]}`}
      aria-description="Arrow keys move it, with Shift by one pixel"
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
      onKeyDown={key}
    >
      {name}
    </button>
  );
}

/** Two paths on the surface: where the depth is sure, and where it is not. */
function drawn(relief: Relief, [a, b]: Ends, section: Section | null): [string, string] {
  const count = 160;
  const paths: [string, string] = ["", ""];
  let last = -1;
  let before: Point | null = null;
  for (let k = 0; k <= count; k += 1) {
    const share = k / count;
    const at = relief.project([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
    const index = section ? Math.round(share * (section.depth.length - 1)) : 0;
    const kind = section && section.depth[index] === null ? 1 : 0;
    if (kind !== last) paths[kind] += `M${place(before ?? at)}`;
    paths[kind] += `L${place(at)}`;
    last = kind;
    before = at;
  }
  return paths;
}

const place = ([x, y]: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;
