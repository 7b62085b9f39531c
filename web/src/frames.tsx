/** The frames as a list: look at one, leave one out, choose the reference; what is wrong with them. */

import { useState } from "preact/hooks";
import type { Frame, Inspection, Note, Project } from "./api";
import { Inspecting, Notes } from "./notes";

interface Props {
  project: Project;
  inspection: Inspection;
  current: number | null;
  onShow: (index: number) => void;
  onChoose: (excluded: string[], reference: string | null) => void;
}

export function Frames({ project, inspection, current, onShow, onChoose }: Props) {
  const out = new Set(project.excluded);
  return (
    <nav class="frames" aria-label="Frames">
      <p class="count">
        {project.frames.length - out.size} of {project.frames.length} frames
      </p>
      <Inspecting inspection={inspection} />
      <ol>
        {project.frames.map((frame, index) => (
          <li key={frame.name} class={out.has(frame.name) ? "out" : ""}>
            <Look frame={frame} index={index} current={current === index} onShow={onShow} />
            <Choices project={project} name={frame.name} out={out} onChoose={onChoose} />
            <Notes notes={notesOf(inspection, frame.name)} />
          </li>
        ))}
      </ol>
    </nav>
  );
}

const notesOf = (inspection: Inspection, name: string): Note[] =>
  (inspection.notes ?? []).filter((note) => note.frame === name);

interface LookProps {
  frame: Frame;
  index: number;
  current: boolean;
  onShow: (index: number) => void;
}

function Look({ frame, index, current, onShow }: LookProps) {
  const [damaged, setDamaged] = useState(false);
  return (
    <button type="button" class="look" aria-current={current} disabled={Boolean(frame.problem)}
      onClick={() => onShow(index)}>
      {frame.problem || damaged ? (
        <span class="broken">unreadable</span>
      ) : (
        <img src={`/api/frames/${index}/thumb.jpg`} alt="" loading="lazy" onError={() => setDamaged(true)} />
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
