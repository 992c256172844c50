import { queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";

export const freshnessKeys = { all: ["freshness"] as const };

/** How fresh the project's data is, asked once; from then on the server tells (`useFreshness`). */
export function freshnessQuery(scope: Scope) {
  return queryOptions({
    queryKey: [...freshnessKeys.all, scope.project ?? null],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/freshness", { params: { query: projectOf(scope) }, signal })),
    staleTime: 60_000,
  });
}
