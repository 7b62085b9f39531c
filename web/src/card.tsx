/** The page of many stacks: which were found, what has been made of each, and all made at once. */

import { render } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { ask, follow, said } from "./api";
import { useAttempt } from "./attempt";
import "./card.css";
import "./style.css";
import { METHODS, STEPS } from "./words";

interface Stack {
  name: string;
  frames: number;
  kind: string;
  sure: number;
  why: string;
  wanted: boolean;
  results: { number: number; method: string }[];
  problem?: string;
}

interface Card {
  folder: string;
  plan: string;
  looked: boolean;
  stacks: Stack[];
}

interface Work {
  state: "idle" | "working" | "done" | "failed" | "cancelled";
  message?: string;
  hint?: string;
  step?: string;
  done?: number;
  total?: number;
  /** Which is being made, and how those before it ended. */
  stack?: number;
  ended?: Record<string, { state: string; message?: string; hint?: string }>;
}

const IDLE: Work = { state: "idle" };

function App() {
  const [card, setCard] = useState<Card | null>(null);
  const [search, setSearch] = useState<Work>(IDLE);
  const [making, setMaking] = useState<Work>(IDLE);
  const [chosen, setChosen] = useState<Set<number>>(new Set());
  const [method, setMethod] = useState("auto");
  const [problem, attempt] = useAttempt();
  const [lost, setLost] = useState(false);

  const reload = useCallback(async () => {
    const found = await ask<Card>("GET", "api/card");
    setCard(found);
    return found;
  }, []);
  const choose = (found: Card) =>
    setChosen(new Set(found.stacks.flatMap((one, k) => (one.wanted && !one.problem ? [k] : []))));
  const look = () => attempt(() => ask("POST", "api/card/search"));

  useEffect(() => {
    void attempt(async () => {
      const found = await reload();
      choose(found);
      if (!found.looked) await look();
    });
    return follow("api/card/events", { search: setSearch, making: setMaking }, setLost);
  }, []);
  useEffect(() => {
    if (search.state === "done") void attempt(async () => choose(await reload()));
  }, [search.state]);
  const ended = Object.keys(making.ended ?? {}).length;
  useEffect(() => {
    if (ended) void attempt(reload);
  }, [ended]);

  if (!card) return <main class="empty">{problem ? <p role="alert">{problem}</p> : <p>Opening …</p>}</main>;
  const busy = making.state === "working" || search.state === "working";
  const toggle = (k: number) => {
    const next = new Set(chosen);
    if (!next.delete(k)) next.add(k);
    setChosen(next);
  };
  const make = () =>
    attempt(() => ask("POST", "api/card/making", { stacks: [...chosen].sort((a, b) => a - b), recipe: { method } }));
  return (
    <div class="card">
      <header>
        <h1>{card.folder}</h1>
        <p class="shown" aria-live="polite">{summary(card, making, search)}</p>
        {lost && <p class="lost" role="alert">The studio does not answer: is it still running?</p>}
        <label class="method">
          <span>Method</span>
          <select value={method} onChange={(event) => setMethod(event.currentTarget.value)}>
            {Object.entries(METHODS).map(([name, text]) => <option key={name} value={name}>{text}</option>)}
          </select>
        </label>
        {busy ? (
          <button type="button" onClick={() => attempt(() =>
            ask("DELETE", making.state === "working" ? "api/card/making" : "api/card/search"))}>Stop</button>
        ) : (
          <>
            <button type="button" onClick={look}>Look again</button>
            <button type="button" class="main" disabled={chosen.size === 0} onClick={make}>
              Make {chosen.size === 1 ? "1 stack" : `${chosen.size} stacks`}
            </button>
          </>
        )}
      </header>
      <Said problem={problem} works={[search, making]} />
      <main>
        {search.state === "working" && <Bar label="Looking for stacks" work={search} />}
        {card.looked && card.stacks.length === 0 && <p class="soft">No stack was found below this folder.</p>}
        <ol class="stacks">
          {card.stacks.map((one, k) => (
            <Entry key={one.name} number={k} stack={one} chosen={chosen.has(k)} making={making} onToggle={() => toggle(k)} />
          ))}
        </ol>
        {card.looked && <p class="soft">Which frames belong together is written in {card.plan}, to be edited.</p>}
      </main>
    </div>
  );
}

function Entry({ number, stack, chosen, making, onToggle }: {
  number: number; stack: Stack; chosen: boolean; making: Work; onToggle: () => void;
}) {
  const last = stack.results.at(-1);
  const failed = making.ended?.[number]?.state === "failed" ? making.ended[number] : null;
  const now = making.state === "working" && making.stack === number && !making.ended?.[number];
  return (
    <li class={chosen ? "" : "out"}>
      <a href={`stacks/${number}/`} aria-label={`Open ${stack.name}`}>
        <img src={`api/card/stacks/${number}/thumb.jpg?${last?.number ?? 0}`} alt="" loading="lazy" />
      </a>
      <label class="check">
        <input type="checkbox" checked={chosen} disabled={!!stack.problem} onChange={onToggle} />
        <b>{stack.name}</b>
      </label>
      <p class="soft" title={stack.why}>
        {stack.frames} frames · {stack.kind}, {Math.round(100 * stack.sure)} % sure
      </p>
      {now ? (
        <Bar label={STEPS[making.step ?? ""] ?? "Working"} work={making} />
      ) : failed ? (
        <p class="problem">{said(failed)}</p>
      ) : (
        <p>{stack.problem ?? (last ? `made: ${stack.results.map((one) => one.method).join(", ")}` : "not made yet")}</p>
      )}
    </li>
  );
}

function Bar({ label, work }: { label: string; work: Work }) {
  return (
    <label class="progress">
      <span>{label}</span>
      <progress max={work.total || 1} value={work.done ?? 0} />
    </label>
  );
}

function Said({ problem, works }: { problem: string; works: Work[] }) {
  const failed = works.filter((one) => one.state === "failed").map(said);
  const all = [problem, ...failed].filter(Boolean);
  return all.length ? <p class="problem said" role="alert">{all.join(" · ")}</p> : null;
}

function summary(card: Card, making: Work, search: Work): string {
  if (search.state === "working") return "looking for stacks";
  const made = card.stacks.filter((one) => one.results.length > 0).length;
  const stacks = `${card.stacks.length} ${card.stacks.length === 1 ? "group" : "groups"}, ${made} made`;
  const name = making.stack === undefined ? "" : card.stacks[making.stack]?.name;
  return making.state === "working" && name ? `${stacks}; making ${name}` : stacks;
}

render(<App />, document.getElementById("app")!);
