import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Bounds } from "@/lib/time-range";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type Change = components["schemas"]["ListedChangeView"];

/** What somebody told of, and what was first seen in a range: versions, models, prompts, services; newest first. */
export function changesQuery(scope: Scope, bounds: Bounds) {
  const { environment, service } = scope;
  const isInScope = (change: Change) =>
    (!environment || !change.environment || change.environment === environment) &&
    (!service || !change.service || change.service === service);
  return queryOptions({
    queryKey: ["changes", scope.project ?? null, bounds],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/changes", { params: { query: { ...projectOf(scope), ...bounds } }, signal })),
    select: (answer) => answer.changes.filter(isInScope),
    placeholderData: keepPreviousData,
    meta: { live: true },
  });
}
