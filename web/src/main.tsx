/** The page: frames on the left, the picture in the middle, what can be done on the right. */

import { render } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import * as api from "./api";
import type { Job, Pixel, Project, Version } from "./api";
import { type Brush, FIRST, strokeOf } from "./brush";
import { Frames } from "./frames";
import { Help } from "./help";
import { lastMark } from "./marks";
import { type As, Panel } from "./panel";
import "./style.css";
import { type Picture, Viewer } from "./viewer";

type Shown = { kind: "frame"; index: number } | { kind: "version"; number: number; as: As };
/** A result, or one of its own frames, on the left of the line. */
type Beside = { kind: "version"; number: number } | { kind: "frame"; index: number };

function App() {
  const [project, setProject] = useState<Project | null>(null);
  const [job, setJob] = useState<Job>({ state: "idle" });
  const [lost, setLost] = useState(false);
  const [shown, setShown] = useState<Shown>({ kind: "frame", index: 0 });
  const [beside, setBeside] = useState<Beside | null>(null);
  const [wipe, setWipe] = useState(0.5);
  const [pixel, setPixel] = useState<Pixel | null>(null);
  const [flash, setFlash] = useState<number | null>(null);
  const [problem, setProblem] = useState<string>("");
  const [help, setHelp] = useState(false);
  const [brush, setBrush] = useState<Brush>(FIRST);
  const asked = useRef(0);

  const reload = useCallback(async () => {
    const found = await api.getProject();
    setProject(found);
    return found;
  }, []);

  const attempt = useCallback(async (what: () => Promise<unknown>) => {
    try {
      setProblem("");
      await what();
    } catch (error) {
      const refused = error instanceof api.Refused ? error : null;
      setProblem(refused ? [refused.message, refused.hint].filter(Boolean).join(": ") : String(error));
    }
  }, []);

  useEffect(() => {
    void attempt(async () => {
      const found = await api.getProject();
      const last = found.versions.at(-1);
      setShown(
        last ? { kind: "version", number: last.number, as: "picture" } : { kind: "frame", index: 0 },
      );
      setProject(found);
    });
    return api.followJob(setJob, setLost);
  }, []);

  useEffect(() => {
    if (job.state !== "done" || job.number === undefined) return;
    const number = job.number;
    void attempt(async () => {
      const found = await reload();
      if (found.versions.some((one) => one.number === number))
        setShown((now) =>
          now.kind === "version" && now.number === number
            ? now
            : { kind: "version", number, as: "picture" },
        );
    });
  }, [job.state, job.number]);

  const version = useMemo(
    () =>
      shown.kind === "version" ? project?.versions.find((one) => one.number === shown.number) : undefined,
    [project, shown],
  );
  const picture = project ? pictureOf(project, shown, version, flash) : null;
  const over = project && beside && flash === null ? besidePicture(project, beside, version) : null;

  const onPoint = useCallback(
    (x: number, y: number) => {
      if (!version || x < 0 || y < 0 || x >= version.width || y >= version.height) {
        setPixel(null);
        return;
      }
      const mine = ++asked.current;
      // One question at a time: what the pointer has passed is of no interest any more.
      setTimeout(() => {
        if (mine !== asked.current) return;
        api
          .pixelAt(version.number, x, y)
          .then((said) => mine === asked.current && setPixel(said))
          .catch(() => setPixel(null));
      }, 60);
    },
    [version],
  );

  const retouch = useCallback(
    (change: (number: number) => Promise<api.Retouch>) => {
      if (!version) return;
      void attempt(async () => {
        const made = await change(version.number);
        setProject((now) =>
          now && {
            ...now,
            versions: now.versions.map((one) =>
              one.number === version.number ? { ...one, retouch: made } : one,
            ),
          },
        );
      });
    },
    [version],
  );
  const onStroke = useCallback(
    (points: [number, number, number][]) => {
      if (version) retouch((number) => api.paint(number, strokeOf(brush, version, project!.versions, points)));
    },
    [brush, version, project, retouch],
  );

  const start = (recipe: Record<string, unknown>) => attempt(() => api.startJob(recipe));
  const stop = () => attempt(api.stopJob);

  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (takesKeys(event.target) || event.altKey || !project) return;
      if (event.ctrlKey || event.metaKey) {
        const key = event.key.toLowerCase();
        if (key === "z" || key === "y") {
          retouch(key === "y" || event.shiftKey ? api.redo : api.undo);
          event.preventDefault();
        }
        return;
      }
      if (!act(event)) return;
      event.preventDefault();
    };
    const act = (event: KeyboardEvent): boolean => {
      const digit = Number(event.key);
      if (event.key === "?") setHelp((now) => !now);
      else if (event.key === "Escape") setHelp(false);
      else if (event.key === "b") setBrush((now) => ({ ...now, on: !now.on }));
      else if (event.key === "s" && pixel?.frame !== undefined)
        setBrush((now) => ({ ...now, frame: pixel.frame!, result: null, erase: false }));
      else if (event.key === "[" || event.key === "]")
        setBrush((now) => ({ ...now, size: resized(now.size, event.key === "]") }));
      else if (event.key === "p" && job.state !== "working") void start({ preview: true });
      else if (event.key === "f" && pixel?.frame !== undefined) setFlash(pixel.frame);
      else if (event.key === "d") setShown((now) =>
          now.kind === "version" && version?.has_depth
            ? { ...now, as: now.as === "depth" ? "picture" : "depth" }
            : now,
        );
      else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
      else if (event.key === "w") setBeside((now) => (now === null ? other() : null));
      else if (digit >= 1 && digit <= (project?.versions.length ?? 0))
        setShown({ kind: "version", number: project!.versions[digit - 1].number, as: "picture" });
      else return false;
      return true;
    };
    const step = (by: number) =>
      setShown((now) => {
        const index = now.kind === "frame" ? now.index + by : 0;
        return { kind: "frame", index: Math.min(project!.frames.length - 1, Math.max(0, index)) };
      });
    const other = (): Beside | null => {
      const found = project!.versions.findLast((one) => one.number !== version?.number);
      return found ? { kind: "version", number: found.number } : null;
    };
    const up = (event: KeyboardEvent) => event.key === "f" && setFlash(null);
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
    };
  }, [project, job.state, pixel, version, retouch]);

  if (!project)
    return <main class="empty">{problem ? <p role="alert">{problem}</p> : <p>Opening …</p>}</main>;

  const name =
    flash !== null && version
      ? `frame ${version.frames[flash]}`
      : shown.kind === "frame"
        ? `frame ${project.frames[shown.index].name}`
        : `result ${shown.number}${shown.as === "picture" ? "" : `, ${shown.as}`}`;
  return (
    <div class="app">
      <header>
        <h1>{project.folder}</h1>
        <p class="shown" aria-live="polite">{name}</p>
        {lost && <p class="lost" role="alert">The studio does not answer: is it still running?</p>}
        <button type="button" onClick={() => setHelp(true)} aria-haspopup="dialog">Keys</button>
      </header>
      <Frames
        project={project}
        current={shown.kind === "frame" ? shown.index : null}
        onShow={(index) => setShown({ kind: "frame", index })}
        onChoose={(excluded, reference) =>
          attempt(async () => {
            await api.choose(excluded, reference);
            await reload();
          })
        }
      />
      <main>
        {picture && (
          <Viewer
            picture={picture}
            over={over}
            wipe={wipe}
            tileSide={project.tile}
            label={name}
            brush={brush.on && shown.kind === "version" && shown.as === "picture" && flash === null ? brush.size : null}
            onPoint={onPoint}
            onStroke={onStroke}
          />
        )}
        {over && (
          <label class="wipe">
            <span>{besideName(beside!, version)} left of the line</span>
            <input type="range" min="0" max="1" step="0.005" value={wipe}
              onInput={(event) => setWipe(Number(event.currentTarget.value))} />
            <i style={{ left: `${wipe * 100}%` }} aria-hidden="true" />
          </label>
        )}
        <Readout pixel={pixel} version={version} />
      </main>
      <Panel
        project={project}
        job={job}
        problem={problem}
        version={version}
        as={shown.kind === "version" ? shown.as : "picture"}
        beside={beside}
        brush={brush}
        onBrush={setBrush}
        onUndo={() => retouch(api.undo)}
        onRedo={() => retouch(api.redo)}
        onStart={start}
        onStop={stop}
        onShow={(number) => setShown({ kind: "version", number, as: "picture" })}
        onAs={(as) => version && setShown({ kind: "version", number: version.number, as })}
        onBeside={setBeside}
        onExport={(...wish) => api.exportVersion(version!.number, ...wish)}
      />
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

const resized = (size: number, up: boolean) => Math.min(600, Math.max(2, Math.round(up ? size * 1.25 : size / 1.25)));

/** Whether letters mean something to what has the focus. */
function takesKeys(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "range"].includes(target.type);
  return target instanceof HTMLSelectElement;
}

