/** Putting frames in another order: dragged, with buttons, with keys, or sorted. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Project } from "./api";

export type By = "name" | "time" | "own";
export type OnOrder = (by: By, names?: string[]) => void;

const WORDS: Record<By, string> = { name: "by name", time: "by time", own: "my own" };

export function SortBy({ project, onOrder }: { project: Project; onOrder: OnOrder }) {
  const names = project.frames.map((frame) => frame.name);
  return (
    <label class="sort">
      <span>Order</span>
      <select value={project.by} onChange={(event) => onOrder(event.currentTarget.value as By, names)}>
        {Object.entries(WORDS).map(([by, text]) => <option key={by} value={by}>{text}</option>)}
      </select>
    </label>
  );
}

export interface Moving {
  /** What has just been moved, in words. */
  said: string;
  /** For the entry of a frame in the list. */
  entry: (name: string) => object;
  move: (name: string, by: number) => void;
}

/** Moves frames, each by name; what was moved keeps the focus. */
export function useMoving(project: Project, onOrder: OnOrder): Moving {
  const [said, setSaid] = useState("");
  const dragged = useRef<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const focused = useRef<Element | null>(null);
  const names = project.frames.map((frame) => frame.name);
  const order = names.join("/");
  useEffect(() => {
    // The browser takes the focus from what moves within the page.
    if (focused.current instanceof HTMLElement) focused.current.focus();
    focused.current = null;
  }, [order]);
  const put = (name: string, to: number) => {
    if (to < 0 || to >= names.length || names[to] === name) return;
    const left = names.filter((one) => one !== name);
    left.splice(to, 0, name);
    focused.current = document.activeElement;
    setSaid(`${name} is now ${to + 1} of ${names.length}`);
    onOrder("own", left);
  };
  const move = (name: string, by: number) => put(name, names.indexOf(name) + by);
  const entry = (name: string) => ({
    draggable: true,
    "data-over": over === name ? "" : undefined,
    onDragStart: (event: DragEvent) => {
      dragged.current = name;
      event.dataTransfer!.effectAllowed = "move";
      event.dataTransfer!.setData("text/plain", name);
    },
    onDragOver: (event: DragEvent) => {
      if (dragged.current === null) return;
      event.preventDefault();
      setOver(name);
    },
    onDrop: (event: DragEvent) => {
      if (dragged.current === null) return;
      event.preventDefault();
      put(dragged.current, names.indexOf(name));
    },
    onDragEnd: () => {
      dragged.current = null;
      setOver(null);
    },
    onKeyDown: (event: KeyboardEvent) => {
      const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || !way) return;
      event.preventDefault();
      move(name, way);
    },
  });
  return { said, entry, move };
}

export function MoveButtons({ name, moving }: { name: string; moving: Moving }) {
  return (
    <div class="moves">
      <button type="button" aria-label={`Move ${name} to the front by one`} onClick={() => moving.move(name, -1)}>↑</button>
      <button type="button" aria-label={`Move ${name} to the back by one`} onClick={() => moving.move(name, 1)}>↓</button>
    </div>
  );
}
