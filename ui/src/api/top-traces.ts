import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Bounds } from "@/lib/time-range";
import { ask, client, filtersOf, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type TraceRow = components["schemas"]["TraceRowView"];

/** The few traces of a range that took longest or cost most. */
export function topTracesQuery(scope: Scope, bounds: Bounds, sort: "duration" | "cost", limit: number) {
  return queryOptions({
    queryKey: ["top-traces", scope, bounds, sort, limit],
    queryFn: async ({ signal }) => {
      const query = { ...projectOf(scope), ...bounds, filter: filtersOf(scope), sort, limit };
      const answer = await ask(
        client.GET("/api/v1/traces", { params: { query: { ...query, level: "trace" } }, signal }),
      );
      return answer.level === "trace" ? answer.traces : [];
    },
    placeholderData: keepPreviousData,
    meta: { live: true },
  });
}
