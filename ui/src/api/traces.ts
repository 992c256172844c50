/** Lists of traces and spans, and what stands around them; one trace is asked for in `trace.ts`. */

import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { lengthOf, type TimeRange } from "@/lib/time-range";
import { ask, client, projectOf, type Scope, whereOf } from "./client";
import { ApiProblem } from "./problem";
import type { components } from "./schema.gen";
import { type FetchedRows, firstPages, type ListRow, type RowPages, withNewest } from "./trace-rows";

export type Column = components["schemas"]["ColumnView"];
export type ColumnList = components["schemas"]["ColumnList"];
export type Facet = components["schemas"]["FacetView"];
export type HistogramAnswer = components["schemas"]["HistogramAnswer"];
export type Level = components["schemas"]["Level"];
export type TraceSort = components["schemas"]["TraceSort"];

/** What a list, its histogram and its facets are about; filters are written `column:operator:value`. */
export interface TraceQuestion {
  project?: string | undefined;
  filters: readonly string[];
  q?: string | undefined;
  since: string;
  until?: string | undefined;
  level: Level;
}

export interface ListQuestion extends TraceQuestion {
  sort: TraceSort;
}

/** A filter that the server does not understand, and what it says of it. */
export interface Refusal {
  filter: string;
  problem: ApiProblem;
}

const FIRST_ROWS = 100;
const NEXT_ROWS = 200;
/** A page that is asked for again may have grown by what came late. */
const AGAIN_ROWS = 300;
const OLD_MS = 10_000;

export const tracesKeys = {
  all: ["traces"] as const,
  rows: (question: ListQuestion) => [...tracesKeys.all, "rows", question] as const,
  histogram: (question: TraceQuestion, buckets: number) =>
    [...tracesKeys.all, "histogram", question, buckets] as const,
  facets: (question: TraceQuestion, columns: readonly string[], limit: number) =>
    [...tracesKeys.all, "facets", question, columns, limit] as const,
  columns: () => [...tracesKeys.all, "columns"] as const,
};

