/** How the picture is looked at: what of it, beside what, and what is laid over it. */

import { useState } from "preact/hooks";
import type { Project, Version } from "./api";
import { madeAs, said } from "./api";
import { Histogram, useHolds } from "./histogram";
import type { Looking } from "./looking";
import { type As, type Beside, frameOf, type Mode, type Over } from "./pictures";

interface Props {
  project: Project;
  looking: Looking;
}

export function Look(props: Props) {
  const { project, looking } = props;
  const { version, shown, overlays } = looking;
  const [counted, setCounted] = useState(false);
  const path = version ? `api/versions/${version.number}` : shown.kind === "frame" ? `api/frames/${shown.id}` : null;
  const revision = version ? `${madeAs(version)}${version.retouch.revision}${version.regions}` : "";
  const holds = useHolds(counted || overlays.length > 0 ? path : null, revision);
  if (!version && (shown.kind !== "frame" || frameOf(project, shown.id)?.problem)) return null;
  return (
    <section aria-labelledby="look-h">
      <h2 id="look-h">Look</h2>
      {version && <ShowAs version={version} looking={looking} />}
      {!looking.deep && <Compare {...props} />}
      {!looking.deep && <Overlays looking={looking} shares={holds?.shares ?? {}} />}
      <details onToggle={(event) => setCounted(event.currentTarget.open)}>
        <summary>Histogram</summary>
        {counted && <Histogram holds={holds} />}
      </details>
      {version && version.warnings.length > 0 && (
        <ul class="warnings">{version.warnings.map((text) => <li key={text}>{text}</li>)}</ul>
      )}
    </section>
  );
}

function ShowAs({ version, looking: { shown, onAs } }: { version: Version; looking: Looking }) {
  return (
    <label class="field">
      <span>Show</span>
      <select value={shown.kind === "version" ? shown.as : "picture"}
        onChange={(event) => onAs(event.currentTarget.value as As)}>
        <option value="picture">the picture</option>
        <option value="depth" disabled={!version.has_depth}>its depth, in colour</option>
        <option value="confidence" disabled={!version.has_depth}>how sure the depth is</option>
        <option value="surface" disabled={!version.has_depth}>its depth, in 3-D</option>
      </select>
    </label>
  );
}

function Compare({ project, looking }: Props) {
  const { version, shown, beside, mode, onBeside, onMode } = looking;
  const results = project.versions.filter((one) => one.number !== version?.number);
  const frames = project.frames.filter((one) => !one.problem && !(shown.kind === "frame" && one.id === shown.id));
  return (
    <div class="pair">
      <label class="field">
        <span>Compare with</span>
        <select value={beside ? keyOf(beside) : ""} onChange={(event) => onBeside(besideOf(event.currentTarget.value))}>
          <option value="">nothing</option>
          {results.map((one) => (
            <option key={one.number} value={`v${one.number}`}>
              result {one.number}, {one.method}{one.preview ? ", preview" : ""}
            </option>
          ))}
          {frames.map((one) => <option key={one.id} value={`f${one.id}`}>frame {one.name}</option>)}
        </select>
      </label>
      {beside && (
        <label class="field">
          <span>Layout</span>
          <select value={mode} onChange={(event) => onMode(event.currentTarget.value as Mode)}>
            <option value="line">a line</option>
            <option value="side">side by side</option>
          </select>
        </label>
      )}
    </div>
  );
}

const keyOf = (beside: Beside) => (beside.kind === "version" ? `v${beside.number}` : `f${beside.id}`);

function besideOf(key: string): Beside | null {
  const number = Number(key.slice(1));
  if (key.startsWith("v")) return { kind: "version", number };
  return key ? { kind: "frame", id: number } : null;
}

const OVERLAYS: Record<Over, string> = {
  clipping: "Clipped: blue at 0, red at full scale",
  halo: "Veil left on: what is there is not known",
  gap: "Never in focus",
  unsure: "Depth uncertain",
};

function Overlays({ looking, shares }: { looking: Looking; shares: Record<string, number> }) {
  const { version, overlays, gaps, onOver } = looking;
  const can = (kind: Over) =>
    kind === "clipping" || (version && (kind === "gap" || version.regions.includes(kind)));
  const kinds = (Object.keys(OVERLAYS) as Over[]).filter(can);
  return (
    <fieldset>
      <legend>Lay over it</legend>
      {kinds.map((kind) => (
        <label key={kind} class={`check ${kind}`}>
          <input type="checkbox" checked={overlays.includes(kind)} onChange={() => onOver(kind)} />
          <span>{OVERLAYS[kind]}{kind in shares && overlays.includes(kind) ? `, ${(100 * shares[kind]).toFixed(1)} %` : ""}</span>
        </label>
      ))}
      {gaps.state === "working" && <p class="soft" role="status">Looking for what no frame has in focus …</p>}
      {gaps.state === "failed" && <p class="problem" role="alert">{said(gaps)}</p>}
    </fieldset>
  );
}
