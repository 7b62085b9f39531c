/** What is shown, and where its tiles come from. */

import { madeAs, type Project, type Version } from "./api";
import { lastMark } from "./marks";
import type { Picture } from "./viewer";

/** What of a result is shown. */
export type As = "picture" | "depth" | "confidence" | "surface";
export type Shown =
  | { kind: "nothing" }
  | { kind: "frame"; id: number }
  | { kind: "version"; number: number; as: As };
/** What is beside it; a frame lies where it does on the result, if a result of it is shown. */
export type Beside = { kind: "version"; number: number } | { kind: "frame"; id: number };
export type Mode = "line" | "side";
export type Over = "clipping" | "halo" | "gap" | "unsure";

export const frameOf = (project: Project, id: number) => project.frames.find((one) => one.id === id);

export const versionOf = (project: Project | null, what: Shown | Beside) =>
  what.kind === "version" ? project?.versions.find((one) => one.number === what.number) : undefined;

export const isThere = (project: Project, what: Shown | Beside): boolean =>
  what.kind === "frame" ? frameOf(project, what.id) !== undefined : versionOf(project, what) !== undefined;

/** What was chosen, if it is there; else the last result, or the first frame while there is none. */
export function shownOf(project: Project | null, chosen: Shown | null): Shown {
  if (!project) return { kind: "nothing" };
  if (chosen && isThere(project, chosen)) return chosen;
  const [last, first] = [project.versions.at(-1), project.frames[0]];
  if (last) return { kind: "version", number: last.number, as: "picture" };
  return first ? { kind: "frame", id: first.id } : { kind: "nothing" };
}

/** What is shown, for people; ``aligned`` is the frame in the result's place, if one is. */
export function nameOf(project: Project, shown: Shown, version: Version | undefined, aligned: number | null): string {
  if (aligned !== null && version) return `frame ${version.frames[aligned]}`;
  if (shown.kind === "nothing") return "no frames";
  if (shown.kind === "frame") return `frame ${frameOf(project, shown.id)?.name}`;
  const as = shown.as === "surface" ? "in 3-D" : shown.as;
  return `result ${shown.number}${shown.as === "picture" ? "" : `, ${as}`}`;
}

/** ``layer`` is one of the result's frames, shown in its place. */
export function pictureOf(
  project: Project,
  shown: Shown,
  version: Version | undefined,
  layer: number | null,
): Picture | null {
  if (shown.kind === "frame") return framePicture(project, shown.id);
  if (shown.kind === "nothing" || !version) return null;
  return layer === null ? versionPicture(version, shown.as, project.tile) : alignedPicture(version, layer);
}

function framePicture(project: Project, id: number): Picture | null {
  const frame = frameOf(project, id);
  if (!frame || frame.problem) return null;
  const { width, height } = frame;
  return { key: `frame-${id}`, width, height, tile: tiles(`api/frames/${id}/tiles`, "jpg") };
}

function versionPicture(version: Version, as: As, side: number): Picture {
  const { number, width, height } = version;
  const kind = as === "picture" ? "tiles" : as;
  // Tiles with other strokes are other tiles, whatever the browser remembers.
  const revision = as === "picture" ? version.retouch.revision : 0;
  const mark = (...place: [number, number, number]) =>
    as === "picture" ? lastMark(version.retouch, side, ...place) : 0;
  const tile: Picture["tile"] = (...place) => {
    const [level, column, row] = place;
    return `api/versions/${number}/${kind}/${level}/${column}_${row}.jpg?${madeAs(version)}-${mark(...place)}`;
  };
  return { key: `version-${madeAs(version)}-${kind}-${revision}`, width, height, tile };
}

function alignedPicture(version: Version, index: number): Picture {
  const { number, width, height } = version;
  const tile = tiles(`api/versions/${number}/frames/${index}`, `jpg?${madeAs(version)}`);
  return { key: `aligned-${madeAs(version)}-${index}`, width, height, tile };
}

const tiles = (path: string, end: string) => (level: number, column: number, row: number) =>
  `${path}/${level}/${column}_${row}.${end}`;

export function besidePicture(project: Project, beside: Beside, version: Version | undefined): Picture | null {
  if (beside.kind === "version") {
    const other = versionOf(project, beside);
    return other ? versionPicture(other, "picture", project.tile) : null;
  }
  const index = version?.frames.indexOf(frameOf(project, beside.id)?.name ?? "") ?? -1;
  return version && index >= 0 ? alignedPicture(version, index) : framePicture(project, beside.id);
}

export const besideName = (project: Project, beside: Beside) =>
  beside.kind === "version" ? `Result ${beside.number}` : `Frame ${frameOf(project, beside.id)?.name}`;

/** What is laid over a result or a frame; as far as there is a map for it. */
export function overPictures(picture: Picture, shown: Shown, version: Version | undefined, kinds: Over[]): Picture[] {
  const { width, height } = picture;
  const path = version ? `api/versions/${version.number}` : shown.kind === "frame" ? `api/frames/${shown.id}` : "";
  const revision = version?.retouch.revision ?? 0;
  const name = version ? madeAs(version) : path;
  return kinds
    .filter((kind) => kind === "clipping" || version?.regions.includes(kind))
    .map((kind) => ({
      key: `over-${name}-${kind}-${revision}`,
      width,
      height,
      tile: tiles(`${path}/over/${kind}`, `png?${name}-${revision}`),
    }));
}
