/** A result's frames one after another in depth, each where it lies on the result. */

import type { Version } from "./api";

interface Props {
  /** While there is none, the row stays, so that the picture does not move when there is one again. */
  version: Version | undefined;
  /** Of the result's frames; null while the result itself is shown. */
  layer: number | null;
  onLayer: (layer: number | null) => void;
}

export function Layers({ version, layer, onLayer }: Props) {
  const order = version?.order ?? [];
  const frames = version?.frames ?? [];
  const at = layer === null ? -1 : order.indexOf(layer);
  const text = !version ? "no result" : at < 0 ? "the result" : `${frames[order[at]]}, ${at + 1} of ${order.length}`;
  return (
    <div class="layers">
      <label>
        <span>Through the depth</span>
        <input type="range" min={0} max={Math.max(1, order.length - 1)} disabled={!version} step={1} value={at < 0 ? 0 : at} aria-valuetext={text}
          onInput={(event) => onLayer(order[Number(event.currentTarget.value)])} />
      </label>
      <span class="at">{text}</span>
      <button type="button" disabled={layer === null} onClick={() => onLayer(null)}>Result</button>
    </div>
  );
}

/** The frame ``by`` steps farther in depth; from the result, the one to begin with. */
export function layerBeside(version: Version, layer: number | null, by: number, first: number | undefined): number {
  const { order } = version;
  if (layer === null) return first !== undefined && order.includes(first) ? first : order[order.length >> 1];
  return order[Math.min(order.length - 1, Math.max(0, order.indexOf(layer) + by))];
}
