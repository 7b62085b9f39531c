/** What can be done: stack, look at results, compare, export. */

import { useState } from "preact/hooks";
import { isStack, type Job, type Project, said } from "./api";
import { Retouch } from "./brush";
import type { Changes } from "./changes";
import { Export } from "./export";
import { Look } from "./look";
import type { Looking } from "./looking";
import { MethodField } from "./method";
import { Bar } from "./page";
import { Results } from "./results";
import type { Retouching } from "./retouching";
import type { Studio } from "./studio";
import { stepOf } from "./words";

interface Props {
  project: Project;
  studio: Studio;
  looking: Looking;
  retouching: Retouching;
  changes: Changes;
}

export function Panel({ project, studio, looking, retouching, changes }: Props) {
  const { job, problem } = studio;
  const { version } = looking;
  const [method, setMethod] = useState("auto");
  const few = !isStack(project);
  const working = job.state === "working";
  return (
    <aside class="panel">
      <section aria-labelledby="stack-h">
        <h2 id="stack-h">Stack</h2>
        <MethodField method={method} onMethod={setMethod} />
        {working ? (
          <button type="button" class="stop" onClick={changes.stop}>Stop</button>
        ) : (
          <div class="row">
            <button type="button" class="main" disabled={few} onClick={() => changes.start({ method })}>Stack</button>
            <button type="button" disabled={few} onClick={() => changes.start({ method, preview: true })}>Preview</button>
          </div>
        )}
        {few && <p class="soft">A stack needs two frames or more.</p>}
        <Progress job={job} />
        {problem && <p class="problem" role="alert">{problem}</p>}
      </section>
      <Results project={project} looking={looking} changes={changes} />
      <Look project={project} looking={looking} />
      {looking.coming && <p class="soft">A preview: the result is on its way, to be retouched and exported.</p>}
      {version && !looking.coming && (
        <>
          <Retouch version={version} versions={project.versions} retouching={retouching} />
          <Export key={version.number} formats={project.formats} version={version} exporting={studio.exporting} />
        </>
      )}
    </aside>
  );
}

function Progress({ job }: { job: Job }) {
  if (job.state === "failed") return <p class="problem" role="alert">{said(job)}</p>;
  if (job.state === "cancelled") return <p class="soft" role="status">Stopped; {job.preview ? "the preview is kept" : "nothing was kept"}.</p>;
  return job.state === "working" ? <Bar label={stepOf(job)} work={job} /> : null;
}
