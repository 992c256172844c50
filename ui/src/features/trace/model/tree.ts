/** The shape of a trace as rows of a list: sums over subtrees, what is folded away, what a filter leaves. */

import type { TraceAnswer, TraceSpan } from "@/api/trace";

/** What a span and everything below it add up to. */
export interface Sums {
  spans: number;
  errors: number;
  /** Over leaf model spans; null if nobody reported any. */
  inputTokens: number | null;
  outputTokens: number | null;
  /** US dollars; null if nothing has a price. */
  cost: number | null;
}

export interface Node {
  span: TraceSpan;
  /** Place in depth-first order. */
  index: number;
  /** One past the last place of its subtree. */
  end: number;
  /** Place of the span above; -1 for tops. */
  parent: number;
  sums: Sums;
  /** The subtree goes on in a page that has not come. */
  isPartial: boolean;
}

/** Sum up every subtree of spans in depth-first order. */
export function buildNodes(spans: readonly TraceSpan[], hasMore: boolean): Node[] {
  const nodes: Node[] = [];
  const open: Node[] = [];
  const close = (isPartial: boolean) => {
    const node = open.pop();
    if (!node) return;
    node.end = nodes.length;
    node.isPartial = isPartial;
    const above = open.at(-1);
    if (above) addTo(above.sums, node.sums);
  };
  for (const [index, span] of spans.entries()) {
    while (open.length && (open.at(-1)?.span.depth ?? 0) >= span.depth) close(false);
    const node = { span, index, end: index + 1, parent: open.at(-1)?.index ?? -1, sums: ownSums(span) };
    nodes.push({ ...node, isPartial: false });
    open.push(nodes[index] as Node);
  }
  while (open.length) close(hasMore);
  return nodes;
}

function ownSums(span: TraceSpan): Sums {
  // A span that repeats the usage of those below it would be counted twice.
  const counts = !span.is_usage_rollup;
  return {
    spans: 1,
    errors: span.status === "error" ? 1 : 0,
    inputTokens: counts ? span.input_tokens : null,
    outputTokens: counts ? span.output_tokens : null,
    cost: counts ? span.cost_usd : null,
  };
}

function addTo(sums: Sums, more: Sums): void {
  sums.spans += more.spans;
  sums.errors += more.errors;
  sums.inputTokens = plus(sums.inputTokens, more.inputTokens);
  sums.outputTokens = plus(sums.outputTokens, more.outputTokens);
  sums.cost = plus(sums.cost, more.cost);
}

function plus(left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : left + right;
}

export type Mode = "tree" | "timeline";

export interface RowsQuestion {
  mode: Mode;
  /** Ids of spans whose subtree is folded away. */
  folded: ReadonlySet<string>;
  text: string;
  /** Ids of spans whose whole texts hold the text. */
  found: ReadonlySet<string>;
  kinds: readonly string[];
  onlyErrors: boolean;
}

export interface Row {
  node: Node;
  /** Found by the filter itself, not shown for what is below it. */
  isMatch: boolean;
}

/** Which rows are shown, in order. A filter keeps the spans above its matches, so that their place is seen. */
export function rowsOf(nodes: readonly Node[], question: RowsQuestion): Row[] {
  const matches = isFiltered(question) ? matcherOf(question) : null;
  if (question.mode === "timeline") {
    const kept = matches ? nodes.filter(({ span }) => matches(span)) : [...nodes];
    return kept.sort(byTime).map((node) => ({ node, isMatch: matches !== null }));
  }
  return matches ? matchingRows(nodes, matches) : unfoldedRows(nodes, question.folded);
}

export function isFiltered({ text, kinds, onlyErrors }: RowsQuestion): boolean {
  return text.trim() !== "" || kinds.length > 0 || onlyErrors;
}

function byTime(left: Node, right: Node): number {
  return left.span.offset_ms - right.span.offset_ms || left.index - right.index;
}

function unfoldedRows(nodes: readonly Node[], folded: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < nodes.length; ) {
    const node = nodes[at] as Node;
    rows.push({ node, isMatch: false });
    at = folded.has(node.span.span_id) ? node.end : at + 1;
  }
  return rows;
}

function matchingRows(nodes: readonly Node[], matches: (span: TraceSpan) => boolean): Row[] {
  const found = new Set<number>();
  const kept = new Set<number>();
  for (const node of nodes) {
    if (!matches(node.span)) continue;
    found.add(node.index);
    for (let at = node.index; at >= 0 && !kept.has(at); at = nodes[at]?.parent ?? -1) kept.add(at);
  }
  return nodes
    .filter(({ index }) => kept.has(index))
    .map((node) => ({ node, isMatch: found.has(node.index) }));
}

function matcherOf({ text, found, kinds, onlyErrors }: RowsQuestion): (span: TraceSpan) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (span) => {
    if (onlyErrors && span.status !== "error") return false;
    if (kinds.length && !kinds.includes(span.kind ?? "other")) return false;
    return words.length === 0 || found.has(span.span_id) || hasWords(span, words);
  };
}

function hasWords(span: TraceSpan, words: string[]): boolean {
  const { name, kind, model, tool_name, status_message, error_type, input_preview, output_preview } = span;
  const parts = [
    span.span_id,
    name,
    kind,
    model,
    tool_name,
    status_message,
    error_type,
    input_preview,
    output_preview,
  ];
  const written = parts.filter(Boolean).join("\n").toLowerCase();
  return words.every((word) => written.includes(word));
}

/** Stretches of the critical path by span, as shares of the trace's time; what is closer than can be seen is one. */
export function pathSegments(
  trace: Pick<TraceAnswer, "critical_path" | "duration_ms">,
): Map<string, [number, number][]> {
  const segments = new Map<string, [number, number][]>();
  const total = trace.duration_ms || 1;
  for (const { span_id, offset_ms, duration_ms } of trace.critical_path) {
    const [start, end] = [offset_ms / total, (offset_ms + duration_ms) / total];
    const known = segments.get(span_id) ?? [];
    const last = known.at(-1);
    if (last && start - last[1] < FINEST_SHARE) last[1] = end;
    else known.push([start, end]);
    segments.set(span_id, known);
  }
  return segments;
}

const FINEST_SHARE = 1 / 4000;
