/** Alerts as they stand, and the history of one. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type Alert = components["schemas"]["AlertView"];
export type AlertState = Alert["state"];
export type Severity = Alert["severity"];
export type AlertDetail = components["schemas"]["AlertDetail"];
export type HistoryEntry = AlertDetail["history"][number];

/** The server tells what happens; values go on in between, so that they are asked for again this often. */
export const WATCH_MS = 15_000;
/** States that people have to know of. */
export const CURRENT_STATES = ["firing", "pending", "recovering", "no_data", "error"] as const;
const PAGE_ROWS = 100;

export interface AlertsQuestion {
  /** Empty for all. */
  states: readonly AlertState[];
  severity?: Severity | undefined;
  rule?: string | undefined;
}

export const alertKeys = {
  all: ["alerts"] as const,
  list: (scope: Scope, question: AlertsQuestion) =>
    [...alertKeys.all, "list", scope.project ?? null, question] as const,
  one: (scope: Scope, id: string) => [...alertKeys.all, "one", scope.project ?? null, id] as const,
};

/** Alerts in some states, the last changed first, page by page, with the counts of all states. */
export function alertsQuery(scope: Scope, { states, severity, rule }: AlertsQuestion) {
  return infiniteQueryOptions({
    queryKey: alertKeys.list(scope, { states, severity, rule }),
    queryFn: ({ pageParam, signal }) => {
      const query = {
        ...projectOf(scope),
        state: [...states],
        limit: PAGE_ROWS,
        ...(severity ? { severity } : {}),
        ...(rule ? { rule } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return ask(client.GET("/api/v1/alerts", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: WATCH_MS,
    meta: { watched: true },
  });
}

/** One alert with what happened to it, newest first. */
export function alertQuery(scope: Scope, id: string) {
  return queryOptions({
    queryKey: alertKeys.one(scope, id),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/alerts/{alert_id}", {
          params: { path: { alert_id: id }, query: projectOf(scope) },
          signal,
        }),
      ),
    refetchInterval: WATCH_MS,
    meta: { watched: true },
  });
}
