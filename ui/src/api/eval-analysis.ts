/** What a run says beyond its means; the server makes it when it is first asked for, then keeps it. */

import { queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import { type EvalRun, evalRunKeys } from "./eval-runs";
import type { components } from "./schema.gen";

export type Analysis = components["schemas"]["AnalysisView"];
export type AnalysisNode = Analysis["nodes"][number];

export const REPORT_FORMATS = ["md", "html", "json"] as const;

/** Of a run that is over; it changes only with the run. */
export function analysisQuery(scope: Scope, run: EvalRun) {
  return queryOptions({
    queryKey: [...evalRunKeys.one(scope, run.id), "analysis", run.state, run.finished_at],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/evals/runs/{run_id}/analysis", {
          params: { path: { run_id: run.id }, query: projectOf(scope) },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Where an analysis can be had as a file. */
export function analysisReportAddress(scope: Scope, id: string, format: string, language: string): string {
  const query = new URLSearchParams({ ...projectOf(scope), format, language });
  return `/api/v1/evals/runs/${encodeURIComponent(id)}/analysis/report?${query}`;
}
