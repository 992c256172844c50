/** What people say of cases, and what that makes of the judge. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import { evalRunKeys } from "./eval-runs";
import type { components } from "./schema.gen";

export type MetricTrust = components["schemas"]["MetricTrustView"];
export type QueuedCase = components["schemas"]["QueuedView"];

const QUEUE_ROWS = 50;

const labelKeys = {
  all: ["eval-labels"] as const,
  queue: (scope: Scope, run: string, metric: string) =>
    [...labelKeys.all, "queue", scope.project ?? null, run, metric] as const,
  trust: (scope: Scope, run: string) => [...labelKeys.all, "trust", scope.project ?? null, run] as const,
};

/** Cases that the caller has not labelled yet, in an order drawn by lot; it stays while somebody goes through it. */
export function labelQueueQuery(scope: Scope, run: string, metric: string) {
  return queryOptions({
    queryKey: labelKeys.queue(scope, run, metric),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/evals/labels/queue", {
          params: { query: { ...projectOf(scope), run, metric, limit: QUEUE_ROWS } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

/** How the metrics of a run agree with what people say. */
export function trustQuery(scope: Scope, run: string) {
  return queryOptions({
    queryKey: labelKeys.trust(scope, run),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/evals/trust", { params: { query: { ...projectOf(scope), run } }, signal })),
  });
}

export interface NewLabel {
  run: string;
  metric: string;
  exampleId: string;
  /** 1 is a pass, 0 a fail. */
  value: 0 | 1;
}

export function useAddLabel(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ run, metric, exampleId, value }: NewLabel) =>
      ask(
        client.POST("/api/v1/evals/labels", {
          params: { query: projectOf(scope) },
          body: { run, labels: [{ example_id: exampleId, metric, value }] },
        }),
      ),
    onSuccess: (_, { run }) => cache.invalidateQueries({ queryKey: labelKeys.trust(scope, run) }),
  });
}

/** Keep what was measured as what is known of these metrics and judges. */
export function useCalibrate(scope: Scope, run: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () =>
      ask(client.POST("/api/v1/evals/trust", { params: { query: projectOf(scope) }, body: { run } })),
    // What is kept is said of every run that this judge judged.
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: labelKeys.trust(scope, run) }),
        cache.invalidateQueries({ queryKey: evalRunKeys.all }),
      ]),
  });
}
