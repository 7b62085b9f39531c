/** The page: frames on the left, the picture in the middle, what can be done on the right. */

import { render } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import * as api from "./api";
import type { Project } from "./api";
import { type Brush, FIRST, strokeOf } from "./brush";
import { Deep } from "./deep";
import { Frames } from "./frames";
import { Help } from "./help";
import { useKeys } from "./keys";
import { layerBeside, Layers } from "./layers";
import { Panel } from "./panel";
import * as pictures from "./pictures";
import type { Beside, Mode, Over, Shown } from "./pictures";
import { Readout, usePixel } from "./readout";
import { Stage } from "./stage";
import { useStudio } from "./studio";
import "./style.css";

function App() {
  const [shown, setShown] = useState<Shown>({ kind: "frame", id: 0 });
  const [beside, setBeside] = useState<Beside | null>(null);
  const [mode, setMode] = useState<Mode>("line");
  const [overlays, setOverlays] = useState<Over[]>([]);
  const [layer, setLayer] = useState<number | null>(null);
  const [flash, setFlash] = useState<number | null>(null);
  const [help, setHelp] = useState(false);
  const [brush, setBrush] = useState<Brush>(FIRST);
  const saving = useRef(Promise.resolve());

  const studio = useStudio((found) => setShown(lastOf(found)));
  const { project, setProject, job, gaps, lost, problem, reload, attempt } = studio;

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

  useEffect(() => setLayer(null), [shown.kind === "version" && shown.number]);

  useEffect(() => {
    if (gaps.state === "done") void attempt(reload);
  }, [gaps.state]);

  const version = useMemo(
    () =>
      shown.kind === "version" ? project?.versions.find((one) => one.number === shown.number) : undefined,
    [project, shown],
  );
  const aligned = flash ?? (version && layer !== null && layer < version.frames.length ? layer : null);
  const picture = project ? pictures.pictureOf(project, shown, version, aligned) : null;
  const other = project && beside && flash === null ? pictures.besidePicture(project, beside, version) : null;
  const over = picture && aligned === null ? pictures.overPictures(picture, shown, version, overlays) : [];
  const [pixel, onPoint] = usePixel(version);
  const deep = shown.kind === "version" && shown.as === "surface" && version?.has_depth;

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

  const onScale = useCallback((change: Partial<api.Scale>) => {
    // One after the other, so that the last answer tells of the last change.
    saving.current = saving.current.then(() =>
      attempt(async () => {
        const scale = await api.keepScale(change);
        setProject((now) => now && { ...now, scale });
      }),
    );
  }, []);

  const changeFrames = (change: () => Promise<unknown>) =>
    attempt(async () => {
      await change();
      await reload();
      await api.inspect();
    });
  const show = (number: number) => setShown({ kind: "version", number, as: "picture" });
  const remove = (number: number) =>
    attempt(async () => {
      await api.deleteVersion(number);
      const found = await reload();
      setBeside(null);
      if (version?.number === number) setShown(lastOf(found));
    });
  const restore = (number: number) =>
    attempt(async () => {
      await api.restoreVersion(number);
      await reload();
      show(number);
    });
  const start = (recipe: Record<string, unknown>) => attempt(() => api.startJob(recipe));
  const stop = () => attempt(api.stopJob);

  const onOver = (kind: Over) => {
    const on = !overlays.includes(kind);
    setOverlays(on ? [...overlays, kind] : overlays.filter((one) => one !== kind));
    if (on && kind === "gap" && version && !version.regions.includes("gap"))
      void attempt(() => api.findGaps(version.number));
  };
  const step = (by: number) => {
    const frames = project?.frames ?? [];
    const now = shown.kind === "frame" ? frames.findIndex((one) => one.id === shown.id) + by : 0;
    const next = frames[Math.min(frames.length - 1, Math.max(0, now))];
    if (next) setShown({ kind: "frame", id: next.id });
  };
  const beforeLast = (): Beside | null => {
    const found = project?.versions.findLast((one) => one.number !== version?.number);
    return found ? { kind: "version", number: found.number } : null;
  };
  const toggle = (as: pictures.As) => {
    if (shown.kind === "version" && version?.has_depth)
      setShown({ ...shown, as: shown.as === as ? "picture" : as });
  };
  const scale = (up: boolean) => setBrush((now) => ({ ...now, size: resized(now.size, up) }));
  const press: Record<string, () => void> = {
    "?": () => setHelp((now) => !now),
    Escape: () => (help ? setHelp(false) : setLayer(null)),
    b: () => setBrush((now) => ({ ...now, on: !now.on })),
    s: () => pixel?.frame !== undefined && setBrush((now) => ({ ...now, frame: pixel.frame!, result: null, erase: false })),
    "[": () => scale(false),
    "]": () => scale(true),
    p: () => job.state !== "working" && void start({ preview: true }),
    f: () => pixel?.frame !== undefined && !deep && setFlash(pixel.frame),
    d: () => toggle("depth"),
    t: () => toggle("surface"),
    j: () => step(1),
    k: () => step(-1),
    ",": () => version && setLayer(layerBeside(version, layer, -1, pixel?.frame)),
    ".": () => version && setLayer(layerBeside(version, layer, 1, pixel?.frame)),
    c: () => onOver("clipping"),
    w: () => setBeside((now) => (now === null ? beforeLast() : null)),
  };
  project?.versions.slice(0, 9).forEach((one, k) => {
    press[String(k + 1)] = () => show(one.number);
  });
  useKeys({
    press: project ? press : {},
    release: { f: () => setFlash(null) },
    undo: () => retouch(api.undo),
    redo: () => retouch(api.redo),
  });

  if (!project)
    return <main class="empty">{problem ? <p role="alert">{problem}</p> : <p>Opening …</p>}</main>;

  const name =
    aligned !== null && version
      ? `frame ${version.frames[aligned]}`
      : shown.kind === "frame"
        ? `frame ${pictures.frameOf(project, shown.id)?.name}`
        : `result ${shown.number}${shown.as === "picture" ? "" : `, ${shown.as === "surface" ? "in 3-D" : shown.as}`}`;
  const paints = brush.on && shown.kind === "version" && shown.as === "picture" && aligned === null;
  return (
    <div class="app">
      <header>
        {location.pathname.includes("/stacks/") && <a href="../../">All stacks</a>}
        <h1>{project.folder}</h1>
        <p class="shown" aria-live="polite">{name}</p>
        {lost && <p class="lost" role="alert">The studio does not answer: is it still running?</p>}
        <button type="button" onClick={() => setHelp(true)} aria-haspopup="dialog">Keys</button>
      </header>
      <Frames
        project={project}
        inspection={studio.inspection}
        current={shown.kind === "frame" ? shown.id : null}
        onShow={(id) => setShown({ kind: "frame", id })}
        onChoose={(excluded, reference) => void changeFrames(() => api.choose(excluded, reference))}
        onOrder={(by, names) => changeFrames(() => api.arrange(by, by === "own" ? names : undefined))}
        onAdded={() => void changeFrames(async () => {})}
      />
      <main>
        {deep && (
          <Deep
            version={version!}
            frameWidth={project.frames.find((one) => one.name === version!.frames[0])?.width ?? version!.width}
            scale={project.scale}
            onScale={onScale}
          />
        )}
        {picture && !deep && (
          <Stage
            picture={picture}
            name={name}
            other={other}
            otherName={beside ? pictures.besideName(project, beside) : ""}
            mode={mode}
            overlays={over}
            tileSide={project.tile}
            brush={paints ? brush : null}
            onPoint={onPoint}
            onStroke={onStroke}
          />
        )}
        {!deep && <Layers version={version} layer={aligned} onLayer={setLayer} />}
        {!deep && <Readout pixel={pixel} version={version} />}
      </main>
      <Panel
        project={project}
        job={job}
        problem={problem}
        version={version}
        looking={{
          shown,
          beside,
          mode,
          overlays,
          gaps,
          onAs: (as) => version && setShown({ kind: "version", number: version.number, as }),
          onBeside: setBeside,
          onMode: setMode,
          onOver,
        }}
        brush={brush}
        onBrush={setBrush}
        onUndo={() => retouch(api.undo)}
        onRedo={() => retouch(api.redo)}
        onStart={start}
        onStop={stop}
        onShow={show}
        onDelete={remove}
        onRestore={restore}
        onExport={(...wish) => api.exportVersion(version!.number, ...wish)}
      />
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

const resized = (size: number, up: boolean) => Math.min(600, Math.max(2, Math.round(up ? size * 1.25 : size / 1.25)));

/** The last result, or the first frame while there is none. */
function lastOf(project: Project): Shown {
  const last = project.versions.at(-1);
  return last ? { kind: "version", number: last.number, as: "picture" } : { kind: "frame", id: project.frames[0].id };
}

render(<App />, document.getElementById("app")!);
