/** How large things are, and views to take along: animations and pictures for two eyes. */

import { useState } from "preact/hooks";
import * as api from "./api";
import type { Scale, Version } from "./api";

export function ScaleFields({ scale, onScale }: { scale: Scale; onScale: (change: Partial<Scale>) => void }) {
  const length = (name: "step_um" | "pixel_um", text: string) => (
    <label class="field">
      <span>{text}</span>
      <input type="number" min="0" step="any" inputMode="decimal" placeholder="unknown" value={scale[name] ?? ""}
        onChange={(event) => {
          const value = event.currentTarget.value;
          onScale({ [name]: value === "" ? null : Number(value) });
        }} />
    </label>
  );
  return (
    <div class="fields">
      {length("step_um", "µm between frames")}
      {length("pixel_um", "µm per pixel of a frame")}
      <label class="field">
        <span>Nearest is</span>
        <select value={scale.near_last ? "last" : "first"}
          onChange={(event) => onScale({ near_last: event.currentTarget.value === "last" })}>
          <option value="first">first frame</option>
          <option value="last">last frame</option>
        </select>
      </label>
    </div>
  );
}

const KINDS: Record<string, { text: string; wish: Record<string, unknown> }> = {
  webp: { text: "Rocking animation, WebP", wish: { kind: "rocking", format: "webp" } },
  gif: { text: "Rocking animation, GIF", wish: { kind: "rocking", format: "gif", side: 800 } },
  anaglyph: { text: "Anaglyph for red-cyan glasses, PNG", wish: { kind: "anaglyph", format: "png" } },
  pair: { text: "Stereo pair, PNG", wish: { kind: "pair", format: "png" } },
  crossed: { text: "Stereo pair for crossed eyes, PNG", wish: { kind: "pair", format: "png", crossed: true } },
};

export function TakeAlong({ version }: { version: Version }) {
  const [kind, setKind] = useState("webp");
  const [strength, setStrength] = useState(2);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ name?: string; text?: string }>({});
  const make = async () => {
    setBusy(true);
    setSaid({});
    try {
      setSaid(await api.exportView(version.number, { ...KINDS[kind].wish, strength }));
    } catch (error) {
      setSaid({ text: error instanceof api.Refused ? error.message : String(error) });
    }
    setBusy(false);
  };
  return (
    <div class="fields">
      <label class="field wide">
        <span>View</span>
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          {Object.entries(KINDS).map(([name, { text }]) => <option key={name} value={name}>{text}</option>)}
        </select>
      </label>
      <label class="field">
        <span>Depth {strength.toFixed(1)} % of the width</span>
        <input type="range" min="0.5" max="6" step="0.1" value={strength}
          onInput={(event) => setStrength(Number(event.currentTarget.value))} />
      </label>
      <button type="button" onClick={make} disabled={busy}>{busy ? "Making it …" : "Make view"}</button>
      <div aria-live="polite">
        {said.name && <p><a href={`api/exports/${encodeURIComponent(said.name)}`} download>{said.name}</a></p>}
        {said.text && <p class="problem">{said.text}</p>}
      </div>
    </div>
  );
}
