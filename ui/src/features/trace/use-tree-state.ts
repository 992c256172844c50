import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { spansWithTextQuery } from "@/api/trace";
import { usePageState } from "@/lib/page-state";
import type { Viewport } from "./model/axis";
import { isFiltered, type Mode, type Node, type Row, rowsOf } from "./model/tree";
import type { LoadedTrace } from "./use-trace";
import { useRestingValue, useTraceSearch } from "./use-trace-search";

/** How far around a span one sees when its time fills the waterfall. */
const ZOOM_MARGIN = 0.05;

/** What is shown of a trace, what is folded away, what is chosen; chosen things live in the URL. */
export function useTreeState(loaded: LoadedTrace) {
  const [search, change] = useTraceSearch();
  const { nodes, byId, trace } = loaded;
  const [spanInUrl, writeSpan] = [
    search.span ?? null,
    (span: string | null) => change({ span: span ?? undefined }),
  ];
  const [chosen, select] = useRestingValue(spanInUrl, writeSpan);
  const [find, setFind] = useRestingValue(search.find ?? "", (text) => change({ find: text }));
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [zoom, setZoom] = useState<Viewport | null>(null);
  const found = useFound(trace.trace_id, search.find ?? "");
  const mode: Mode = search.view ?? "tree";
  const { kinds = NO_KINDS, errors: onlyErrors = false } = search;
  const question = useMemo(
    () => ({ mode, folded, text: find, found, kinds, onlyErrors }),
    [mode, folded, find, found, kinds, onlyErrors],
  );
  const rows = useMemo(() => rowsOf(nodes, question), [nodes, question]);
  const total = trace.duration_ms ?? 0;
  const selected = chosen ?? firstChoice(loaded);
  /** The chosen span once the keys rest; what is asked of the server follows it. */
  const rested = spanInUrl ?? firstChoice(loaded);
  const toggle = useCallback((spanId: string) => setFolded((old) => toggled(old, spanId)), []);
  /** Choose a span wherever it is: what hides it is unfolded. */
  const reveal = (node: Node) => {
    setFolded((old) => unfoldedAbove(nodes, node, old));
    select(node.span.span_id);
  };
  const viewport = useMemo(() => zoom ?? { start: 0, end: total }, [zoom, total]);
  const foldAll = () => setFolded((old) => (old.size ? new Set() : foldable(nodes)));
  const toggleZoom = () => {
    const span = selected ? byId.get(selected)?.span : undefined;
    setZoom(zoom || !span ? null : around(span.offset_ms, span.duration_ms ?? 0, total));
  };
  return {
    ...{ search, change, mode, rows, total, find, setFind },
    ...{ selected, rested, select, reveal, folded, toggle, foldAll },
    ...{ question, isFiltered: isFiltered(question), matchCount: countMatches(rows, isFiltered(question)) },
    ...{ viewport, isZoomed: zoom !== null, toggleZoom },
  };
}

const NO_KINDS: readonly string[] = [];
const MIN_SEARCHED_LENGTH = 2;
const MAX_SEARCHED_LENGTH = 1000;
const NOTHING: ReadonlySet<string> = new Set();

/** Spans whose whole texts hold what is looked for; the server knows them. */
function useFound(traceId: string, text: string): ReadonlySet<string> {
  const { scope } = usePageState();
  const wanted = text.trim();
  const isWanted = wanted.length >= MIN_SEARCHED_LENGTH && wanted.length <= MAX_SEARCHED_LENGTH;
  const query = useQuery({ ...spansWithTextQuery(scope, traceId, wanted), enabled: isWanted });
  return useMemo(() => (isWanted && query.data ? new Set(query.data) : NOTHING), [isWanted, query.data]);
}

export type TreeState = ReturnType<typeof useTreeState>;

function firstChoice({ trace, nodes }: LoadedTrace): string | null {
  return trace.root_span_id ?? nodes[0]?.span.span_id ?? null;
}

function toggled(old: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(old);
  if (!next.delete(id)) next.add(id);
  return next;
}

function unfoldedAbove(nodes: readonly Node[], node: Node, old: ReadonlySet<string>): ReadonlySet<string> {
  const next = new Set(old);
  for (let at = node.parent; at >= 0; at = nodes[at]?.parent ?? -1)
    next.delete(nodes[at]?.span.span_id ?? "");
  return next.size === old.size ? old : next;
}

/** Everything below the second level, so that the outline of the trace stays. */
function foldable(nodes: readonly Node[]): ReadonlySet<string> {
  const deep = nodes.filter(({ span }) => span.child_count > 0 && span.depth > 0);
  return new Set(deep.map(({ span }) => span.span_id));
}

function around(offset: number, duration: number, total: number): Viewport {
  const margin = Math.max(duration * ZOOM_MARGIN, total / 1e6, 0.001);
  return {
    start: Math.max(0, offset - margin),
    end: Math.min(offset + duration + margin, Math.max(total, offset + margin)),
  };
}

function countMatches(rows: readonly Row[], isFiltered: boolean): number | null {
  return isFiltered ? rows.filter(({ isMatch }) => isMatch).length : null;
}
