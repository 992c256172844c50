import { queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";

/** Environments, services, models and versions seen in the last 30 days, newest first. */
export function dimensionsQuery(scope: Scope) {
  return queryOptions({
    queryKey: ["dimensions", scope.project ?? null],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/dimensions", { params: { query: projectOf(scope) }, signal })),
    staleTime: 60_000,
  });
}
