import type { Board } from "@/api/boards";
import { ApiProblem } from "@/api/problem";

export type BoardProblem = Board["problems"][number];

/** The places of a board that the server refused; null if it did not speak of places. */
export function problemsOf(error: Error | null): BoardProblem[] | null {
  if (!(error instanceof ApiProblem) || !Array.isArray(error.details.problems)) return null;
  return error.details.problems.filter(
    (problem: unknown): problem is BoardProblem =>
      typeof problem === "object" && problem !== null && "where" in problem && "text" in problem,
  );
}
