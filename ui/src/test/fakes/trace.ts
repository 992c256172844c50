import type { SpanAnswer, TraceAnswer, TreeSpan } from "@/api/trace";

const START = Date.parse("2026-01-01T00:00:00Z");

type WholeSpan = Omit<SpanAnswer, "conversation" | "retrieved" | "logs" | "scores">;

/** A span with all its columns; ids are made of a number. */
export function fakeSpanId(number: number): string {
  return number.toString(16).padStart(16, "0");
}

export const FAKE_TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

function wholeSpan(overrides: Partial<TreeSpan & SpanAnswer>): WholeSpan {
  const offset = overrides.offset_ms ?? 0;
  const absent = Object.fromEntries(ABSENT.map((name) => [name, null]));
  return {
    ...absent,
    trace_id: FAKE_TRACE_ID,
    span_id: fakeSpanId(1),
    started_at: new Date(START + offset).toISOString(),
    received_at: new Date(START).toISOString(),
    name: "work",
    duration_ms: 100,
    status: "unset",
    token_source: "none",
    is_usage_rollup: false,
    cost_source: "none",
    documents: [],
    masked_count: 0,
    mapping_version: 1,
    resource_attributes: {},
    attributes: {},
    events: [],
    links: [],
    absent_texts: [],
    copies: 1,
    ...overrides,
  } as WholeSpan;
}

const ABSENT = [
  ...(["parent_span_id", "ended_at", "kind", "operation", "component", "environment", "service"] as const),
  ...(["version", "status_message", "error_class", "error_type", "provider", "request_model"] as const),
  ...(["response_model", "model", "input_tokens", "uncached_input_tokens", "cache_read_tokens"] as const),
  ...(["cache_write_tokens", "cache_write_1h_tokens", "output_tokens", "reasoning_tokens"] as const),
  ...(["cost_usd", "reported_cost_usd", "price_version", "ttft_ms", "finish_reason", "session_id"] as const),
  ...(["user_id", "request_id", "tool_name", "document_count", "input_preview", "output_preview"] as const),
  ...(["input", "output", "input_source", "output_source"] as const),
];

/** A span in the tree of a trace. */
export function createFakeTreeSpan(overrides: Partial<TreeSpan> = {}): TreeSpan {
  return {
    ...wholeSpan(overrides),
    ...{ depth: 0, placement: "root", child_count: 0, offset_ms: 0 },
    ...overrides,
  };
}

/** A span by itself. */
export function createFakeSpan(overrides: Partial<SpanAnswer> = {}): SpanAnswer {
  return { ...wholeSpan(overrides), conversation: null, retrieved: null, logs: [], scores: [], ...overrides };
}

/** A trace whose sums are those of its spans. */
export function createFakeTrace(overrides: Partial<TraceAnswer> = {}): TraceAnswer {
  const spans = overrides.spans ?? [createFakeTreeSpan()];
  const ends = spans.map((span) => span.offset_ms + (span.duration_ms ?? 0));
  const duration = Math.max(...ends);
  const totals = {
    span_count: spans.length,
    error_count: spans.filter(({ status }) => status === "error").length,
    duration_ms: duration,
    ...{ input_tokens: null, output_tokens: null, cost_usd: null, unpriced_span_count: 0 },
  };
  return {
    trace_id: FAKE_TRACE_ID,
    root_span_id: spans[0]?.span_id ?? null,
    name: spans[0]?.name ?? null,
    started_at: new Date(START).toISOString(),
    duration_ms: duration,
    totals,
    ...{ by_kind: {}, by_model: {}, missing_parent_ids: [], profiled_span_ids: [] },
    ...{ duplicate_count: 0, is_cut: false },
    ...{ critical_path: [], spans, logs: [], has_more_logs: false, scores: [], next_cursor: null },
    ...overrides,
  };
}
