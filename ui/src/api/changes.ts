import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Bounds } from "@/lib/time-range";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type Change = components["schemas"]["ListedChangeView"];
/** What telemetry shows for the first time; other kinds somebody told of, in words of their own. */
export const SEEN_KINDS = ["environment", "service", "version", "model", "prompt"] as const;
export type SeenKind = (typeof SEEN_KINDS)[number];

/** The kind of a change that telemetry showed; null of one that somebody told of. */
export function seenKind({ origin, kind }: Change): SeenKind | null {
  return origin === "seen" ? (SEEN_KINDS.find((known) => known === kind) ?? null) : null;
}

/** What somebody told of, such as `voc-chat 1.8.2 (1.8.1 → 1.8.2)`. */
export function toldText({ title, subject, before, after }: Change): string {
  const values = before && after ? `${before} → ${after}` : (after ?? before);
  return values ? `${title ?? subject} (${values})` : (title ?? subject);
}

/** What somebody told of in a range, and what telemetry showed for the first time; newest first. */
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
