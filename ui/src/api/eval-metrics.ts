/** What can be measured: the metrics that the server knows. */

import { queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";

export interface EvalMetric {
  name: string;
  title: Record<string, string>;
  description: Record<string, string>;
}

interface EvalMetricList {
  metrics: EvalMetric[];
}

export function evalMetricsQuery(scope: Scope) {
  return queryOptions({
    queryKey: ["eval-metrics", scope.project ?? null],
    queryFn: ({ signal }) =>
      ask<EvalMetricList>(
        client.GET(
          "/api/v1/evals/metrics" as never,
          { params: { query: projectOf(scope) }, signal } as never,
        ),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
