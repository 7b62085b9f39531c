/** How often each value comes, and how much of the picture is at either end. */

import { useEffect, useState } from "preact/hooks";
import { getHolds, type Holds } from "./api";

/** What a picture holds, asked for again when ``path`` or ``revision`` changes; null until known. */
export function useHolds(path: string | null, revision: string): Holds | null {
  const [known, setKnown] = useState<{ key: string; holds: Holds } | null>(null);
  const key = `${path}?${revision}`;
  useEffect(() => {
    if (path === null) return;
    let wanted = true;
    getHolds(path)
      .then((holds) => wanted && setKnown({ key, holds }))
      .catch(() => wanted && setKnown(null));
    return () => {
      wanted = false;
    };
  }, [key]);
  return path !== null && known?.key === key ? known.holds : null;
}

const COLOURS = ["Red", "Green", "Blue"];

export function Histogram({ holds }: { holds: Holds | null }) {
  const [log, setLog] = useState(false);
  const names = holds?.counts.length === 3 ? COLOURS : ["Grey"];
  return (
    <div class="histogram">
      <svg viewBox="0 0 256 100" preserveAspectRatio="none" role="img"
        aria-label={holds ? `Histogram, ${names.join(", ")}` : "Counting"}>
        {holds?.counts.map((counts, k) => <path key={k} class={names[k].toLowerCase()} d={outline(counts, log)} />)}
      </svg>
      {holds && (
        <table>
          <thead><tr><th scope="col">Channel</th><th scope="col">at 0</th><th scope="col">at {holds.white}</th></tr></thead>
          <tbody>
            {names.map((name, k) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{share(holds.dark[k], holds.pixels)}</td>
                <td>{share(holds.bright[k], holds.pixels)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <label class="check">
        <input type="checkbox" checked={log} onChange={(event) => setLog(event.currentTarget.checked)} />
        Logarithmic
      </label>
    </div>
  );
}

/** The counts as an area 256 wide and 100 high; what is at the ends does not flatten the rest. */
function outline(counts: number[], log: boolean): string {
  const high = counts.map((count) => (log ? Math.log1p(count) : count));
  const top = Math.max(...high.slice(1, -1), log ? Math.max(...high) : 0) || Math.max(...high) || 1;
  const points = high.map((one, k) => `L${k} ${(100 - 100 * Math.min(1, one / top)).toFixed(1)}H${k + 1}`);
  return `M0 100${points.join("")}V100Z`;
}

export function share(count: number, pixels: number): string {
  if (count === 0) return "0";
  const percent = (100 * count) / pixels;
  return percent < 0.01 ? "< 0.01 %" : `${percent.toFixed(2)} %`;
}
