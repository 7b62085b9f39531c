/** How large things are, and what can be taken along: animations, pictures for two eyes, meshes. */

import { useState } from "preact/hooks";
import { type Exporting, exportView, type Scale, type Version } from "./api";
import { Written } from "./written";

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

interface Kind {
  text: string;
  wish: Record<string, unknown>;
}

const KINDS: Record<string, Kind> = {
  webp: { text: "Rocking animation, WebP", wish: { kind: "rocking", format: "webp" } },
  gif: { text: "Rocking animation, GIF", wish: { kind: "rocking", format: "gif", side: 800 } },
  anaglyph: { text: "Anaglyph for red-cyan glasses, PNG", wish: { kind: "anaglyph", format: "png" } },
  pair: { text: "Stereo pair, PNG", wish: { kind: "pair", format: "png" } },
  crossed: { text: "Stereo pair for crossed eyes, PNG", wish: { kind: "pair", format: "png", crossed: true } },
  glb: { text: "Mesh in colour, GLB", wish: { kind: "mesh", format: "glb" } },
  ply: { text: "Mesh in colour, PLY", wish: { kind: "mesh", format: "ply" } },
};

interface Props {
  version: Version;
  exporting: Exporting;
  /** Whether the surface is shown without what is not sure: so is a mesh of it, then. */
  sureOnly: boolean;
}

export function TakeAlong({ version, exporting, sureOnly }: Props) {
  const [kind, setKind] = useState("webp");
  const [strength, setStrength] = useState(2);
  const { wish } = KINDS[kind];
  const mesh = wish.kind === "mesh";
  const begin = () => exportView(version.number, { ...wish, ...(mesh ? { sure_only: sureOnly } : { strength }) });
  return (
    <div class="fields">
      <label class="field wide">
        <span>View or mesh</span>
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          {Object.entries(KINDS).map(([name, { text }]) => <option key={name} value={name}>{text}</option>)}
        </select>
      </label>
      {mesh ? (
        <p class="soft wide">{sureOnly ? "Without what is not sure." : "With what is not sure, filled in from around."}</p>
      ) : (
        <label class="field wide">
          <span>Depth {strength.toFixed(1)} % of the width</span>
          <input type="range" min="0.5" max="6" step="0.1" value={strength}
            onInput={(event) => setStrength(Number(event.currentTarget.value))} />
        </label>
      )}
      <div class="wide working">
        <Written exporting={exporting} about="view" number={version.number} text="Write it" begin={begin} />
      </div>
    </div>
  );
}