function pictureOf(
  project: Project,
  shown: Shown,
  version: Version | undefined,
  flash: number | null,
): Picture | null {
  if (shown.kind === "frame") {
    const frame = project.frames[shown.index];
    if (!frame || frame.problem) return null;
    return {
      key: `frame-${shown.index}`,
      width: frame.width,
      height: frame.height,
      tile: (level, column, row) => `/api/frames/${shown.index}/tiles/${level}/${column}_${row}.jpg`,
    };
  }
  if (!version) return null;
  if (flash !== null)
    return {
      key: `aligned-${version.number}-${flash}`,
      width: version.width,
      height: version.height,
      tile: (level, column, row) =>
        `/api/versions/${version.number}/frames/${flash}/${level}/${column}_${row}.jpg`,
    };
  const kind = shown.as === "picture" ? "tiles" : shown.as;
  // Tiles with other strokes are other tiles, whatever the browser remembers.
  const { retouch } = version;
  const mark = (level: number, column: number, row: number) =>
    kind === "tiles" ? lastMark(retouch, project.tile, level, column, row) : 0;
  return {
    key: `version-${version.number}-${kind}-${kind === "tiles" ? retouch.revision : 0}`,
    width: version.width,
    height: version.height,
    tile: (level, column, row) => `/api/versions/${version.number}/${kind}/${level}/${column}_${row}.jpg?${mark(level, column, row)}`,
  };
}

