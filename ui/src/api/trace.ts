/** One trace and its spans; lists of traces are asked for in `traces.ts`. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type TraceAnswer = components["schemas"]["TraceAnswer"];
export type SpanAnswer = components["schemas"]["SpanAnswer"];
export type TreeSpan = components["schemas"]["TreeSpan"];
export type Score = components["schemas"]["ScoreView"];
export type LogRecord = components["schemas"]["LogView"];
export type SpanEvent = components["schemas"]["EventView"];
export type Profile = components["schemas"]["ProfileView"];
export type ProfileFrame = components["schemas"]["FrameView"];
export type Totals = components["schemas"]["TotalsView"];

export type Conversation = components["schemas"]["ConversationView"];
export type Message = components["schemas"]["MessageView"];
export type MessagePart = components["schemas"]["PartView"];
export type RetrievedDocument = components["schemas"]["RetrievedView"];

const ROW_COLUMNS = [
  ...(["span_id", "parent_span_id", "name", "kind", "started_at", "duration_ms", "offset_ms"] as const),
  ...(["depth", "placement", "child_count", "copies", "status", "status_message", "error_class"] as const),
  ...(["error_type", "model", "tool_name", "input_tokens", "output_tokens", "cost_usd"] as const),
  ...(["is_usage_rollup", "document_count", "input_preview", "output_preview"] as const),
  ...(["environment", "service", "version", "session_id", "user_id", "request_id"] as const),
] as const;

/** What the tree, the waterfall and the head of a trace need of a span; the rest is asked for span by span. */
export type TraceSpan = Pick<TreeSpan, (typeof ROW_COLUMNS)[number]>;

export interface TracePage {
  /** All that is said of the trace as a whole. */
  trace: Omit<TraceAnswer, "spans">;
  spans: TraceSpan[];
}

/** The first page is small, so that something is there at once. */
const FIRST_PAGE_SPANS = 1000;
const NEXT_PAGE_SPANS = 4000;

export const traceKeys = {
  all: ["trace"] as const,
  one: (scope: Scope, traceId: string) => [...traceKeys.all, scope.project ?? null, traceId] as const,
  spans: (scope: Scope, traceId: string) => [...traceKeys.one(scope, traceId), "tree"] as const,
  withText: (scope: Scope, traceId: string, text: string) =>
    [...traceKeys.one(scope, traceId), "with-text", text] as const,
  profiles: (scope: Scope, traceId: string) => [...traceKeys.one(scope, traceId), "profiles"] as const,
  span: (scope: Scope, traceId: string, spanId: string) =>
    [...traceKeys.one(scope, traceId), "span", spanId] as const,
};

/** A trace, with its spans in depth-first order, page by page. */
export function traceQuery(scope: Scope, traceId: string) {
  return infiniteQueryOptions({
    queryKey: traceKeys.spans(scope, traceId),
    queryFn: ({ pageParam, signal }) => fetchPage(scope, traceId, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.trace.next_cursor,
    staleTime: 60_000,
  });
}

async function fetchPage(
  scope: Scope,
  traceId: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<TracePage> {
  const { spans, ...trace } = await ask(
    client.GET("/api/v1/traces/{trace_id}", {
      params: {
        path: { trace_id: traceId },
        query: {
          ...projectOf(scope),
          payloads: false,
          limit: cursor ? NEXT_PAGE_SPANS : FIRST_PAGE_SPANS,
          ...(cursor ? { cursor } : {}),
        },
      },
      signal,
    }),
  );
  return { trace, spans: spans.map(rowOf) };
}

/** Attributes and resources of thousands of spans would fill the memory and are looked at one by one. */
function rowOf(span: TreeSpan): TraceSpan {
  return Object.fromEntries(ROW_COLUMNS.map((column) => [column, span[column]])) as unknown as TraceSpan;
}

/** One span with whole texts, attributes, events, logs and scores. */
export function spanQuery(scope: Scope, traceId: string, spanId: string) {
  return queryOptions({
    queryKey: traceKeys.span(scope, traceId, spanId),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/traces/{trace_id}/spans/{span_id}", {
          params: { path: { trace_id: traceId, span_id: spanId }, query: projectOf(scope) },
          signal,
        }),
      ),
    staleTime: 60_000,
  });
}

/** Where the profiled spans of a trace spent their time. */
export function profilesQuery(scope: Scope, traceId: string) {
  return queryOptions({
    queryKey: traceKeys.profiles(scope, traceId),
    queryFn: async ({ signal }) => {
      const answer = await ask(
        client.GET("/api/v1/traces/{trace_id}/profiles", {
          params: { path: { trace_id: traceId }, query: projectOf(scope) },
          signal,
        }),
      );
      return answer.profiles;
    },
    // What has been profiled does not change, and what retention has removed does not come back.
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

/** More hits than a person goes through. */
const MAX_FOUND = 500;

/** Ids of the spans of a trace whose whole input or output holds a text; rows know only the first words. */
export function spansWithTextQuery(scope: Scope, traceId: string, text: string) {
  return queryOptions({
    queryKey: traceKeys.withText(scope, traceId, text),
    queryFn: async ({ signal }) => {
      const filter = [`trace_id:eq:${traceId}`];
      const query = { ...projectOf(scope), level: "span", q: text, filter, limit: MAX_FOUND } as const;
      const answer = await ask(client.GET("/api/v1/traces", { params: { query }, signal }));
      return "spans" in answer ? answer.spans.map(({ span_id }) => span_id) : [];
    },
    staleTime: 60_000,
  });
}
