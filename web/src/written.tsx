/** Exports: begun, followed, stopped, and what was written. */

import { useEffect, useRef } from "preact/hooks";
import * as api from "./api";
import type { Exporting } from "./api";
import { type Attempt, useAttempt } from "./attempt";
import { Bar } from "./page";
import { stepOf } from "./words";

interface Props {
  exporting: Exporting;
  about: Exporting["about"];
  /** The result. */
  number: number;
  text: string;
  begin: () => Promise<unknown>;
}

/** The button for one of them, which makes room for how far any of them is. */
export function Written({ exporting, about, number, text, begin }: Props) {
  const [problem, attempt] = useAttempt();
  const busy = exporting.state === "working";
  const mine = exporting.about === about && exporting.number === number;
  const home = useRef<HTMLDivElement>(null);
  const was = useRef(busy);
  useEffect(() => {
    // What was waited for is in sight; what was there before is not sought.
    if (was.current && !busy && mine) home.current?.scrollIntoView({ block: "nearest" });
    was.current = busy;
  }, [busy]);
  return (
    <>
      {busy ? <Working exporting={exporting} attempt={attempt} /> : (
        <button type="button" onClick={() => attempt(begin)}>{text}</button>
      )}
      <div class="made" aria-live="polite" ref={home}>
        {problem && <p class="problem">{problem}</p>}
        {mine && !busy && !problem && <Ended exporting={exporting} />}
      </div>
    </>
  );
}

function Working({ exporting, attempt }: { exporting: Exporting; attempt: Attempt }) {
  return (
    <div class="working">
      <Bar label={stepOf(exporting)} work={exporting} />
      <button type="button" onClick={() => attempt(api.stopExport)}>Stop export</button>
    </div>
  );
}

function Ended({ exporting }: { exporting: Exporting }) {
  const { state, name, warnings, command } = exporting;
  if (state === "failed") return <p class="problem">{api.said(exporting)}</p>;
  if (state === "cancelled") return <p class="soft">Stopped; nothing was written.</p>;
  if (state !== "done" || !name) return null;
  return (
    <>
      <p><a href={`api/exports/${encodeURIComponent(name)}`} download>{name}</a></p>
      {warnings?.map((one) => <p key={one} class="soft">{one}</p>)}
      {command && <label class="field"><span>The same on the command line</span><input readOnly value={command} /></label>}
    </>
  );
}
