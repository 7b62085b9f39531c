/** What the server knows, followed; and attempts to change it, with what went wrong. */

import { useCallback, useEffect, useState } from "preact/hooks";
import * as api from "./api";
import type { Exporting, Inspection, Job, Project } from "./api";
import { useAttempt } from "./attempt";

const IDLE: Job = { state: "idle" };

export type Studio = ReturnType<typeof useStudio>;

export function useStudio() {
  const [project, setProject] = useState<Project | null>(null);
  const [job, setJob] = useState<Job>(IDLE);
  const [inspection, setInspection] = useState<Inspection>(IDLE);
  const [gaps, setGaps] = useState<Job>(IDLE);
  const [exporting, setExporting] = useState<Exporting>(IDLE);
  const [lost, setLost] = useState(false);
  const [problem, attempt] = useAttempt();

  const reload = useCallback(async () => {
    const found = await api.getProject();
    setProject(found);
    return found;
  }, []);
  /** Show at once what the server will say, too. */
  const foresee = useCallback(
    (change: (project: Project) => Partial<Project>) => setProject((now) => now && { ...now, ...change(now) }),
    [],
  );

  useEffect(() => {
    void attempt(async () => {
      await reload();
      await api.inspect();
    });
    const tell = { job: setJob, inspection: setInspection, gaps: setGaps, export: setExporting };
    return api.follow("api/events", tell, setLost);
  }, []);

  return { project, foresee, job, inspection, gaps, exporting, lost, problem, reload, attempt };
}
