import { queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type Status = components["schemas"]["StatusView"];

export const statusKeys = { all: ["status"] as const };

/** Version, addresses and totals of the server. */
export function statusQuery(scope: Scope) {
  return queryOptions({
    queryKey: [...statusKeys.all, scope.project ?? null],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/status", { params: { query: projectOf(scope) }, signal })),
  });
}
