/** Incidents: what people handle. */

import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { WATCH_MS } from "./alerts";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type IncidentRow = components["schemas"]["IncidentRow"];
export type Incident = components["schemas"]["IncidentView"];
export type IncidentState = Incident["state"];
export type IncidentAlert = Incident["alerts"][number];
export type TimelineEntry = Incident["timeline"][number];
export type Explanation = NonNullable<Incident["explanation"]>;

export type IncidentCounts = components["schemas"]["IncidentCounts"];

/** Those that wait for somebody first. */
export const INCIDENT_STATES = [
  "open",
  "acknowledged",
  "resolved",
] as const satisfies readonly IncidentState[];
const PAGE_ROWS = 50;

export interface IncidentsQuestion {
  /** Empty for all. */
  states: readonly IncidentState[];
  limit?: number;
}

export const incidentKeys = {
  all: ["incidents"] as const,
  list: (scope: Scope, question: IncidentsQuestion) =>
    [...incidentKeys.all, "list", scope.project ?? null, question] as const,
  one: (scope: Scope, id: string) => [...incidentKeys.all, "one", scope.project ?? null, id] as const,
};

function listQuery(scope: Scope, { states, limit }: IncidentsQuestion, cursor: string | null) {
  return {
    ...projectOf(scope),
    state: [...states],
    limit: limit ?? PAGE_ROWS,
    ...(cursor ? { cursor } : {}),
  };
}

/** Incidents in some states, newest first, page by page, with the counts of all states. */
export function incidentsQuery(scope: Scope, question: IncidentsQuestion) {
  return infiniteQueryOptions({
    queryKey: incidentKeys.list(scope, question),
    queryFn: ({ pageParam, signal }) =>
      ask(
        client.GET("/api/v1/incidents", {
          params: { query: listQuery(scope, question, pageParam) },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: WATCH_MS,
    meta: { watched: true },
  });
}

/** The newest incidents that are not over: for the side bar and the overview. */
export function openIncidentsQuery(scope: Scope) {
  const question: IncidentsQuestion = { states: ["open", "acknowledged"], limit: 20 };
  return queryOptions({
    queryKey: [...incidentKeys.list(scope, question), "open"],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/incidents", { params: { query: listQuery(scope, question, null) }, signal })),
    refetchInterval: WATCH_MS,
    meta: { watched: true },
  });
}

export function incidentQuery(scope: Scope, id: string) {
  return queryOptions({
    queryKey: incidentKeys.one(scope, id),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/incidents/{incident_id}", {
          params: { path: { incident_id: id }, query: projectOf(scope) },
          signal,
        }),
      ),
    refetchInterval: WATCH_MS,
    meta: { watched: true },
  });
}

export type IncidentAction =
  | { do: "acknowledge" }
  | { do: "assign"; to: string | null }
  | { do: "comment"; text: string }
  | { do: "resolve"; note: string | null }
  | { do: "reopen" };

/** Do something with an incident; its page knows the outcome before it is asked again. */
export function useIncidentAction(scope: Scope, id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (action: IncidentAction) => ask(send(scope, id, action)),
    onSuccess: () => cache.invalidateQueries({ queryKey: incidentKeys.all }),
  });
}

function send(scope: Scope, id: string, action: IncidentAction) {
  const params = { path: { incident_id: id }, query: projectOf(scope) };
  switch (action.do) {
    case "acknowledge":
      return client.POST("/api/v1/incidents/{incident_id}/acknowledge", { params });
    case "assign":
      return client.POST("/api/v1/incidents/{incident_id}/assign", { params, body: { to: action.to } });
    case "comment":
      return client.POST("/api/v1/incidents/{incident_id}/comment", { params, body: { text: action.text } });
    case "resolve":
      return client.POST("/api/v1/incidents/{incident_id}/resolve", { params, body: { note: action.note } });
    case "reopen":
      return client.POST("/api/v1/incidents/{incident_id}/reopen", { params });
  }
}
