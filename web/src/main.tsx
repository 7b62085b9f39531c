/** The page: frames on the left, the picture in the middle, what can be done on the right. */

import { render } from "preact";
import { useState } from "preact/hooks";
import { useChanges } from "./changes";
import { Frames } from "./frames";
import { Help } from "./help";
import { useLooking } from "./looking";
import { Middle } from "./middle";
import { Opening, TopBar } from "./page";
import { Panel } from "./panel";
import { nameOf } from "./pictures";
import { useRetouching } from "./retouching";
import { useShortcuts } from "./shortcuts";
import { useStudio } from "./studio";
import "./style.css";

function App() {
  const studio = useStudio();
  const looking = useLooking(studio);
  const retouching = useRetouching(studio, looking.version);
  const changes = useChanges(studio, looking.show);
  const [helped, setHelped] = useState(false);
  useShortcuts(studio, looking, retouching, changes, { open: helped, set: setHelped });
  const { project, problem, lost } = studio;
  if (!project) return <Opening problem={problem} />;
  const name = nameOf(project, looking.shown, looking.version, looking.aligned);
  return (
    <div class="app">
      <TopBar back={inBatch()} title={project.folder} shown={name} lost={lost}>
        <button type="button" onClick={() => setHelped(true)} aria-haspopup="dialog">Keys</button>
      </TopBar>
      <Frames project={project} inspection={studio.inspection} changes={changes}
        current={looking.shown.kind === "frame" ? looking.shown.id : null} onShow={looking.showFrame} />
      <Middle project={project} name={name} looking={looking} retouching={retouching} exporting={studio.exporting}
        onScale={changes.scale} />
      <Panel project={project} studio={studio} looking={looking} retouching={retouching} changes={changes} />
      {helped && <Help onClose={() => setHelped(false)} />}
    </div>
  );
}

/** Whether this is one of the stacks of a batch. */
const inBatch = () => location.pathname.includes("/stacks/");

render(<App />, document.getElementById("app")!);
