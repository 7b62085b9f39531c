/** What the person changes: the frames that are stacked, the results, the scale. */

import { useRef } from "preact/hooks";
import * as api from "./api";
import type { By } from "./order";
import type { Studio } from "./studio";

export type Changes = ReturnType<typeof useChanges>;

export function useChanges({ foresee, reload, attempt }: Studio, show: (number: number) => void) {
  const saving = useRef(Promise.resolve());
  const frames = (change: () => Promise<unknown>) =>
    attempt(async () => {
      await change();
      await reload();
      await api.inspect();
    });
  return {
    choose: (excluded: string[], reference: string | null) => void frames(() => api.choose(excluded, reference)),
    arrange: (by: By, names?: string[]) => void frames(() => api.arrange(by, by === "own" ? names : undefined)),
    added: () => void frames(async () => {}),
    start: (recipe: Record<string, unknown>) => void attempt(() => api.startJob(recipe)),
    stop: () => void attempt(api.stopJob),
    remove: (number: number) =>
      void attempt(async () => {
        // Off the page first: nothing asks for pictures of what is gone.
        foresee((now) => ({ versions: now.versions.filter((one) => one.number !== number) }));
        await api.deleteVersion(number).finally(reload);
      }),
    restore: (number: number) =>
      void attempt(async () => {
        await api.restoreVersion(number);
        await reload();
        show(number);
      }),
    scale: (change: Partial<api.Scale>) => {
      // One after the other, so that the last answer tells of the last change.
      saving.current = saving.current.then(() =>
        attempt(async () => {
          const scale = await api.keepScale(change);
          foresee(() => ({ scale }));
        }),
      );
    },
  };
}
