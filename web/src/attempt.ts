/** Attempts to change something on the server, and what went wrong with the last one. */

import { useCallback, useState } from "preact/hooks";
import { problemOf } from "./api";

export type Attempt = (what: () => Promise<unknown>) => Promise<void>;

export function useAttempt(): [string, Attempt] {
  const [problem, setProblem] = useState("");
  const attempt = useCallback(async (what: () => Promise<unknown>) => {
    try {
      setProblem("");
      await what();
    } catch (error) {
      setProblem(problemOf(error));
    }
  }, []);
  return [problem, attempt];
}
