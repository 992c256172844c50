/** Two runs held against each other. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import { type EvalCase, evalRunKeys } from "./eval-runs";
import type { components } from "./schema.gen";

export type Comparison = components["schemas"]["ComparisonView"];
export type MetricComparison = Comparison["metrics"][number];
export type Verdict = MetricComparison["verdict"];
export type Notice = Comparison["notices"][number];
export type RunChange = NonNullable<Comparison["changes"]>[number];
export type PassComparison = NonNullable<Comparison["cases"]>;
export type SliceComparison = NonNullable<Comparison["slices"]>[number];

const PAGE_ROWS = 500;
/** Cases of a run that are held against those of another on this page. */
export const MOST_PAIRS = 2000;

/** What `b` says against `a`, metric by metric, with the parts of the cases that lost. */
export function comparisonQuery(scope: Scope, a: string, b: string) {
  return queryOptions({
    queryKey: ["eval-comparison", scope.project ?? null, a, b],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/evals/compare", {
          params: { query: { ...projectOf(scope), a, b, slices: true } },
          signal,
        }),
      ),
  });
}

export interface AllCases {
  cases: EvalCase[];
  /** There are more than were fetched. */
  isCut: boolean;
}

/** The cases of a run in their order, as many as a page can hold against others. */
export function allCasesQuery(scope: Scope, id: string) {
  return queryOptions({
    queryKey: [...evalRunKeys.one(scope, id), "all-cases"],
    queryFn: async ({ signal }): Promise<AllCases> => {
      const cases: EvalCase[] = [];
      let cursor: string | null = null;
      do {
        const query: Record<string, string | number> = { ...projectOf(scope), limit: PAGE_ROWS };
        if (cursor) query.cursor = cursor;
        const page = await fetchPage(id, query, signal);
        cases.push(...page.cases);
        cursor = page.next_cursor;
      } while (cursor && cases.length < MOST_PAIRS);
      return { cases, isCut: cursor !== null };
    },
    placeholderData: keepPreviousData,
  });
}

function fetchPage(id: string, query: Record<string, string | number>, signal: AbortSignal) {
  return ask(
    client.GET("/api/v1/evals/runs/{run_id}/cases", { params: { path: { run_id: id }, query }, signal }),
  );
}
