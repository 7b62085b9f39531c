/** A result's depth as a surface to turn, with a section through it and what can be made of it. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import type { Exporting, Heights, Scale, Section, Version } from "./api";
import { type Ends, Line } from "./line";
import { Rocking, useSway } from "./sway";
import { followPointers, pressed } from "./orbit";
import { Plot } from "./plot";
import { type Grid, type Looks, Relief } from "./relief";
import { along, pixelOf, rise, up } from "./units";
import { ScaleFields, TakeAlong } from "./views";
import "./surface.css";

export interface Props {
  version: Version;
  /** Width of the frames, px; a preview is smaller. */
  frameWidth: number;
  scale: Scale;
  exporting: Exporting;
  onScale: (change: Partial<Scale>) => void;
}

export default function Surface({ version, frameWidth, scale, exporting, onScale }: Props) {
  const [heights, setHeights] = useState<Heights | null>(null);
  const [problem, setProblem] = useState("");
  const [looks, setLooks] = useState<Omit<Looks, "stretch"> & { tall: number }>(FIRST);
  const [ends, setEnds] = useState<Ends>(() => across(version));
  const section = useSection(version.number, ends);
  const pixel = pixelOf(version, frameWidth, scale);
  const stretch = looks.tall * rise(version, pixel, scale);

  useEffect(() => {
    setHeights(null);
    setEnds(across(version));
    api.heightsOf(version.number).then(setHeights, (error) => setProblem(api.problemOf(error)));
  }, [version.number]);

  const long = Math.hypot(ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]);
  return (
    <div class="deep">
      {problem ? (
        <p class="problem stage" role="alert">{problem}</p>
      ) : (
        <Stage version={version} heights={heights} nearLast={scale.near_last} looks={{ ...looks, stretch }}
          ends={ends} section={section} onEnds={setEnds} onProblem={setProblem} />
      )}
      <div class="below">
        <Controls looks={looks} onLooks={setLooks} />
        {section && (
          <Plot section={section} across={along(long, pixel)} up={up(version.frames.length, scale)} />
        )}
        <section aria-label="Scale and views">
          <ScaleFields scale={scale} onScale={onScale} />
          <TakeAlong key={version.number} version={version} exporting={exporting} sureOnly={looks.sureOnly} />
        </section>
      </div>
    </div>
  );
}

const FIRST = { tall: 1, light: 135, textured: true, sureOnly: false };

const across = ({ width, height }: Version): Ends => [
  [Math.round(width * 0.15), Math.round(height / 2)],
  [Math.round(width * 0.85), Math.round(height / 2)],
];

/** The depth under the line, asked for when the line has not moved for a moment. */
function useSection(version: number, ends: Ends): Section | null {
  const [found, setFound] = useState<Section | null>(null);
  useEffect(() => {
    let wanted = true;
    const later = setTimeout(() => {
      api.sectionOf(version, ends).then((said) => wanted && setFound(said), () => undefined);
    }, 60);
    return () => {
      wanted = false;
      clearTimeout(later);
    };
  }, [version, ends]);
  return found;
}

interface StageProps {
  version: Version;
  heights: Heights | null;
  nearLast: boolean;
  looks: Looks;
  ends: Ends;
  section: Section | null;
  onEnds: (ends: Ends) => void;
  onProblem: (text: string) => void;
}

function Stage({ version, heights, nearLast, looks, ends, section, onEnds, onProblem }: StageProps) {
  const home = useRef<HTMLDivElement>(null);
  const [relief, setRelief] = useState<Relief | null>(null);
  const [, redraw] = useState(0);
  const sway = useSway(relief);
  const drawn = useCallback((complete: boolean) => {
    home.current?.setAttribute("aria-busy", String(!complete));
    redraw((count) => count + 1);
  }, []);

  useEffect(() => {
    if (!heights || !home.current) return;
    try {
      const made = new Relief(home.current, gridOf(version, heights, nearLast), api.textureOf(version), drawn);
      const leave = followPointers(home.current, made.orbit, () => made.draw());
      setRelief(made);
      return () => {
        leave();
        made.dispose();
        setRelief(null);
      };
    } catch {
      onProblem("This browser shows no 3-D: WebGL is not available. Sections and views to take along are.");
    }
  }, [heights, nearLast, version.retouch.revision]);

  const { stretch, light, textured, sureOnly } = looks;
  useEffect(() => relief?.show(looks), [relief, stretch, light, textured, sureOnly]);

  const key = (event: KeyboardEvent) => {
    if (!relief || event.ctrlKey || event.metaKey || event.altKey || !pressed(event, relief.orbit)) return;
    event.preventDefault();
    relief.draw();
  };
  return (
    <div class="stage">
      <div class="turn" ref={home} role="application" tabIndex={0} aria-busy="true" onKeyDown={key}
        aria-label={`Result ${version.number} as a surface: arrows turn it, plus and minus zoom, Shift and arrows move it, 0 resets`} />
      {relief && (
        <Line relief={relief} ends={ends} width={version.width} height={version.height} section={section} onEnds={onEnds} />
      )}
      <div class="corner row">
        <Rocking sway={sway} />
        <button type="button" disabled={!relief} onClick={() => {
          sway.stop();
          relief!.orbit.reset();
          relief!.draw();
        }}>Reset view</button>
      </div>
    </div>
  );
}

/** Heights in frames towards the camera, 0 in the middle of what is sure. */
function gridOf(version: Version, heights: Heights, nearLast: boolean): Grid {
  const middle = (version.frames.length - 1) / 2;
  const sign = nearLast ? 1 : -1;
  return {
    ...heights,
    width: version.width,
    height: version.height,
    heights: heights.depth.map((one) => sign * (one - middle)),
  };
}

type Chosen = typeof FIRST;

function Controls({ looks, onLooks }: { looks: Chosen; onLooks: (looks: Chosen) => void }) {
  const slider = (name: "tall" | "light", text: string, max: number, step: number) => (
    <label class="field">
      <span>{text}</span>
      <input type="range" min="0" max={max} step={step} value={looks[name]}
        onInput={(event) => onLooks({ ...looks, [name]: Number(event.currentTarget.value) })} />
    </label>
  );
  const check = (name: "textured" | "sureOnly", text: string) => (
    <label class="check">
      <input type="checkbox" checked={looks[name]}
        onChange={(event) => onLooks({ ...looks, [name]: event.currentTarget.checked })} />
      {text}
    </label>
  );
  return (
    <section aria-label="How the surface looks">
      {slider("tall", `Height × ${looks.tall.toFixed(2)}`, 4, 0.05)}
      {slider("light", `Light from ${looks.light}°`, 360, 5)}
      {check("textured", "Picture on it")}
      {check("sureOnly", "Only what is sure")}
      <button type="button" onClick={() => onLooks(FIRST)}>Reset looks</button>
    </section>
  );
}
