/** The results: look at one, delete one, take that back. */

import { isStack, madeAs, type Project, type Version } from "./api";
import type { Changes } from "./changes";
import type { Looking } from "./looking";

interface Props {
  project: Project;
  looking: Looking;
  changes: Changes;
}

export function Results({ project, looking, changes }: Props) {
  const { version, making, show } = looking;
  return (
    <section aria-labelledby="results-h">
      <h2 id="results-h">Results</h2>
      {project.versions.length === 0 && <p class="soft">None yet.{isStack(project) ? " A preview takes a second or two." : ""}</p>}
      <ol class="results">
        {project.versions.map((one) => (
          <li key={one.number}>
            <button type="button" class="result" aria-current={one.number === version?.number} onClick={() => show(one.number)}>
              <img src={thumbOf(one, project.tile)} alt="" loading="lazy" />
              <span>
                <b>{one.number}</b> {one.method}{one.preview ? ", preview" : ""}
                <small>{one.width} × {one.height} · {one.seconds.toFixed(1)} s</small>
              </span>
            </button>
            {one.number !== making && (
              <button type="button" class="delete" aria-label={`Delete result ${one.number}`} title="Delete"
                onClick={() => changes.remove(one.number)}>×</button>
            )}
          </li>
        ))}
      </ol>
      <div role="status">
        {project.deleted.map((number) => (
          <p key={number} class="deleted">
            Result {number} is deleted.{" "}
            <button type="button" onClick={() => changes.restore(number)}>Bring result {number} back</button>
          </p>
        ))}
      </div>
    </section>
  );
}

function thumbOf(version: Version, tile: number): string {
  const longest = Math.max(version.width, version.height);
  let level = 0;
  while (Math.ceil(longest / 2 ** level) > tile) level += 1;
  return `api/versions/${version.number}/tiles/${level}/0_0.jpg?${madeAs(version)}-${version.retouch.revision}`;
}
