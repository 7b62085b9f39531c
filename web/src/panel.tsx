/** What can be done: stack, look at results, compare, export. */

import { useState } from "preact/hooks";
import type { Job, Project, Version } from "./api";
import { Refused } from "./api";
import { type Brush, Retouching } from "./brush";
import { Look, type Looking } from "./look";
import { Results } from "./results";

interface Props {
  project: Project;
  job: Job;
  problem: string;
  version: Version | undefined;
  looking: Looking;
  brush: Brush;
  onBrush: (brush: Brush) => void;
  onUndo: () => void;
  onRedo: () => void;
  onStart: (recipe: Record<string, unknown>) => void;
  onStop: () => void;
  onShow: (number: number) => void;
  onDelete: (number: number) => void;
  onRestore: (number: number) => void;
  onExport: (format: string, quality: number) => Promise<{ name: string; warnings: string[]; command: string }>;
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
      <Results project={project} version={version} onShow={props.onShow} onDelete={props.onDelete} onRestore={props.onRestore} />
      <Look project={project} version={version} {...props.looking} />
      {version && (
        <>
          <Retouching version={version} brush={props.brush} onBrush={props.onBrush}
            onUndo={props.onUndo} onRedo={props.onRedo} />
          <Export key={version.number} {...props} />
        </>
      )}
    </aside>
  );
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

function Export({ project, onExport }: Props) {
  const [format, setFormat] = useState(project.formats[0]);
  const [said, setSaid] = useState<{ name?: string; text: string; command?: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const made = await onExport(format, 95);
      setSaid({ name: made.name, text: made.warnings.join("; "), command: made.command });
    } catch (error) {
      setSaid({ text: error instanceof Refused ? error.message : String(error) });
    }
    setBusy(false);
  };
  return (
    <section aria-labelledby="export-h">
      <h2 id="export-h">Export</h2>
      <div class="row">
        <label class="field">
          <span>Format</span>
          <select value={format} onChange={(event) => setFormat(event.currentTarget.value)}>
            {project.formats.map((one) => <option key={one}>{one}</option>)}
          </select>
        </label>
        <button type="button" onClick={run} disabled={busy}>Export</button>
      </div>
      <div aria-live="polite">
        {said?.name && (
          <p><a href={`/api/exports/${encodeURIComponent(said.name)}`} download>{said.name}</a></p>
        )}
        {said?.text && <p class="soft">{said.text}</p>}
        {said?.command && (
          <label class="field"><span>The same on the command line</span><input readOnly value={said.command} /></label>
        )}
      </div>
    </section>
  );
}
