/** What the inspection found of the frames, where they are listed. */

import type { Inspection, Note } from "./api";
import { said } from "./api";

const KINDS: Record<Note["kind"], string> = {
  bad: "Bad",
  repeat: "Twice",
  gap: "Gap",
  end: "End",
  exposure: "Exposure",
  order: "Order",
};

export function Notes({ notes }: { notes: Note[] }) {
  if (notes.length === 0) return null;
  return (
    <ul class="notes">
      {notes.map((note) => (
        <li key={note.kind + note.text} class={note.kind}>
          <b>{KINDS[note.kind]}</b> {note.text}
        </li>
      ))}
    </ul>
  );
}

/** How the inspection stands, in one line. */
export function Inspecting({ inspection }: { inspection: Inspection }) {
  const { state, notes = [], done, total } = inspection;
  if (state === "working")
    return (
      <p class="count" role="status">
        Looking at the frames{total ? `, ${done} of ${total}` : ""} …
      </p>
    );
  if (state === "failed") return <p class="count" role="status">{said(inspection)}</p>;
  if (state !== "done") return null;
  const text = notes.length === 0 ? "Nothing found that could spoil the result" : warnings(notes.length);
  return <p class="count" role="status">{text}</p>;
}

const warnings = (count: number) => (count === 1 ? "1 warning" : `${count} warnings`);
