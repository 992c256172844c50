/** What can be measured: the metrics that the server knows. */

import { queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type EvalMetric = components["schemas"]["EvalMetricView"];

export function evalMetricsQuery(scope: Scope) {
  return queryOptions({
    queryKey: ["eval-metrics", scope.project ?? null],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/evals/metrics", { params: { query: projectOf(scope) }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
