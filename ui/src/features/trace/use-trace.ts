import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { type TracePage, traceQuery } from "@/api/trace";
import { useLiveEvent } from "@/lib/live";
import { usePageState } from "@/lib/page-state";
import { buildNodes, type Node, pathSegments } from "./model/tree";

/** Pages come by themselves up to here; more only if somebody asks for it. */
const AUTO_SPANS = 20_000;
const REFRESH_MS = 5000;
/** A trace of this size is not read again because a span came in; that would take longer than it is worth. */
const MAX_REFRESHED_SPANS = 5000;

export interface LoadedTrace {
  trace: TracePage["trace"];
  nodes: Node[];
  byId: ReadonlyMap<string, Node>;
  /** Stretches of the critical path by span. */
  segments: ReadonlyMap<string, [number, number][]>;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
}

/** A trace and as many of its spans as have come. */
export function useTrace(traceId: string) {
  const { scope } = usePageState();
  const query = useInfiniteQuery(traceQuery(scope, traceId));
  const { data, hasNextPage, isFetching, isError, fetchNextPage, isFetchingNextPage } = query;
  const spans = useMemo(() => data?.pages.flatMap((page) => page.spans) ?? [], [data]);
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && spans.length < AUTO_SPANS) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, spans.length, fetchNextPage]);
  useGrowth(traceId, spans.length < MAX_REFRESHED_SPANS, () => void query.refetch());
  const trace = data?.pages[0]?.trace;
  const nodes = useMemo(() => buildNodes(spans, hasNextPage), [spans, hasNextPage]);
  const byId = useMemo(() => new Map(nodes.map((node) => [node.span.span_id, node])), [nodes]);
  const segments = useMemo(() => (trace ? pathSegments(trace) : new Map()), [trace]);
  const loaded: LoadedTrace | null = trace
    ? {
        trace,
        nodes,
        byId,
        segments,
        hasMore: hasNextPage,
        isLoadingMore: isFetchingNextPage,
        loadMore: () => void fetchNextPage(),
      }
    : null;
  return { query, loaded };
}

/** Ask again when spans of the trace have come in, not more often than every five seconds. */
function useGrowth(traceId: string, isWanted: boolean, refresh: () => void): void {
  const last = useRef(0);
  useLiveEvent("traces", ({ traces }) => {
    if (!isWanted || Date.now() - last.current < REFRESH_MS) return;
    if (!traces.some(({ trace_id }) => trace_id === traceId)) return;
    last.current = Date.now();
    refresh();
  });
}
