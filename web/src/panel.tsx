/** What can be done: stack, look at results, compare, export. */

import { useState } from "preact/hooks";
import type { Delivery, Exported, Job, Project, Version } from "./api";
import { said } from "./api";
import { type Brush, Retouching } from "./brush";
import { Export } from "./export";
import { Look, type Looking } from "./look";
import { Results } from "./results";
import { METHODS, STEPS } from "./words";

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
  onExport: (format: string, quality: number, delivery: Delivery) => Promise<Exported>;
}

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
          <Retouching version={version} versions={project.versions} brush={props.brush} onBrush={props.onBrush}
            onUndo={props.onUndo} onRedo={props.onRedo} />
          <Export key={version.number} formats={project.formats} size={[version.width, version.height]}
            onExport={props.onExport} />
        </>
      )}
    </aside>
  );
}

function Progress({ job }: { job: Job }) {
  if (job.state === "failed")
    return <p class="problem" role="alert">{said(job)}</p>;
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

