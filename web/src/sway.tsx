/** Gentle rocking of the view: off until asked for, and never for who wants less motion. */

import { useEffect, useState } from "preact/hooks";
import type { Relief } from "./relief";

const SECONDS = 4;
const WIDE = 0.2;

export interface Sway {
  on: boolean;
  allowed: boolean;
  set: (on: boolean) => void;
  stop: () => void;
}

export function useSway(relief: Relief | null): Sway {
  const [on, set] = useState(false);
  const allowed = useAllowed();
  useEffect(() => {
    if (!relief || !on || !allowed) return;
    let [asked, last, phase] = [0, performance.now(), 0];
    const step = (now: number) => {
      const next = phase + (2 * Math.PI * Math.min(100, now - last)) / (1000 * SECONDS);
      // Only the difference: the person may turn it meanwhile.
      relief.orbit.turn(WIDE * (Math.sin(next) - Math.sin(phase)), 0);
      [last, phase] = [now, next];
      relief.draw();
      asked = requestAnimationFrame(step);
    };
    asked = requestAnimationFrame(step);
    return () => cancelAnimationFrame(asked);
  }, [relief, on, allowed]);
  return { on: on && allowed, allowed, set, stop: () => set(false) };
}

function useAllowed(): boolean {
  const [query] = useState(() => matchMedia("(prefers-reduced-motion: reduce)"));
  const [allowed, setAllowed] = useState(!query.matches);
  useEffect(() => {
    const tell = () => setAllowed(!query.matches);
    query.addEventListener("change", tell);
    return () => query.removeEventListener("change", tell);
  }, [query]);
  return allowed;
}

export function Rocking({ sway }: { sway: Sway }) {
  if (!sway.allowed) return null;
  return (
    <button type="button" aria-pressed={sway.on} onClick={() => sway.set(!sway.on)}>Rock</button>
  );
}
