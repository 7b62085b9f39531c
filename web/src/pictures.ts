/** What is shown, and where its tiles come from. */

import type { Project, Version } from "./api";
import type { Picture } from "./viewer";

/** What of a result is shown. */
export type As = "picture" | "depth" | "confidence";
export type Shown = { kind: "frame"; id: number } | { kind: "version"; number: number; as: As };
/** A result, or one of a result's own frames, where it lies on it. */
export type Beside = { kind: "version"; number: number } | { kind: "frame"; index: number };

export const frameOf = (project: Project, id: number) => project.frames.find((one) => one.id === id);

export function pictureOf(
  project: Project,
  shown: Shown,
  version: Version | undefined,
  flash: number | null,
): Picture | null {
  if (shown.kind === "frame") {
    const frame = frameOf(project, shown.id);
    if (!frame || frame.problem) return null;
    return {
      key: `frame-${shown.id}`,
      width: frame.width,
      height: frame.height,
      tile: (level, column, row) => `/api/frames/${shown.id}/tiles/${level}/${column}_${row}.jpg`,
    };
  }
  if (!version) return null;
  if (flash !== null)
    return {
      key: `aligned-${version.number}-${flash}`,
      width: version.width,
      height: version.height,
      tile: (level, column, row) =>
        `/api/versions/${version.number}/frames/${flash}/${level}/${column}_${row}.jpg`,
    };
  const kind = shown.as === "picture" ? "tiles" : shown.as;
  // Tiles of another revision are other tiles, whatever the browser remembers.
  const revision = version.retouch.revision;
  return {
    key: `version-${version.number}-${kind}-${revision}`,
    width: version.width,
    height: version.height,
    tile: (level, column, row) => `/api/versions/${version.number}/${kind}/${level}/${column}_${row}.jpg?${revision}`,
  };
}

export function besidePicture(project: Project, beside: Beside, version: Version | undefined): Picture | null {
  if (beside.kind === "frame")
    return version && beside.index < version.frames.length
      ? pictureOf(project, { kind: "version", number: version.number, as: "picture" }, version, beside.index)
      : null;
  const other = project.versions.find((one) => one.number === beside.number);
  return other
    ? pictureOf(project, { kind: "version", number: other.number, as: "picture" }, other, null)
    : null;
}

export const besideName = (beside: Beside, version: Version | undefined) =>
  beside.kind === "version" ? `Result ${beside.number}` : `Frame ${version?.frames[beside.index]}`;
