/** Which key does what on the page of a stack; `help.tsx` tells people. */

import { isStack } from "./api";
import type { Changes } from "./changes";
import { useKeys } from "./keys";
import type { Looking } from "./looking";
import type { Retouching } from "./retouching";
import type { Studio } from "./studio";

interface Helping {
  open: boolean;
  set: (open: boolean) => void;
}

export function useShortcuts({ project, job }: Studio, looking: Looking, retouching: Retouching, changes: Changes, help: Helping) {
  const frame = looking.pixel?.frame;
  const press: Record<string, () => unknown> = {
    "?": () => help.set(!help.open),
    Escape: () => (help.open ? help.set(false) : looking.setLayer(null)),
    b: retouching.toggle,
    s: () => frame !== undefined && retouching.paintFrom(frame),
    "[": () => retouching.resize(-1),
    "]": () => retouching.resize(1),
    p: () => project && isStack(project) && job.state !== "working" && changes.start({ preview: true }),
    f: () => !looking.deep && looking.flashFrame(),
    d: () => looking.toggle("depth"),
    t: () => looking.toggle("surface"),
    j: () => looking.step(1),
    k: () => looking.step(-1),
    ",": () => looking.stepLayer(-1),
    ".": () => looking.stepLayer(1),
    c: () => looking.onOver("clipping"),
    w: looking.compareLast,
  };
  project?.versions.slice(0, 9).forEach((one, k) => {
    press[String(k + 1)] = () => looking.show(one.number);
  });
  useKeys({
    press: project ? press : {},
    release: { f: () => looking.setFlash(null) },
    undo: retouching.undo,
    redo: retouching.redo,
  });
}
