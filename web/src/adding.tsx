/** Frames that are dropped onto the page, or chosen from the disk. */

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import type { Project } from "./api";

/** As many at once: a folder dropped by mistake does not fill the disk. */
const MOST = 2000;

interface Props {
  project: Project;
  /** Called when frames have been added. */
  onAdded: () => void;
}

export function Adding({ project, onAdded }: Props) {
  const [over, setOver] = useState(false);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = useRef<(files: File[]) => Promise<void>>(async () => {});
  take.current = async (files) => {
    if (busy) return;
    setBusy(true);
    const problems = await send(files, project.extensions, setSaid);
    setSaid(problems);
    setBusy(false);
    onAdded();
  };
  useEffect(() => listenForDrops(setOver, (files) => void take.current(files)), []);
  return (
    <div class="adding">
      <button type="button" disabled={busy} onClick={() => input.current?.click()}>Add frames</button>
      <input ref={input} type="file" multiple hidden accept={project.extensions.join()}
        onChange={(event) => {
          void take.current([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }} />
      <p class="count" role="status">{said}</p>
      {over && <div class="drop" aria-hidden="true">Drop frames to put copies of them into {project.folder}</div>}
    </div>
  );
}

/** Sends files one after another; what became of them, in words. */
async function send(files: File[], extensions: string[], tell: (text: string) => void): Promise<string> {
  const good = files.filter((file) => extensions.some((one) => file.name.toLowerCase().endsWith(one)));
  const left = good.slice(0, MOST);
  const problems: string[] = [];
  let added = 0;
  for (const [k, file] of left.entries()) {
    tell(`Adding ${k + 1} of ${left.length} …`);
    try {
      await api.addFrame(file);
      added += 1;
    } catch (error) {
      problems.push(error instanceof api.Refused ? api.said(error) : `${file.name}: ${error}`);
    }
  }
  const others = files.length - left.length;
  if (others) problems.push(`${others} ${others === 1 ? "file" : "files"} left out: no pictures, or too many`);
  return [`Added ${added} ${added === 1 ? "frame" : "frames"}`, ...problems.slice(0, 5)].join("; ");
}

function listenForDrops(over: (over: boolean) => void, dropped: (files: File[]) => void): () => void {
  const isFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  const drag = (event: DragEvent) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    over(true);
  };
  const leave = (event: DragEvent) => event.relatedTarget === null && over(false);
  const drop = (event: DragEvent) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    over(false);
    void filesOf(event.dataTransfer!).then(dropped);
  };
  window.addEventListener("dragover", drag);
  window.addEventListener("dragleave", leave);
  window.addEventListener("drop", drop);
  return () => {
    window.removeEventListener("dragover", drag);
    window.removeEventListener("dragleave", leave);
    window.removeEventListener("drop", drop);
  };
}

/** The files, and those in the folders, of what was dropped. */
async function filesOf(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  if (!entries.some((entry) => entry?.isDirectory)) return [...transfer.files];
  const found: File[] = [];
  for (const entry of entries) if (entry) await collect(entry, found);
  return found;
}

async function collect(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (found.length > 2 * MOST) return;
  if (entry.isFile) {
    found.push(await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail)));
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives a hundred at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return;
    for (const one of some) await collect(one, found);
  }
}
