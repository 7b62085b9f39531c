/** What can be done: stack, look at results, compare, export. */

import { useState } from "preact/hooks";
import type { Delivery, Exported, Job, Project, Version } from "./api";
import { type Brush, Retouching } from "./brush";
import { Export } from "./export";

/** What of a result is shown. */
export type As = "picture" | "depth" | "confidence";
type Beside = { kind: "version"; number: number } | { kind: "frame"; index: number };

interface Props {
  project: Project;
  job: Job;
  problem: string;
  version: Version | undefined;
  as: As;
  beside: Beside | null;
  brush: Brush;
  onBrush: (brush: Brush) => void;
  onUndo: () => void;
  onRedo: () => void;
  onStart: (recipe: Record<string, unknown>) => void;
  onStop: () => void;
  onShow: (number: number) => void;
  onAs: (as: As) => void;
  onBeside: (beside: Beside | null) => void;
  onExport: (format: string, quality: number, delivery: Delivery) => Promise<Exported>;
}

const METHODS: Record<string, string> = {
  auto: "Auto: the best of both",
  pyramid: "Pyramid: hairs and crossings",
  depthmap: "Depth map: smooth surfaces",
  wavelet: "Wavelet",
  average: "Average",
  laplacian: "Laplacian: the original",
};

const STEPS: Record<string, string> = {
  align: "Aligning",
  clean: "Looking for dust",
  noise: "Measuring noise",
  depth: "Finding depth",
  survey: "Finding depth",
  veil: "Judging veils",
  fuse: "Fusing",
  save: "Saving",
};

export function Panel(props: Props) {
  const { project, job, version } = props;
  const [method, setMethod] = useState("auto");
  const working = job.state === "working";
  return (
    <aside class="panel">
      <section aria-labelledby="stack-h">
        <h2 id="stack-h">Stack</h2>
        <label class="field">
          <span>Method</span>
          <select value={method} onChange={(event) => setMethod(event.currentTarget.value)}>
            {Object.entries(METHODS).map(([name, text]) => (
              <option key={name} value={name}>{text}</option>
            ))}
          </select>
        </label>
        {working ? (
          <button type="button" class="stop" onClick={props.onStop}>Stop</button>
        ) : (
          <div class="row">
            <button type="button" class="main" onClick={() => props.onStart({ method })}>Stack</button>
            <button type="button" onClick={() => props.onStart({ method, preview: true })}>Preview</button>
          </div>
        )}
        <Progress job={job} />
        {props.problem && <p class="problem" role="alert">{props.problem}</p>}
      </section>
      <section aria-labelledby="results-h">
        <h2 id="results-h">Results</h2>
        {project.versions.length === 0 && <p class="soft">None yet. A preview takes a second or two.</p>}
        <ol class="results">
          {project.versions.map((one) => (
            <li key={one.number}>
              <button
                type="button"
                aria-current={one.number === version?.number}
                onClick={() => props.onShow(one.number)}
              >
                <img src={thumbOf(one, project.tile)} alt="" loading="lazy" />
                <span>
                  <b>{one.number}</b> {one.method}{one.preview ? ", preview" : ""}
                  <small>{one.width} × {one.height} · {one.seconds.toFixed(1)} s</small>
                </span>
              </button>
            </li>
          ))}
        </ol>
      </section>
      {version && <Details {...props} version={version} />}
    </aside>
  );
}

function thumbOf(version: Version, tile: number): string {
  const longest = Math.max(version.width, version.height);
  let level = 0;
  while (Math.ceil(longest / 2 ** level) > tile) level += 1;
  return `/api/versions/${version.number}/tiles/${level}/0_0.jpg?${version.retouch.revision}`;
}

function Progress({ job }: { job: Job }) {
  if (job.state === "failed")
    return <p class="problem" role="alert">{[job.message, job.hint].filter(Boolean).join(": ")}</p>;
  if (job.state === "cancelled") return <p class="soft">Stopped; nothing was kept.</p>;
  if (job.state !== "working") return null;
  const name = job.step ? (STEPS[job.step] ?? job.step) : "Starting";
  return (
    <label class="progress">
      <span>{name}{job.total && job.total > 1 ? ` ${job.done} of ${job.total}` : ""}</span>
      <progress max={job.total || 1} value={job.done ?? 0} />
    </label>
  );
}

function Details(props: Props & { version: Version }) {
  const { project, version } = props;
  const others = project.versions.filter((one) => one.number !== version.number);
  return (
    <>
      <section aria-labelledby="look-h">
        <h2 id="look-h">Look</h2>
        <label class="field">
          <span>Show</span>
          <select value={props.as} onChange={(event) => props.onAs(event.currentTarget.value as As)}>
            <option value="picture">the picture</option>
            <option value="depth" disabled={!version.has_depth}>its depth, in colour</option>
            <option value="confidence" disabled={!version.has_depth}>how sure the depth is</option>
          </select>
        </label>
        <label class="field">
          <span>Compare with</span>
          <select value={props.beside ? keyOf(props.beside) : ""}
            onChange={(event) => props.onBeside(besideOf(event.currentTarget.value))}>
            <option value="">nothing</option>
            {others.map((one) => (
              <option key={one.number} value={`v${one.number}`}>
                result {one.number}, {one.method}{one.preview ? ", preview" : ""}
              </option>
            ))}
            {version.frames.map((name, index) => (
              <option key={name} value={`f${index}`}>frame {name}</option>
            ))}
          </select>
        </label>
        {version.warnings.length > 0 && (
          <ul class="warnings">{version.warnings.map((text) => <li key={text}>{text}</li>)}</ul>
        )}
      </section>
      <Retouching version={version} versions={project.versions} brush={props.brush} onBrush={props.onBrush}
        onUndo={props.onUndo} onRedo={props.onRedo} />
      <Export key={version.number} formats={project.formats} size={[version.width, version.height]}
        onExport={props.onExport} />
    </>
  );
}

const keyOf = (beside: Beside) =>
  beside.kind === "version" ? `v${beside.number}` : `f${beside.index}`;

function besideOf(key: string): Beside | null {
  const number = Number(key.slice(1));
  if (key.startsWith("v")) return { kind: "version", number };
  return key ? { kind: "frame", index: number } : null;
}
