/** Heights along a line, drawn and said. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Section } from "./api";
import { type Axis, short, ticks } from "./units";

interface Props {
  section: Section;
  across: Axis;
  up: Axis;
}

const [LEFT, RIGHT, TOP, BOTTOM] = [52, 12, 20, 34];

export function Plot({ section, across, up }: Props) {
  const home = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<[number, number]>([480, 180]);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) =>
      setSize([Math.max(160, entry.contentRect.width), Math.max(110, entry.contentRect.height)]),
    );
    watch.observe(home.current!);
    return () => watch.disconnect();
  }, []);
  return (
    <figure class="plot">
      <div class="axes" ref={home}>
        <Axes section={section} across={across} up={up} width={size[0]} height={size[1]} />
      </div>
      <figcaption aria-live="polite">{said(section, across, up)}</figcaption>
    </figure>
  );
}

function Axes({ section, across, up, width, height }: Props & { width: number; height: number }) {
  const values = section.depth.map((one) => (one === null ? null : up.of(one)));
  const long = across.of(section.distance.at(-1) ?? 0) || 1;
  const [low, high] = range(values);
  const x = (value: number) => LEFT + ((width - LEFT - RIGHT) * value) / long;
  const share = (value: number) => (up.falls ? high - value : value - low) / (high - low);
  const y = (value: number) => height - BOTTOM - (height - TOP - BOTTOM) * share(value);
  const points = section.distance.map((one, k) => ({ x: x(across.of(one)), value: values[k] }));
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label="Heights along the line">
      {ticks(low, high, (height - TOP - BOTTOM) / 34).map((value) => (
        <g key={value} class="tick">
          <line x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 6} y={y(value) + 4} text-anchor="end">{short(value)}</text>
        </g>
      ))}
      {ticks(0, long, width / 110).map((value) => (
        <text key={value} class="tick" x={x(value)} y={height - BOTTOM + 16} text-anchor="middle">{short(value)}</text>
      ))}
      <text class="unit" x={6} y={12}>{up.unit}</text>
      <text class="unit" x={width - RIGHT} y={height - 3} text-anchor="end">{across.unit}</text>
      <text class="unit" x={LEFT} y={height - 3}>A → B</text>
      <path class="heights" d={path(points, y)} />
    </svg>
  );
}

/** A line for each stretch between gaps; a stretch of one point is a dot. */
function path(points: { x: number; value: number | null }[], y: (value: number) => number): string {
  let drawn = "";
  let pen = false;
  for (const { x, value } of points) {
    if (value !== null) drawn += `${pen ? "L" : "M"}${x.toFixed(1)} ${y(value).toFixed(1)}${pen ? "" : "h0.1"}`;
    pen = value !== null;
  }
  return drawn;
}

function range(values: (number | null)[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const air = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
  return [low - air, high + air];
}

function said(section: Section, across: Axis, up: Axis): string {
  const known = section.depth.filter((one) => one !== null).map((one) => up.of(one));
  const long = `A to B: ${short(across.of(section.distance.at(-1) ?? 0))} ${across.unit}.`;
  if (!known.length) return `${long} Nothing of the depth is sure there.`;
  const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  const gap = Math.round((100 * (section.depth.length - known.length)) / section.depth.length);
  const heights =
    up.unit === "frame"
      ? `Frames ${short(low)} to ${short(high)}.`
      : `Heights ${short(low)} to ${short(high)} ${up.unit}, a difference of ${short(high - low)} ${up.unit}.`;
  return `${long} ${heights} ${gap ? `Of the line, ${gap} % is not sure and left out.` : ""}`;
}