/** Every column that filters may name; it changes with the version of the server only. */
export const columnsQuery = queryOptions({
  queryKey: tracesKeys.columns(),
  queryFn: ({ signal }) => ask(client.GET("/api/v1/traces/columns", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The rows of a list, page by page. Asking again brings what is new and keeps the pages that are there. */
export function rowsQuery(question: ListQuestion, cache: QueryClient) {
  const queryKey = tracesKeys.rows(question);
  return queryOptions({
    queryKey,
    queryFn: async ({ signal }): Promise<RowPages> => {
      const fetched = await fetchNewest(question, signal);
      const old = cache.getQueryData<RowPages>(queryKey);
      return old && question.sort === "newest" ? withNewest(old, fetched) : firstPages(fetched);
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: (query) => (Date.now() - query.state.dataUpdatedAt > OLD_MS ? "always" : false),
    // Comparing a hundred thousand rows with themselves would take longer than drawing those that are seen.
    structuralSharing: false,
    placeholderData: keepPreviousData,
  });
}

/** The first page; filters that the server refuses are left out and told. */
export async function fetchNewest(question: ListQuestion, signal?: AbortSignal): Promise<FetchedRows> {
  const refused: Refusal[] = [];
  const page = await withoutRefused(question.filters, refused, (filters) =>
    fetchRows({ ...question, filters }, null, FIRST_ROWS, signal),
  );
  return { ...page, refused };
}

/** The page after a cursor. */
export function fetchNext(question: ListQuestion, cursor: string, signal?: AbortSignal, isAgain = false) {
  return fetchRows(question, cursor, isAgain ? AGAIN_ROWS : NEXT_ROWS, signal);
}

interface Page {
  rows: ListRow[];
  next: string | null;
}

async function fetchRows(
  question: ListQuestion,
  cursor: string | null,
  limit: number,
  signal?: AbortSignal,
): Promise<Page> {
  const query = {
    ...queryOf(question),
    level: question.level,
    sort: question.sort,
    limit,
    ...(cursor ? { cursor } : {}),
  };
  const answer = await ask(
    client.GET("/api/v1/traces", { params: { query }, ...(signal ? { signal } : {}) }),
  );
  return { rows: answer.level === "span" ? answer.spans : answer.traces, next: answer.next_cursor };
}

export function histogramQuery(question: TraceQuestion, buckets = 60) {
  return queryOptions({
    queryKey: tracesKeys.histogram(question, buckets),
    queryFn: ({ signal }) =>
      withoutRefused(question.filters, [], (filters) =>
        ask(
          client.GET("/api/v1/traces/histogram", {
            params: { query: { ...queryOf({ ...question, filters }), level: question.level, buckets } },
            signal,
          }),
        ),
      ),
    placeholderData: keepPreviousData,
    meta: { live: true },
  });
}

/** The most frequent values of columns among the matching spans. */
export function facetsQuery(question: TraceQuestion, columns: readonly string[], limit = 8) {
  return queryOptions({
    queryKey: tracesKeys.facets(question, columns, limit),
    queryFn: ({ signal }) =>
      withoutRefused(question.filters, [], (filters) =>
        ask(
          client.GET("/api/v1/traces/facets", {
            params: { query: { ...queryOf({ ...question, filters }), column: [...columns], limit } },
            signal,
          }),
        ),
      ),
    enabled: columns.length > 0,
    placeholderData: keepPreviousData,
    meta: { live: true },
  });
}

function queryOf({ project, filters, q, since, until }: TraceQuestion) {
  return {
    ...(project ? { project } : {}),
    ...(filters.length ? { filter: [...filters] } : {}),
    ...(q ? { q } : {}),
    since,
    ...(until ? { until } : {}),
  };
}

/** Ask with filters; those that the server names as wrong are left out, and the rest asked again. */
async function withoutRefused<T>(
  filters: readonly string[],
  refused: Refusal[],
  question: (filters: readonly string[]) => Promise<T>,
): Promise<T> {
  let kept = filters;
  for (;;) {
    try {
      return await question(kept);
    } catch (error) {
      const wrong = error instanceof ApiProblem ? refusedFilter(error, kept) : undefined;
      if (wrong === undefined) throw error;
      refused.push({ filter: wrong, problem: error as ApiProblem });
      kept = kept.filter((filter) => filter !== wrong);
    }
  }
}

/** Which of the filters a problem is about. */
function refusedFilter(problem: ApiProblem, filters: readonly string[]): string | undefined {
  if (problem.status !== 422) return undefined;
  const { filter, column, operator } = problem.details;
  if (typeof filter === "string") return filters.find((written) => written === filter);
  if (typeof column !== "string") return undefined;
  const start = typeof operator === "string" ? `${column}:${operator}` : `${column}:`;
  const named = filters.filter((written) => written.startsWith(start));
  // Two filters of one column and operator differ in their values; the server's words hold the wrong one.
  return named.find((written) => problem.message.includes(`'${writtenValue(written)}'`)) ?? named[0];
}

function writtenValue(filter: string): string {
  return filter.split(":").slice(2).join(":");
}

/** The duration that 95 of 100 requests of a time stay under; null without data. */
export function slowLimitQuery(scope: Scope, range: TimeRange) {
  const where = whereOf(scope);
  return queryOptions({
    queryKey: [...tracesKeys.all, "slow", scope, range],
    queryFn: async ({ signal }) => {
      const answer = await ask(
        client.POST("/api/v1/signals/query", {
          params: { query: projectOf(scope) },
          body: {
            queries: [
              { name: "requests.p95_latency_ms", by: [], ...timesOf(range), ...(where ? { where } : {}) },
            ],
            shape: "series",
          },
          signal,
        }),
      );
      const [first] = answer.results;
      return first && "starts" in first ? heaviest(first.series as Weighted[]) : null;
    },
    staleTime: 60_000,
  });
}

/** One window over all of a range. */
function timesOf(range: TimeRange) {
  if (range.kind === "last") return { last: range.length };
  return { since: range.since, until: range.until, step: `${Math.ceil(lengthOf(range))}s` };
}

interface Weighted {
  values: (number | null)[];
  counts: number[];
}

/** The value that rests on most observations. */
function heaviest(series: readonly Weighted[]): number | null {
  const [line] = series;
  if (!line) return null;
  const most = line.counts.indexOf(Math.max(...line.counts));
  return line.values[most] ?? null;
}

/** The cost of the hundredth costliest call of a time; of the last one if there are fewer. */
export function costLimitQuery(question: Omit<ListQuestion, "level" | "sort">) {
  return queryOptions({
    queryKey: [...tracesKeys.all, "costly", question],
    queryFn: async ({ signal }) => {
      const list: ListQuestion = { ...question, level: "span", sort: "cost" };
      const { rows } = await fetchNewest(list, signal);
      return rows.map((row) => row.cost_usd).findLast((cost) => cost !== null) ?? null;
    },
    staleTime: 60_000,
  });
}

/** What a preview shows of a trace: its sums and the beginning of its tree, without whole texts. */
export type TracePreview = components["schemas"]["TraceAnswer"];

const PREVIEW_SPANS = 100;

export function previewQuery(scope: Scope, traceId: string) {
  return queryOptions({
    queryKey: [...tracesKeys.all, "preview", scope.project ?? null, traceId],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/traces/{trace_id}", {
          params: {
            path: { trace_id: traceId },
            query: { ...projectOf(scope), payloads: false, limit: PREVIEW_SPANS },
          },
          signal,
        }),
      ),
  });
}
