/** A result as a file: format, size, colour space, what it says about itself; and the command line for it. */

import { useState } from "preact/hooks";
import { type Delivery, type Exporting, exportVersion, type Version } from "./api";
import { Written } from "./written";

interface Props {
  formats: string[];
  version: Version;
  exporting: Exporting;
}

const NAMES: Record<string, string> = {
  layers: "tif with the frames as layers",
  report: "html: a page about the run",
};
const COLOURS = [
  ["keep", "as in the frames"],
  ["srgb", "sRGB"],
  ["p3", "Display P3"],
  ["adobe", "Adobe RGB"],
] as const;
const METADATA = [
  ["all", "all"],
  ["nogps", "without coordinates"],
  ["none", "none but the colour space"],
] as const;
const LOSSY = ["jpg", "webp", "avif"];
const WHOLE: Delivery = { resize: "", colour: "keep", metadata: "all" };

export function Export({ formats, version, exporting }: Props) {
  const [format, setFormat] = useState(formats[0]);
  const [quality, setQuality] = useState(95);
  const [wish, setWish] = useState(WHOLE);
  const picture = !(format in NAMES);
  const begin = () => exportVersion(version.number, format, quality, picture ? wish : WHOLE);
  return (
    <section aria-labelledby="export-h">
      <h2 id="export-h">Export</h2>
      <label class="field">
        <span>Format</span>
        <select value={format} onChange={(event) => setFormat(event.currentTarget.value)}>
          {formats.map((one) => <option key={one} value={one}>{NAMES[one] ?? one}</option>)}
        </select>
      </label>
      {LOSSY.includes(format) && (
        <label class="field">
          <span>Quality {quality}</span>
          <input type="range" min="1" max="100" value={quality}
            onInput={(event) => setQuality(Number(event.currentTarget.value))} />
        </label>
      )}
      {picture && (
        <>
          <Size resize={wish.resize} size={[version.width, version.height]} onResize={(resize) => setWish({ ...wish, resize })} />
          <Choice text="Colour space" options={format === "dng" ? COLOURS.slice(0, 1) : COLOURS}
            value={format === "dng" ? "keep" : wish.colour} onChoose={(colour) => setWish({ ...wish, colour })} />
          <Choice text="Metadata" options={METADATA} value={wish.metadata}
            onChoose={(metadata) => setWish({ ...wish, metadata })} />
        </>
      )}
      <Written exporting={exporting} about="picture" number={version.number} text="Export" begin={begin} />
    </section>
  );
}

interface ChoiceProps {
  text: string;
  options: readonly (readonly [string, string])[];
  value: string;
  onChoose: (value: string) => void;
}

function Choice({ text, options, value, onChoose }: ChoiceProps) {
  return (
    <label class="field">
      <span>{text}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map(([name, shown]) => <option key={name} value={name}>{shown}</option>)}
      </select>
    </label>
  );
}

type Unit = "" | "px" | "%";

/** Whole, a long side in px, or percent. */
function Size({ resize, size, onResize }: { resize: string; size: [number, number]; onResize: (resize: string) => void }) {
  const unit: Unit = resize === "" ? "" : resize.endsWith("%") ? "%" : "px";
  const number = resize.replace("%", "");
  const longest = Math.max(...size);
  const choose = (next: Unit) =>
    onResize(next === "" ? "" : next === "%" ? "50%" : String(Math.min(2048, longest)));
  const share = unit === "%" ? Number(number) / 100 : unit === "px" ? Number(number) / longest : 1;
  return (
    <>
      <div class="row">
        <Choice text="Size" value={unit} onChoose={(next) => choose(next as Unit)}
          options={[["", "whole"], ["px", "long side"], ["%", "percent"]]} />
        {unit !== "" && (
          <label class="field">
            <span>{unit === "%" ? "Percent" : "Long side, px"}</span>
            <input type="number" min={unit === "%" ? 1 : 16} max={unit === "%" ? 400 : 65535} value={number}
              onInput={(event) => onResize(`${event.currentTarget.value || 0}${unit === "%" ? "%" : ""}`)} />
          </label>
        )}
      </div>
      <p class="soft" aria-live="polite">{size.map((side) => Math.round(side * share)).join(" × ")} px</p>
    </>
  );
}
