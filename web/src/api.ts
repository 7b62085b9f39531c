/** What the server says and takes; names as in focusstack.studio.app. */

export interface Frame {
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

export interface Exported {
  name: string;
  warnings: string[];
  command: string;
}

export interface Job {
  state: "idle" | "working" | "done" | "failed" | "cancelled";
  number?: number;
  step?: string;
  done?: number;
  total?: number;
  message?: string;
  hint?: string;
  warnings?: string[];
}

export interface Project {
  folder: string;
  home: string;
  tile: number;
  formats: string[];
  frames: Frame[];
  excluded: string[];
  reference: string | null;
  versions: Version[];
  job: Job;
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

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: method === "GET" ? undefined : JSON.stringify(body ?? {}),
  });
  if (answer.ok) return (await answer.json()) as T;
  const said = await answer.json().catch(() => ({ message: "the studio does not answer", hint: "" }));
  throw new Refused(said.message, said.hint);
}

export const getProject = () => ask<Project>("GET", "/api/project");
export const choose = (excluded: string[], reference: string | null) =>
  ask<{ excluded: string[]; reference: string | null }>("PUT", "/api/project", {
    excluded,
    reference,
  });
export const startJob = (recipe: Record<string, unknown>) =>
  ask<{ number: number }>("POST", "/api/jobs", { recipe });
export const stopJob = () => ask<object>("DELETE", "/api/jobs/now");
export const pixelAt = (version: number, x: number, y: number) =>
  ask<Pixel>("GET", `/api/versions/${version}/pixel?x=${x}&y=${y}`);
export const paint = (version: number, stroke: Stroke) =>
  ask<Retouch>("POST", `/api/versions/${version}/strokes`, stroke);
export const undo = (version: number) =>
  ask<Retouch>("POST", `/api/versions/${version}/strokes/undo`);
export const redo = (version: number) =>
  ask<Retouch>("POST", `/api/versions/${version}/strokes/redo`);
export const exportVersion = (version: number, format: string, quality: number, delivery: Delivery) =>
  ask<Exported>("POST", `/api/versions/${version}/exports`, { format, quality, ...delivery });

/** Calls back with the state of the run, now and whenever it changes. */
export function followJob(tell: (job: Job) => void, lost: (lost: boolean) => void): () => void {
  const events = new EventSource("/api/events");
  events.onmessage = (message) => {
    lost(false);
    tell(JSON.parse(message.data) as Job);
  };
  events.onerror = () => lost(true);
  return () => events.close();
}
