/** The frames as a list: their order, which are stacked, the reference, what is wrong with them. */

import { useState } from "preact/hooks";
import { type Frame, type Inspection, isStack, type Note, type Project } from "./api";
import { Adding } from "./adding";
import type { Changes } from "./changes";
import { Inspecting, Notes } from "./notes";
import { MoveButtons, SortBy, useMoving } from "./order";

interface Props {
  project: Project;
  inspection: Inspection;
  current: number | null;
  onShow: (id: number) => void;
  changes: Changes;
}

export function Frames({ project, inspection, current, onShow, changes }: Props) {
  const out = new Set(project.excluded);
  const moving = useMoving(project, changes.arrange);
  return (
    <nav class="frames" aria-label="Frames">
      <p class="count">{countOf(project)}</p>
      {isStack(project) && <Inspecting inspection={inspection} />}
      {project.frames.length > 1 && <SortBy project={project} onOrder={changes.arrange} />}
      <p class="unseen" role="status">{moving.said}</p>
      <ol>
        {project.frames.map((frame) => (
          <li key={frame.name} class={out.has(frame.name) ? "out" : ""} {...moving.entry(frame.name)}>
            <Look frame={frame} current={current === frame.id} onShow={onShow} />
            <MoveButtons name={frame.name} moving={moving} />
            <Choices project={project} name={frame.name} out={out} onChoose={changes.choose} />
            <Notes notes={notesOf(inspection, frame.name)} />
          </li>
        ))}
      </ol>
      <Adding project={project} onAdded={changes.added} />
    </nav>
  );
}

function countOf({ frames, excluded }: Project): string {
  if (frames.length === 0) return "No frames yet";
  return `${frames.length - excluded.length} of ${frames.length} ${frames.length === 1 ? "frame" : "frames"}`;
}

const notesOf = (inspection: Inspection, name: string): Note[] =>
  (inspection.notes ?? []).filter((note) => note.frame === name);

interface LookProps {
  frame: Frame;
  current: boolean;
  onShow: (id: number) => void;
}

function Look({ frame, current, onShow }: LookProps) {
  const [damaged, setDamaged] = useState(false);
  return (
    <button type="button" class="look" aria-current={current} disabled={Boolean(frame.problem)}
      onClick={() => onShow(frame.id)}>
      {frame.problem || damaged ? (
        <span class="broken">unreadable</span>
      ) : (
        <img src={`api/frames/${frame.id}/thumb.jpg`} alt="" loading="lazy" draggable={false} onError={() => setDamaged(true)} />
      )}
      <span class="name">{frame.name}</span>
    </button>
  );
}

interface ChoicesProps {
  project: Project;
  name: string;
  out: Set<string>;
  onChoose: (excluded: string[], reference: string | null) => void;
}

function Choices({ project, name, out, onChoose }: ChoicesProps) {
  const toggle = () => {
    const next = new Set(out);
    if (!next.delete(name)) next.add(name);
    onChoose([...next], project.reference);
  };
  return (
    <div class="choices">
      <label>
        <input type="checkbox" checked={!out.has(name)} onChange={toggle} aria-label={`Stack ${name}`} />
        stack
      </label>
      <label>
        <input type="radio" name="reference" checked={project.reference === name} aria-label={`${name} is the reference`}
          onClick={() => onChoose(project.excluded, project.reference === name ? null : name)} />
        reference
      </label>
    </div>
  );
}
