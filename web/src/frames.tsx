/** The frames as a list: look at one, leave one out, choose the reference. */

import type { Project } from "./api";

interface Props {
  project: Project;
  current: number | null;
  onShow: (index: number) => void;
  onChoose: (excluded: string[], reference: string | null) => void;
}

export function Frames({ project, current, onShow, onChoose }: Props) {
  const out = new Set(project.excluded);
  const toggle = (name: string) => {
    const next = new Set(out);
    if (!next.delete(name)) next.add(name);
    onChoose([...next], project.reference);
  };
  return (
    <nav class="frames" aria-label="Frames">
      <p class="count">
        {project.frames.length - out.size} of {project.frames.length} frames
      </p>
      <ol>
        {project.frames.map((frame, index) => (
          <li key={frame.name} class={out.has(frame.name) ? "out" : ""}>
            <button
              type="button"
              class="look"
              aria-current={current === index}
              disabled={Boolean(frame.problem)}
              onClick={() => onShow(index)}
            >
              {frame.problem ? (
                <span class="broken">unreadable</span>
              ) : (
                <img src={`/api/frames/${index}/thumb.jpg`} alt="" loading="lazy" />
              )}
              <span class="name">{frame.name}</span>
            </button>
            <div class="choices">
              <label>
                <input
                  type="checkbox"
                  checked={!out.has(frame.name)}
                  onChange={() => toggle(frame.name)}
                  aria-label={`Stack ${frame.name}`}
                />
                stack
              </label>
              <label>
                <input
                  type="radio"
                  name="reference"
                  checked={project.reference === frame.name}
                  onClick={() =>
                    onChoose(project.excluded, project.reference === frame.name ? null : frame.name)
                  }
                  aria-label={`${frame.name} is the reference`}
                />
                reference
              </label>
            </div>
          </li>
        ))}
      </ol>
    </nav>
  );
}
