/** The brush, and the strokes of the result that is shown. */

import { useState } from "preact/hooks";
import * as api from "./api";
import type { Project, Retouch, Version } from "./api";
import { type Brush, FIRST, strokeOf } from "./brush";
import type { Studio } from "./studio";

export type Retouching = ReturnType<typeof useRetouching>;

const [SMALLEST, LARGEST, STEP] = [2, 600, 1.25];

export function useRetouching({ project, foresee, attempt }: Studio, version: Version | undefined) {
  const [brush, setBrush] = useState<Brush>(FIRST);
  const change = (ask: (number: number) => Promise<Retouch>) => {
    if (!version) return;
    void attempt(async () => {
      const made = await ask(version.number);
      foresee((now) => ({ versions: retouched(now.versions, version.number, made) }));
    });
  };
  const onStroke = (points: api.Stroke["points"]) => {
    if (version && project) change((number) => api.paint(number, strokeOf(brush, version, project.versions, points)));
  };
  const resize = (by: number) =>
    setBrush((now) => ({ ...now, size: Math.min(LARGEST, Math.max(SMALLEST, Math.round(now.size * STEP ** by))) }));
  return {
    brush,
    setBrush,
    onStroke,
    undo: () => change(api.undo),
    redo: () => change(api.redo),
    resize,
    toggle: () => setBrush((now) => ({ ...now, on: !now.on })),
    paintFrom: (frame: number) => setBrush((now) => ({ ...now, frame, result: null, erase: false })),
  };
}

const retouched = (versions: Project["versions"], number: number, retouch: Retouch) =>
  versions.map((one) => (one.number === number ? { ...one, retouch } : one));
