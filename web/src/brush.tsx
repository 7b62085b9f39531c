/** The brush: what it paints from, how large and soft it is, and the way back. */

import type { Version } from "./api";

export interface Brush {
  on: boolean;
  frame: number;
  erase: boolean;
  size: number;
  hardness: number;
  opacity: number;
}

export const FIRST: Brush = { on: false, frame: 0, erase: false, size: 80, hardness: 0.5, opacity: 1 };

interface Props {
  version: Version;
  brush: Brush;
  onBrush: (brush: Brush) => void;
  onUndo: () => void;
  onRedo: () => void;
}

export function Retouching({ version, brush, onBrush, onUndo, onRedo }: Props) {
  const { shown, total } = version.retouch;
  const slider = (name: "size" | "hardness" | "opacity", text: string, max: number, step: number) => (
    <label class="field">
      <span>{text} {name === "size" ? `${brush.size} px` : `${Math.round(100 * brush[name])} %`}</span>
      <input type="range" min={name === "size" ? 2 : 0} max={max} step={step} value={brush[name]}
        onInput={(event) => onBrush({ ...brush, [name]: Number(event.currentTarget.value) })} />
    </label>
  );
  return (
    <section aria-labelledby="retouch-h">
      <h2 id="retouch-h">Retouch</h2>
      <label class="check">
        <input type="checkbox" checked={brush.on}
          onChange={(event) => onBrush({ ...brush, on: event.currentTarget.checked })} />
        Brush
      </label>
      {brush.on && (
        <>
          <label class="field">
            <span>Paint from</span>
            <select value={brush.erase ? "" : brush.frame}
              onChange={(event) => {
                const value = event.currentTarget.value;
                onBrush(value === "" ? { ...brush, erase: true } : { ...brush, erase: false, frame: Number(value) });
              }}>
              {version.frames.map((name, index) => <option key={name} value={index}>{name}</option>)}
              <option value="">nothing: erase strokes</option>
            </select>
          </label>
          {slider("size", "Size", 600, 1)}
          {slider("hardness", "Hardness", 1, 0.01)}
          {slider("opacity", "Opacity", 1, 0.01)}
        </>
      )}
      <div class="row">
        <button type="button" onClick={onUndo} disabled={shown === 0}>Undo</button>
        <button type="button" onClick={onRedo} disabled={shown === total}>Redo</button>
        <p class="soft" aria-live="polite">{shown} {shown === 1 ? "stroke" : "strokes"}</p>
      </div>
    </section>
  );
}
