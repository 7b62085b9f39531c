/** Fetches the surface, which is large, only when someone wants to see it. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Props } from "./surface";

export function Deep(props: Props) {
  const [Surface, setSurface] = useState<ComponentType<Props> | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    import("./surface").then((module) => setSurface(() => module.default), () => setFailed(true));
  }, []);
  if (failed) return <p class="problem" role="alert">The surface could not be loaded: load the page again.</p>;
  return Surface ? <Surface {...props} /> : <p class="empty" aria-busy="true">Opening the surface …</p>;
}