function besidePicture(project: Project, beside: Beside, version: Version | undefined): Picture | null {
  if (beside.kind === "frame")
    return version && beside.index < version.frames.length
      ? pictureOf(project, { kind: "version", number: version.number, as: "picture" }, version, beside.index)
      : null;
  const other = project.versions.find((one) => one.number === beside.number);
  return other
    ? pictureOf(project, { kind: "version", number: other.number, as: "picture" }, other, null)
    : null;
}

const besideName = (beside: Beside, version: Version | undefined) =>
  beside.kind === "version" ? `Result ${beside.number}` : `Frame ${version?.frames[beside.index]}`;

/** The pixel under the pointer, in the picture's own bit depth. */
function Readout({ pixel, version }: { pixel: Pixel | null; version: Version | undefined }) {
  if (!pixel || !version) return <p class="readout">&nbsp;</p>;
  const parts = [`${pixel.x}, ${pixel.y}`, pixel.value.join(" ")];
  if (pixel.frame !== undefined) parts.push(`frame ${version.frames[pixel.frame]}`);
  if (pixel.depth !== undefined) parts.push(pixel.depth === null ? "depth unknown" : `depth ${pixel.depth}`);
  if (pixel.confidence !== undefined) parts.push(`${Math.round(100 * pixel.confidence)} % sure`);
  if (pixel.painted) parts.push("retouched; told as it was fused");
  return <p class="readout">{parts.join("  ·  ")}</p>;
}

render(<App />, document.getElementById("app")!);
