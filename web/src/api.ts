/** What the server says and takes; names as in focusstack.studio.app. */

export interface Frame {
  /** Its number in addresses, whatever the order. */
  id: number;
  name: string;
  width: number;
  height: number;
  problem?: string;
}

export interface Version {
  number: number;
  method: string;
  preview: boolean;
  width: number;
  height: number;
  seconds: number;
  made: string;
  frames: string[];
  warnings: string[];
  has_depth: boolean;
  facts: Record<string, unknown>;
  retouch: Retouch;
  /** Of which there is a map. */
  regions: string[];
  /** Its frames in the order of depth. */
  order: number[];
  /** Equal for results whose pixels lie at the same places. */
  canvas: string;
}

export interface Retouch {
  shown: number;
  total: number;
  revision: number;
  /** Of each visible stroke: left, top, right, lower end, and the revision it came with. */
  marks: [number, number, number, number, number][];
}

export interface Stroke {
  /** Of the result's frames. */
  frame: number | null;
  /** Another result; with neither, the fused image comes back. */
  result: number | null;
  size: number;
  hardness: number;
  opacity: number;
  flow: number;
  matched: boolean;
  points: [number, number, number][];
}

/** As on the command line: a long side in px or a share, a colour space, what of the metadata. */
export interface Delivery {
  resize: string;
  colour: string;
  metadata: string;
}


export interface Job {
  state: "idle" | "working" | "done" | "failed" | "cancelled";
  number?: number;
  /** Whether a preview is where the result will be. */
  preview?: boolean;
  step?: string;
  done?: number;
  total?: number;
  message?: string;
  hint?: string;
  warnings?: string[];
}

/** Of a result: its picture, or a view of its depth; what was written when it is done. */
export interface Exporting extends Job {
  about?: "picture" | "view";
  name?: string;
  command?: string;
}

/** Something about a frame, or about it and another one. */
export interface Note {
  frame: string;
  kind: "bad" | "repeat" | "gap" | "end" | "exposure" | "order";
  text: string;
  other: string;
}

export interface Inspection extends Job {
  notes?: Note[];
}

/** What a picture holds: per channel counts of values, and pixels at either end. */
export interface Holds {
  counts: number[][];
  dark: number[];
  bright: number[];
  white: number;
  pixels: number;
  /** How much of a result each region covers, 0 to 1. */
  shares?: Record<string, number>;
}

export interface Project {
  folder: string;
  home: string;
  tile: number;
  formats: string[];
  frames: Frame[];
  by: "name" | "time" | "own";
  /** Of pictures that can be read. */
  extensions: string[];
  /** Results that can be brought back. */
  deleted: number[];
  excluded: string[];
  reference: string | null;
  scale: Scale;
  versions: Version[];
  job: Job;
}

/** Whether there are frames enough to be stacked. */
export const isStack = ({ frames, excluded }: Project): boolean => frames.length - excluded.length > 1;

export interface Scale {
  /** Micrometres; null where nobody has said. */
  step_um: number | null;
  pixel_um: number | null;
  near_last: boolean;
}

export interface Heights {
  columns: number;
  rows: number;
  step: number;
  depth: Float32Array;
  confidence: Uint8Array;
}

export interface Section {
  distance: number[];
  /** null in gaps. */
  depth: (number | null)[];
  confidence: number[];
}

export interface Pixel {
  x: number;
  y: number;
  value: number[];
  white: number;
  depth?: number | null;
  confidence?: number;
  frame?: number;
  painted?: boolean;
}

export class Refused extends Error {
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** What went wrong, for people. */
export const problemOf = (error: unknown): string =>
  error instanceof Refused ? said(error) : String(error);

/** A message, and what to try, if that is known. */
export const said = ({ message, hint }: { message?: string; hint?: string }): string =>
  [message, hint].filter(Boolean).join(": ");

/** Paths begin where the page is. */
export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const file = body instanceof Blob;
  const answer = await fetch(path, {
    method,
    headers: { "Content-Type": file ? "application/octet-stream" : "application/json" },
    body: method === "GET" ? undefined : file ? body : JSON.stringify(body ?? {}),
  });
  if (answer.ok) return (await answer.json()) as T;
  const { message, hint } = await answer.json().catch(() => ({ message: "the studio does not answer", hint: "" }));
  throw new Refused(message, hint);
}

