/** What the server knows, followed; and attempts to change it, with what went wrong. */

import { useCallback, useEffect, useState } from "preact/hooks";
import * as api from "./api";
import type { Inspection, Job, Project } from "./api";
import { useAttempt } from "./attempt";

const IDLE: Job = { state: "idle" };

export function useStudio(begin: (project: Project) => void) {
  const [project, setProject] = useState<Project | null>(null);
  const [job, setJob] = useState<Job>(IDLE);
  const [inspection, setInspection] = useState<Inspection>(IDLE);
  const [gaps, setGaps] = useState<Job>(IDLE);
  const [lost, setLost] = useState(false);
  const [problem, attempt] = useAttempt();

  const reload = useCallback(async () => {
    const found = await api.getProject();
    setProject(found);
    return found;
  }, []);

  useEffect(() => {
    void attempt(async () => {
      const found = await api.getProject();
      begin(found);
      setProject(found);
      await api.inspect();
    });
    return api.follow("api/events", { job: setJob, inspection: setInspection, gaps: setGaps }, setLost);
  }, []);

  return { project, setProject, job, inspection, gaps, lost, problem, reload, attempt };
}
