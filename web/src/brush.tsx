/** The brush: what it paints from, how large and soft it is, and the way back. */

import { useEffect, useRef } from "preact/hooks";
import type { Stroke, Version } from "./api";
import type { Retouching } from "./retouching";

export interface Brush {
  on: boolean;
  frame: number;
  /** Another result to paint from instead of the frame. */
  result: number | null;
  erase: boolean;
  matched: boolean;
  size: number;
  hardness: number;
  opacity: number;
  flow: number;
}

export const FIRST: Brush = {
  on: false, frame: 0, result: null, erase: false, matched: false,
  size: 80, hardness: 0.5, opacity: 1, flow: 1,
};

/** The result that a brush paints from, if it does and that one lies alike. */
function copied(brush: Brush, version: Version, versions: Version[]): number | null {
  const other = brush.erase ? undefined : versions.find((one) => one.number === brush.result);
  return other && other !== version && other.canvas === version.canvas ? other.number : null;
}

/** The stroke of a brush on a result. */
export function strokeOf(
  brush: Brush, version: Version, versions: Version[], points: Stroke["points"],
): Stroke {
  const { size, hardness, opacity, flow, matched } = brush;
  const result = copied(brush, version, versions);
  const last = version.frames.length - 1;
  const frame = brush.erase || result !== null ? null : Math.min(brush.frame, last);
  return { frame, result, size, hardness, opacity, flow, matched: matched && !brush.erase, points };
}

interface Props {
  version: Version;
  versions: Version[];
  retouching: Retouching;
}

const SLIDERS = [
  ["size", "Size", 600, 1],
  ["hardness", "Hardness", 1, 0.01],
  ["opacity", "Opacity", 1, 0.01],
  ["flow", "Flow", 1, 0.01],
] as const;

export function Retouch({ version, versions, retouching }: Props) {
  const { brush, setBrush, undo, redo } = retouching;
  const { shown, total } = version.retouch;
  const frame = Math.min(brush.frame, version.frames.length - 1);
  useEffect(() => {
    // Decoded by the time that the first stroke is painted; whether it worked shows then.
    if (brush.on) fetch(`api/versions/${version.number}/frames/${frame}/0/0_0.jpg`).catch(() => undefined);
  }, [brush.on, frame, version.number]);
  const home = useRef<HTMLElement>(null);
  useEffect(() => {
    // Taken with a key, too, its settings are in sight: where they do not push the picture away.
    if (brush.on && matchMedia("(min-width: 901px)").matches) home.current?.scrollIntoView({ block: "nearest" });
  }, [brush.on]);
  return (
    <section aria-labelledby="retouch-h" ref={home}>
      <h2 id="retouch-h">Retouch</h2>
      <label class="check">
        <input type="checkbox" checked={brush.on}
          onChange={(event) => setBrush({ ...brush, on: event.currentTarget.checked })} />
        Brush
      </label>
      {brush.on && (
        <>
          <Origin version={version} versions={versions} retouching={retouching} />
          {SLIDERS.map(([name, text, max, step]) => (
            <label key={name} class="field">
              <span>{text} {name === "size" ? `${brush.size} px` : `${Math.round(100 * brush[name])} %`}</span>
              <input type="range" min={name === "size" ? 2 : name === "flow" ? 0.01 : 0} max={max} step={step}
                value={brush[name]}
                onInput={(event) => setBrush({ ...brush, [name]: Number(event.currentTarget.value) })} />
            </label>
          ))}
          <label class="check">
            <input type="checkbox" checked={brush.matched} disabled={brush.erase}
              onChange={(event) => setBrush({ ...brush, matched: event.currentTarget.checked })} />
            Match tones along soft edges
          </label>
        </>
      )}
      <div class="row">
        <button type="button" onClick={undo} disabled={shown === 0}>Undo</button>
        <button type="button" onClick={redo} disabled={shown === total}>Redo</button>
        <p class="soft" aria-live="polite">{shown} {shown === 1 ? "stroke" : "strokes"}</p>
      </div>
    </section>
  );
}

/** Frames, results of the same canvas (others are shown, but cannot be chosen), or nothing. */
function Origin({ version, versions, retouching: { brush, setBrush } }: Props) {
  const others = versions.filter((one) => one.number !== version.number);
  const result = copied(brush, version, versions);
  const frame = Math.min(brush.frame, version.frames.length - 1);
  const value = brush.erase ? "" : result !== null ? `v${result}` : `f${frame}`;
  const choose = (chosen: string) => {
    const number = Number(chosen.slice(1));
    if (chosen === "") setBrush({ ...brush, erase: true });
    else if (chosen[0] === "v") setBrush({ ...brush, erase: false, result: number });
    else setBrush({ ...brush, erase: false, result: null, frame: number });
  };
  return (
    <label class="field">
      <span>Paint from</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        <optgroup label="Frames">
          {version.frames.map((name, index) => <option key={name} value={`f${index}`}>{name}</option>)}
        </optgroup>
        {others.length > 0 && (
          <optgroup label="Results">
            {others.map((one) => (
              <option key={one.number} value={`v${one.number}`} disabled={one.canvas !== version.canvas}>
                result {one.number}, {one.method}{one.canvas === version.canvas ? "" : ": another canvas"}
              </option>
            ))}
          </optgroup>
        )}
        <option value="">nothing: erase strokes</option>
      </select>
    </label>
  );
}
