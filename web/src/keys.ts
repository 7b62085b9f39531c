/** Keys for the whole page. */

import { useEffect, useRef } from "preact/hooks";

export interface Keys {
  /** By what a key says; digits come as themselves. */
  press: Record<string, () => void>;
  release: Record<string, () => void>;
  undo: () => void;
  redo: () => void;
}

export function useKeys(keys: Keys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (takesKeys(event.target) || event.altKey) return;
      const act = event.ctrlKey || event.metaKey ? history(event, now.current) : now.current.press[event.key];
      if (!act) return;
      act();
      event.preventDefault();
    };
    const up = (event: KeyboardEvent) => now.current.release[event.key]?.();
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
    };
  }, []);
}

function history(event: KeyboardEvent, { undo, redo }: Keys): (() => void) | null {
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? redo : undo;
  return key === "y" ? redo : null;
}

/** Whether letters mean something to what has the focus. */
function takesKeys(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "range"].includes(target.type);
  return target instanceof HTMLSelectElement;
}