export const getProject = () => ask<Project>("GET", "api/project");
export const choose = (excluded: string[], reference: string | null) =>
  ask<{ excluded: string[]; reference: string | null }>("PUT", "api/project", {
    excluded,
    reference,
  });
export const arrange = (by: string, names?: string[]) => ask<object>("PUT", "api/order", { by, names: names ?? [] });
export const addFrame = (file: File) =>
  ask<{ name: string }>("POST", `api/frames?name=${encodeURIComponent(file.name)}`, file);
export const deleteVersion = (version: number) => ask<object>("DELETE", `api/versions/${version}`);
export const restoreVersion = (version: number) => ask<object>("POST", `api/versions/${version}/restore`);
export const startJob = (recipe: Record<string, unknown>) =>
  ask<{ number: number }>("POST", "api/jobs", { recipe });
export const stopJob = () => ask<object>("DELETE", "api/jobs/now");
export const inspect = () => ask<object>("POST", "api/inspection");
export const getHolds = (path: string) => ask<Holds>("GET", `${path}/holds`);
export const findGaps = (version: number) => ask<object>("POST", `api/versions/${version}/gaps`);
export const pixelAt = (version: number, x: number, y: number) =>
  ask<Pixel>("GET", `api/versions/${version}/pixel?x=${x}&y=${y}`);
export const paint = (version: number, stroke: Stroke) =>
  ask<Retouch>("POST", `api/versions/${version}/strokes`, stroke);
export const undo = (version: number) =>
  ask<Retouch>("POST", `api/versions/${version}/strokes/undo`);
export const redo = (version: number) =>
  ask<Retouch>("POST", `api/versions/${version}/strokes/redo`);
export const exportVersion = (version: number, format: string, quality: number, delivery: Delivery) =>
  ask<object>("POST", `api/versions/${version}/exports`, { format, quality, ...delivery });
export const stopExport = () => ask<object>("DELETE", "api/exports/now");

export const keepScale = (change: Partial<Scale>) => ask<Scale>("PATCH", "api/scale", change);
export const sectionOf = (version: number, [[x0, y0], [x1, y1]]: [[number, number], [number, number]]) =>
  ask<Section>("GET", `api/versions/${version}/surface/section?x0=${x0}&y0=${y0}&x1=${x1}&y1=${y1}`);
export const exportView = (version: number, wish: Record<string, unknown>) =>
  ask<object>("POST", `api/versions/${version}/surface/exports`, wish);
/**
 * For addresses: a preview's place is taken by the result, under the same number, and pictures of the one must not be
 * taken for pictures of the other.
 */
export const madeAs = ({ number, made }: Version) => encodeURIComponent(`${number}-${made}`);
export const textureOf = (version: Version) =>
  `api/versions/${version.number}/surface/texture.jpg?${madeAs(version)}-${version.retouch.revision}`;

export async function heightsOf(version: number): Promise<Heights> {
  const path = `api/versions/${version}/surface`;
  const size = await ask<{ columns: number; rows: number; step: number }>("GET", path);
  const answer = await fetch(`${path}/heights`);
  if (!answer.ok) throw new Refused("the studio does not answer", "");
  const [body, cells] = [await answer.arrayBuffer(), size.columns * size.rows];
  return { ...size, depth: new Float32Array(body, 0, cells), confidence: new Uint8Array(body, 4 * cells, cells) };
}

/** Calls back with the state of each thing that takes time, now and whenever it changes. */
export function follow<States extends object>(
  path: string,
  tell: { [Kind in keyof States]: (state: States[Kind]) => void },
  lost: (lost: boolean) => void,
): () => void {
  const events = new EventSource(path);
  for (const [kind, heard] of Object.entries<(state: never) => void>(tell))
    events.addEventListener(kind, (message) => {
      lost(false);
      heard(JSON.parse((message as MessageEvent).data) as never);
    });
  events.onerror = () => lost(true);
  return () => events.close();
}
