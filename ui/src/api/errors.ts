import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Bounds } from "@/lib/time-range";
import { ask, client, filtersOf, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type ErrorGroup = components["schemas"]["ErrorView"];

/** Failures that are alike, most frequent first. */
export function errorsQuery(scope: Scope, bounds: Bounds, limit: number) {
  return queryOptions({
    queryKey: ["errors", scope, bounds, limit],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/errors", {
          params: { query: { ...projectOf(scope), ...bounds, filter: filtersOf(scope), limit } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    meta: { live: true },
  });
}
