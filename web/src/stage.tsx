/** The picture, and what is compared with it: under a line that moves, or beside it. */

import { useMemo, useState } from "preact/hooks";
import type { Brush } from "./brush";
import type { Mode } from "./pictures";
import { Together } from "./together";
import { type Picture, Viewer } from "./viewer";

interface Props {
  picture: Picture;
  name: string;
  /** What is compared with it, if anything is. */
  other: Picture | null;
  otherName: string;
  mode: Mode;
  overlays: Picture[];
  tileSide: number;
  /** Null while the pointer moves the picture. */
  brush: Brush | null;
  onPoint: (x: number, y: number) => void;
  onStroke: (points: [number, number, number][]) => void;
}

export function Stage(props: Props) {
  const { picture, name, other, otherName, mode, overlays, tileSide, brush, onPoint, onStroke } = props;
  const [wipe, setWipe] = useState(0.5);
  const together = useMemo(() => new Together(), []);
  const side = mode === "side" && other !== null;
  return (
    <div class={side ? "views side" : "views"}>
      <div class="view">
        <Viewer picture={picture} over={side ? null : other} overlays={overlays} together={together} wipe={wipe}
          tileSide={tileSide} label={name} brush={brush?.size ?? null} onPoint={onPoint} onStroke={onStroke} />
        {side && <p class="caption">{name}</p>}
      </div>
      {side && (
        <div class="view">
          <Viewer picture={other} over={null} overlays={[]} together={together} wipe={0} tileSide={tileSide}
            label={otherName} brush={null} onPoint={nothing} onStroke={nothing} />
          <p class="caption">{otherName}</p>
        </div>
      )}
      {other && !side && (
        <label class="wipe">
          <span>{otherName} left of the line</span>
          <input type="range" min="0" max="1" step="0.005" value={wipe}
            onInput={(event) => setWipe(Number(event.currentTarget.value))} />
          <i style={{ left: `${wipe * 100}%` }} aria-hidden="true" />
        </label>
      )}
    </div>
  );
}

const nothing = () => {};
