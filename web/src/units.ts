/** Lengths and heights in what is known of them: metres and less, or pixels and frames. */

import type { Scale, Version } from "./api";

export interface Axis {
  /** What a value means, for the end of the axis. */
  unit: string;
  of: (raw: number) => number;
  /** Whether larger values are drawn lower. */
  falls: boolean;
}

const METRIC: [number, string][] = [[1e6, "m"], [1e3, "mm"], [1, "µm"], [1e-3, "nm"]];

function metric(um: number): [number, string] {
  return METRIC.find(([size]) => um >= size) ?? METRIC[METRIC.length - 1];
}

/** Along the line: raw is px of the result, `pixel` micrometres or null. */
export function along(length: number, pixel: number | null): Axis {
  if (pixel === null) return { unit: "px", of: (raw) => raw, falls: false };
  const [size, unit] = metric(length * pixel);
  return { unit, of: (raw) => (raw * pixel) / size, falls: false };
}

/** Up: raw is a depth in frames. With a scale it is the height above the farthest frame's focus. */
export function up(frames: number, scale: Scale): Axis {
  const { step_um: step, near_last: nearLast } = scale;
  if (step === null) return { unit: "frame", of: (raw) => raw, falls: !nearLast };
  const [size, unit] = metric((frames - 1) * step);
  return { unit, of: (raw) => ((nearLast ? raw : frames - 1 - raw) * step) / size, falls: false };
}

/** How far one pixel of a result reaches, micrometres; a preview's are larger than the frames'. */
export function pixelOf(version: Version, frameWidth: number, scale: Scale): number | null {
  const times = version.preview ? Math.max(1, Math.round(frameWidth / version.width)) : 1;
  return scale.pixel_um === null ? null : scale.pixel_um * times;
}

/** Pixels that one frame's step is high: true to scale if that is known, else a quarter of the picture. */
export function rise(version: Version, pixel: number | null, scale: Scale): number {
  if (pixel !== null && scale.step_um !== null) return scale.step_um / pixel;
  return (0.25 * Math.max(version.width, version.height)) / Math.max(1, version.frames.length - 1);
}

/** Round values from low to high, about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((one) => one * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const found: number[] = [];
  for (let k = first; k * step <= high + step * 1e-9; k += 1) found.push(k * step);
  return found;
}

export const short = (value: number) => String(Number(value.toPrecision(4)));
