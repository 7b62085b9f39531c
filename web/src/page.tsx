/** What the pages have in common: the bar on top, and what is there before there is anything to show. */

import type { ComponentChildren } from "preact";
import type { Job } from "./api";

export function Opening({ problem }: { problem: string }) {
  return <main class="empty">{problem ? <p role="alert">{problem}</p> : <p role="status">Opening …</p>}</main>;
}

interface Props {
  /** Whether a page of many stacks is above this one. */
  back?: boolean;
  title: string;
  /** What is to be seen, in words. */
  shown: string;
  /** Whether the server has fallen silent. */
  lost: boolean;
  children: ComponentChildren;
}

export function TopBar({ back, title, shown, lost, children }: Props) {
  return (
    <header>
      {back && <a href="../../">All stacks</a>}
      <h1>{title}</h1>
      <p class="shown" aria-live="polite">{shown}</p>
      {lost && <p class="lost" role="alert">The studio does not answer: is it still running?</p>}
      {children}
    </header>
  );
}

/** How far something is. */
export function Bar({ label, work }: { label: string; work: Job }) {
  const many = work.total && work.total > 1 ? ` ${work.done ?? 0} of ${work.total}` : "";
  return (
    <label class="progress">
      <span>{label}{many}</span>
      {/* Without a value it says that nobody knows. */}
      <progress max={work.total || 1} value={work.total ? (work.done ?? 0) : undefined} />
    </label>
  );
}
