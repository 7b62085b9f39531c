/** What the server knows, followed; and attempts to change it, with what went wrong. */

import { useCallback, useEffect, useState } from "preact/hooks";
import * as api from "./api";
import type { Inspection, Job, Project } from "./api";

const IDLE: Job = { state: "idle" };

export function useStudio(begin: (project: Project) => void) {
  const [project, setProject] = useState<Project | null>(null);
  const [job, setJob] = useState<Job>(IDLE);
  const [inspection, setInspection] = useState<Inspection>(IDLE);
  const [gaps, setGaps] = useState<Job>(IDLE);
  const [lost, setLost] = useState(false);
  const [problem, setProblem] = useState("");

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
      begin(found);
      setProject(found);
      await api.inspect();
    });
    return api.follow({ job: setJob, inspection: setInspection, gaps: setGaps }, setLost);
  }, []);

  return { project, setProject, job, inspection, gaps, lost, problem, reload, attempt };
}
