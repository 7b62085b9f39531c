/** What is looked at: which picture, what is beside it, what lies over it. */

import { useEffect, useState } from "preact/hooks";
import * as api from "./api";
import type { Project } from "./api";
import { layerBeside } from "./layers";
import * as pictures from "./pictures";
import type { As, Beside, Mode, Over, Shown } from "./pictures";
import { usePixel } from "./readout";
import type { Studio } from "./studio";

export type Looking = ReturnType<typeof useLooking>;

export function useLooking(studio: Studio) {
  const { project, gaps } = studio;
  const [chosen, setChosen] = useState<Shown | null>(null);
  const [compared, onBeside] = useState<Beside | null>(null);
  const [mode, onMode] = useState<Mode>("line");
  const shown = pictures.shownOf(project, chosen);
  const beside = project && compared && pictures.isThere(project, compared) ? compared : null;
  const version = pictures.versionOf(project, shown);
  const layers = useLayers(shown);
  const { overlays, onOver } = useOverlays(studio, version);
  const [pixel, onPoint] = usePixel(version);
  useNewResult(studio, setChosen);

  const show = (number: number) => setChosen({ kind: "version", number, as: "picture" });
  const showFrame = (id: number) => setChosen({ kind: "frame", id });
  const onAs = (as: As) => version && setChosen({ kind: "version", number: version.number, as });
  const toggle = (as: As) =>
    shown.kind === "version" && version?.has_depth && onAs(shown.as === as ? "picture" : as);
  const compareLast = () => {
    const found = project?.versions.findLast((one) => one.number !== version?.number);
    onBeside(beside || !found ? null : { kind: "version", number: found.number });
  };
  const making = studio.job.state === "working" ? studio.job.number : undefined;
  const deep = shown.kind === "version" && shown.as === "surface" && Boolean(version?.has_depth);
  const layer = version && layers.layer !== null && layers.layer < version.frames.length ? layers.layer : null;
  return {
    ...layers, shown, beside, mode, overlays, gaps, version, pixel, deep,
    /** The number of the result that is being made. */
    making,
    /** Whether what is shown is a preview of it, whose place it is about to take. */
    coming: version !== undefined && version.number === making,
    aligned: deep ? null : (layers.flash ?? layer),
    show, showFrame, onAs, onBeside, onMode, onOver, onPoint, toggle, compareLast,
    step: (by: number) => {
      const next = neighbour(project?.frames ?? [], shown, by);
      if (next) showFrame(next.id);
    },
    stepLayer: (by: number) => version && layers.setLayer(layerBeside(version, layers.layer, by, pixel?.frame)),
    /** The frame that the pixel under the pointer came from, for as long as it is wanted. */
    flashFrame: () => pixel?.frame !== undefined && layers.setFlash(pixel.frame),
  };
}

/** One of the result's frames in its place: until another is chosen, or while a key is held. */
function useLayers(shown: Shown) {
  const [layer, setLayer] = useState<number | null>(null);
  const [flash, setFlash] = useState<number | null>(null);
  useEffect(() => setLayer(null), [shown.kind === "version" && shown.number]);
  return { layer, setLayer, flash, setFlash };
}

function useOverlays({ attempt, gaps, reload }: Studio, version: api.Version | undefined) {
  const [overlays, setOverlays] = useState<Over[]>([]);
  useEffect(() => {
    if (gaps.state === "done") void attempt(reload);
  }, [gaps.state]);
  const onOver = (kind: Over) => {
    const on = !overlays.includes(kind);
    setOverlays(on ? [...overlays, kind] : overlays.filter((one) => one !== kind));
    if (on && kind === "gap" && version && !version.regions.includes("gap"))
      void attempt(() => api.findGaps(version.number));
  };
  return { overlays, onOver };
}

/** Shows a result that has just been made, and the preview of one that is being made. */
function useNewResult({ job, attempt, reload }: Studio, choose: (change: (now: Shown | null) => Shown | null) => void) {
  const { state, number, preview } = job;
  useEffect(() => {
    if (number === undefined || !(state === "done" || preview)) return;
    void attempt(async () => {
      const found = await reload();
      if (!found.versions.some((one) => one.number === number)) return;
      choose((now) => (now?.kind === "version" && now.number === number ? now : { kind: "version", number, as: "picture" }));
    });
  }, [state, number, preview]);
}

function neighbour(frames: Project["frames"], shown: Shown, by: number) {
  const now = shown.kind === "frame" ? frames.findIndex((one) => one.id === shown.id) + by : 0;
  return frames[Math.min(frames.length - 1, Math.max(0, now))];
}
