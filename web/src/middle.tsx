/** The middle of the page: the picture or the surface, and what is said of it. */

import type { Exporting, Project, Scale } from "./api";
import { Deep } from "./deep";
import { Layers } from "./layers";
import type { Looking } from "./looking";
import * as pictures from "./pictures";
import { Readout } from "./readout";
import type { Retouching } from "./retouching";
import { Stage } from "./stage";

interface Props {
  project: Project;
  name: string;
  looking: Looking;
  retouching: Retouching;
  exporting: Exporting;
  onScale: (change: Partial<Scale>) => void;
}

export function Middle(props: Props) {
  const { project, looking } = props;
  const { version } = looking;
  if (looking.deep && version) {
    const first = project.frames.find((one) => one.name === version.frames[0]);
    return (
      <main>
        <Deep key={version.made} version={version} frameWidth={first?.width ?? version.width} scale={project.scale}
          exporting={props.exporting} onScale={props.onScale} />
      </main>
    );
  }
  return (
    <main>
      <Seen {...props} />
      {project.frames.length > 0 && (
        <>
          <Layers version={version} layer={looking.aligned} onLayer={looking.setLayer} />
          <Readout pixel={looking.pixel} version={version} />
        </>
      )}
    </main>
  );
}

/** The picture, beside another one or under overlays; or why there is none. */
function Seen({ project, name, looking, retouching }: Props) {
  const { shown, version, aligned, beside, overlays } = looking;
  const picture = pictures.pictureOf(project, shown, version, aligned);
  if (!picture) return <Nothing project={project} />;
  const other = beside && looking.flash === null ? pictures.besidePicture(project, beside, version) : null;
  const over = aligned === null ? pictures.overPictures(picture, shown, version, overlays) : [];
  const paints = retouching.brush.on && !looking.coming && shown.kind === "version" && shown.as === "picture" && aligned === null;
  return (
    <Stage picture={picture} name={name} other={other} otherName={beside ? pictures.besideName(project, beside) : ""}
      mode={looking.mode} overlays={over} tileSide={project.tile} brush={paints ? retouching.brush : null}
      onPoint={looking.onPoint} onStroke={retouching.onStroke} />
  );
}

function Nothing({ project }: { project: Project }) {
  return (
    <div class="views nothing">
      {project.frames.length === 0 ? (
        <p>No frames yet: drop pictures, or a folder of them, onto this page.</p>
      ) : (
        <p>This frame cannot be read.</p>
      )}
    </div>
  );
}
