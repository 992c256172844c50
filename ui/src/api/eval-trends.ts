/** The finished runs of a dataset in a line, with the places where the line breaks. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import { evalRunKeys } from "./eval-runs";
import type { components } from "./schema.gen";

export type Trend = components["schemas"]["EvalTrendView"];
export type TrendRun = Trend["runs"][number];
export type TrendBreak = TrendRun["breaks"][number];

/** Runs end on other machines too. */
const REFRESH_MS = 30_000;

export interface TrendQuestion {
  dataset: string;
  /** Absent: the one that most runs have. */
  metric?: string | undefined;
}

export function trendQuery(scope: Scope, { dataset, metric }: TrendQuestion) {
  return queryOptions({
    queryKey: [...evalRunKeys.all, "trend", scope.project ?? null, dataset, metric ?? null],
    queryFn: ({ signal }) => {
      const query = { ...projectOf(scope), dataset, ...(metric ? { metric } : {}) };
      return ask(client.GET("/api/v1/evals/trend", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}
