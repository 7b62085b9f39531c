/** The page of many stacks: which were found, what has been made of each, and all made at once. */

import { render } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { ask, follow, type Job, said } from "./api";
import { useAttempt } from "./attempt";
import { MethodField } from "./method";
import { Bar, Opening, TopBar } from "./page";
import "./style.css";
import "./card.css";
import { stepOf } from "./words";

interface Stack {
  name: string;
  frames: number;
  kind: string;
  sure: number;
  why: string;
  wanted: boolean;
  results: { number: number; method: string; preview: boolean }[];
  problem?: string;
}

interface Card {
  folder: string;
  plan: string;
  looked: boolean;
  stacks: Stack[];
}

interface Work extends Job {
  /** Which is being made, and how those before it ended. */
  stack?: number;
  ended?: Record<string, { state: string; message?: string; hint?: string }>;
}

const IDLE: Work = { state: "idle" };

/** The card as the server knows it, followed; which stacks are chosen; and what can be done. */
function useCard() {
  const [card, setCard] = useState<Card | null>(null);
  const [search, setSearch] = useState<Work>(IDLE);
  const [making, setMaking] = useState<Work>(IDLE);
  const [chosen, setChosen] = useState<Set<number>>(new Set());
  const [problem, attempt] = useAttempt();
  const [lost, setLost] = useState(false);
  const reload = useCallback(async () => {
    const found = await ask<Card>("GET", "api/card");
    setCard(found);
    return found;
  }, []);
  const chooseAll = (found: Card) =>
    setChosen(new Set(found.stacks.flatMap((one, k) => (one.wanted && !one.problem ? [k] : []))));
  const look = () => attempt(() => ask("POST", "api/card/search"));
  useEffect(() => {
    void attempt(async () => {
      const found = await reload();
      chooseAll(found);
      if (!found.looked) await look();
    });
    return follow("api/card/events", { search: setSearch, making: setMaking }, setLost);
  }, []);
  useEffect(() => {
    if (search.state === "done") void attempt(async () => chooseAll(await reload()));
  }, [search.state]);
  const ended = Object.keys(making.ended ?? {}).length;
  useEffect(() => {
    if (ended) void attempt(reload);
  }, [ended]);
  const toggle = (k: number) => {
    const next = new Set(chosen);
    if (!next.delete(k)) next.add(k);
    setChosen(next);
  };
  return { card, search, making, chosen, problem, lost, attempt, look, toggle };
}

function App() {
  const { card, search, making, chosen, problem, lost, attempt, look, toggle } = useCard();
  const [method, setMethod] = useState("auto");
  if (!card) return <Opening problem={problem} />;
  const busy = making.state === "working";
  const stop = () => attempt(() => ask("DELETE", busy ? "api/card/making" : "api/card/search"));
  const left = [...chosen].filter((k) => !isMade(card.stacks[k], method)).sort((a, b) => a - b);
  const make = () => attempt(() => ask("POST", "api/card/making", { stacks: left, recipe: { method } }));
  return (
    <div class="card">
      <TopBar title={card.folder} shown={summary(card, making, search)} lost={lost}>
        <MethodField method={method} onMethod={setMethod} />
        {busy || search.state === "working" ? (
          <button type="button" onClick={stop}>Stop</button>
        ) : (
          <>
            <button type="button" onClick={look}>Look again</button>
            <button type="button" class="main" disabled={left.length === 0} onClick={make}>
              {chosen.size > 0 && left.length === 0 ? "All are made" : `Make ${left.length === 1 ? "1 stack" : `${left.length} stacks`}`}
            </button>
          </>
        )}
      </TopBar>
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

const isMade = (stack: Stack | undefined, method: string) =>
  stack?.results.some((one) => one.method === method && !one.preview) ?? false;

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
        <Bar label={stepOf(making)} work={making} />
      ) : failed ? (
        <p class="problem">{said(failed)}</p>
      ) : (
        <p>{stack.problem ?? (last ? `made: ${stack.results.map((one) => one.method).join(", ")}` : "not made yet")}</p>
      )}
    </li>
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
  const failed = Object.values(making.ended ?? {}).filter((one) => one.state === "failed").length;
  const stacks = `${card.stacks.length} ${card.stacks.length === 1 ? "group" : "groups"}, ${made} made${failed ? `, ${failed} failed` : ""}`;
  const name = making.stack === undefined ? "" : card.stacks[making.stack]?.name;
  return making.state === "working" && name ? `${stacks}; making ${name}` : stacks;
}

render(<App />, document.getElementById("app")!);
