/** Questions that were not answered well, those that ask nearly the same together. */

import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Bounds } from "@/lib/time-range";
import { ask, client, filtersOf, projectOf, type Scope } from "./client";
import { datasetKeys } from "./datasets";
import type { components } from "./schema.gen";

export type Missed = components["schemas"]["MissedView"];
export type MissedQuestion = components["schemas"]["MissedClusterView"];
export type MissedTrace = components["schemas"]["MissedTraceView"];
export type MissedReason = components["schemas"]["MissedReason"];

/** In the order in which they are shown: what nobody may overlook first. */
export const MISSED_REASONS: readonly MissedReason[] = [
  "no_hits",
  "refusal",
  "low_score",
  "negative_feedback",
  "error",
];
/** As many as the server looks into. */
const MOST = 300;

/** Missed questions of a time range; texts are read for it, so it is not asked for again at every new trace. */
export function missedQuery(scope: Scope, bounds: Bounds, reason: MissedReason | undefined) {
  return queryOptions({
    queryKey: ["missed", scope, bounds, reason ?? null],
    queryFn: ({ signal }) => {
      const filter = filtersOf(scope);
      const query = {
        ...projectOf(scope),
        ...bounds,
        filter,
        limit: MOST,
        examples: MOST,
        ...(reason ? { reason: [reason] } : {}),
      };
      return ask(client.GET("/api/v1/evals/missed", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

export interface MissedChoice {
  dataset: string;
  /** The range that was looked at, so that what becomes an example is what was shown. */
  since: string;
  until: string;
  reason: MissedReason | undefined;
  /** Ids of questions; empty for all. */
  questions: readonly string[];
}

/** Make examples of missed questions, equal wordings once. */
export function useMissedDataset(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ dataset, since, until, reason, questions }: MissedChoice) =>
      ask(
        client.POST("/api/v1/evals/missed/dataset", {
          params: { query: projectOf(scope) },
          body: {
            ...{ dataset, since, until, filters: filtersOf(scope) },
            ...{ reasons: reason ? [reason] : [], clusters: [...questions] },
          },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: datasetKeys.all }),
  });
}

/** Where missed questions can be had as a file. */
export function missedFile(
  scope: Scope,
  { since, until }: Pick<Missed, "since" | "until">,
  reason: MissedReason | undefined,
  format: "csv" | "jsonl",
): string {
  const query = new URLSearchParams({ ...projectOf(scope), since, until, format });
  for (const filter of filtersOf(scope)) query.append("filter", filter);
  if (reason) query.append("reason", reason);
  return `/api/v1/evals/missed/export?${query}`;
}
