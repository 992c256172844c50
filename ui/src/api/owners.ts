/** Sessions and users: whose traces they are. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Bounds } from "@/lib/time-range";
import { ask, client, filtersOf, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type Session = components["schemas"]["SessionView"];
export type User = components["schemas"]["UserView"];
/** What sessions and users have in common. */
export type OwnerTotals = Omit<Session, "session_id" | "user_ids">;
export type OwnerSort = components["schemas"]["OwnerSort"];
export type TraceRow = components["schemas"]["TraceRowView"];
export type Owner = "session" | "user";

export const OWNER_SORTS = ["last_at", "trace_count", "error_count", "total_tokens", "cost_usd"] as const;
const PAGE_ROWS = 100;

export interface OwnersQuestion {
  bounds: Bounds;
  sort: OwnerSort;
  /** Part of the id. */
  text?: string | undefined;
  /** Further filters, `column:operator:value`. */
  filters?: string[];
}

export const ownerKeys = {
  all: ["owners"] as const,
  list: (owner: Owner, scope: Scope, question: OwnersQuestion) =>
    [...ownerKeys.all, owner, "list", scope, question] as const,
  one: (owner: Owner, scope: Scope, id: string) =>
    [...ownerKeys.all, owner, "one", scope.project ?? null, id] as const,
  traces: (owner: Owner, scope: Scope, id: string) => [...ownerKeys.one(owner, scope, id), "traces"] as const,
};

function listQuery(owner: Owner, scope: Scope, question: OwnersQuestion, cursor: string | null) {
  const { bounds, sort, text, filters = [] } = question;
  const byId = text ? [`${owner}_id:contains:${text}`] : [];
  return {
    ...projectOf(scope),
    ...bounds,
    sort,
    filter: [...filtersOf(scope), ...byId, ...filters],
    limit: PAGE_ROWS,
    ...(cursor ? { cursor } : {}),
  };
}

/** Sessions over a time range, greatest first, page by page. */
export function sessionsQuery(scope: Scope, question: OwnersQuestion) {
  return infiniteQueryOptions({
    queryKey: ownerKeys.list("session", scope, question),
    queryFn: async ({ pageParam, signal }) => {
      const query = listQuery("session", scope, question, pageParam);
      const { sessions, next_cursor } = await ask(
        client.GET("/api/v1/sessions", { params: { query }, signal }),
      );
      return { rows: sessions, next_cursor };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Users over a time range, greatest first, page by page. */
export function usersQuery(scope: Scope, question: OwnersQuestion) {
  return infiniteQueryOptions({
    queryKey: ownerKeys.list("user", scope, question),
    queryFn: async ({ pageParam, signal }) => {
      const query = listQuery("user", scope, question, pageParam);
      const { users, next_cursor } = await ask(client.GET("/api/v1/users", { params: { query }, signal }));
      return { rows: users, next_cursor };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** One session, over all time, with its newest traces. */
export function sessionQuery(scope: Scope, id: string) {
  return queryOptions({
    queryKey: ownerKeys.one("session", scope, id),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/sessions/{session_id}", {
          params: { path: { session_id: id }, query: projectOf(scope) },
          signal,
        }),
      ),
  });
}

/** One user, over all time, with their newest traces. */
export function userQuery(scope: Scope, id: string) {
  return queryOptions({
    queryKey: ownerKeys.one("user", scope, id),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/users/{user_id}", {
          params: { path: { user_id: id }, query: projectOf(scope) },
          signal,
        }),
      ),
  });
}

/** Traces of a session or user, over all time, newest first, page by page. */
export function tracesOfOwnerQuery(owner: Owner, scope: Scope, id: string) {
  return infiniteQueryOptions({
    queryKey: ownerKeys.traces(owner, scope, id),
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        ...projectOf(scope),
        filter: [`${owner}_id:eq:${id}`],
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      const answer = await ask(client.GET("/api/v1/traces", { params: { query }, signal }));
      return { rows: "traces" in answer ? answer.traces : [], next_cursor: answer.next_cursor };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
