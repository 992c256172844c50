import type { SpanRow, TraceRow } from "@/api/trace-rows";
import type { Column, HistogramAnswer, TracePreview } from "@/api/traces";

let made = 0;

/** A row of a list of traces; each one is a second older than the one before. */
export function createFakeTraceRow(overrides: Partial<TraceRow> = {}): TraceRow {
  const number = ++made;
  const at = new Date(Date.UTC(2026, 2, 1, 12) - number * 1000).toISOString();
  return {
    trace_id: number.toString(16).padStart(32, "0"),
    root: true,
    name: "POST /chat",
    kind: "chain",
    started_at: at,
    duration_ms: 1200,
    status: "ok",
    error_class: null,
    environment: "prod",
    service: "voc",
    version: "1.0",
    session_id: null,
    user_id: null,
    models: ["qwen2.5:7b"],
    span_count: 4,
    error_count: 0,
    input_tokens: 120,
    output_tokens: 40,
    cost_usd: 0.0012,
    unpriced_span_count: 0,
    input_preview: `Question ${number}`,
    output_preview: "Answer",
    matched_span_id: number.toString(16).padStart(16, "0"),
    matched_at: at,
    scores: [],
    ...overrides,
  };
}

export function createFakeSpanRow(overrides: Partial<SpanRow> = {}): SpanRow {
  const { trace_id, matched_span_id, started_at, name } = createFakeTraceRow();
  const row: Partial<SpanRow> = { status: "ok", input_tokens: null, output_tokens: null, cost_usd: null };
  return {
    trace_id,
    span_id: matched_span_id,
    started_at,
    name,
    duration_ms: 5,
    ...row,
    ...overrides,
  } as SpanRow;
}

const TEXT = ["eq", "ne", "in", "contains", "prefix", "is_null"];
const NUMBER = ["eq", "ne", "in", "gt", "gte", "lt", "lte", "is_null"];

function column(name: string, en: string, ko: string, rest: Partial<Column> = {}): Column {
  const common = { group: "what", unit: null, choices: [], is_list: false, has_facet: true };
  return { name, title: { en, ko }, type: "text", operators: TEXT, ...common, ...rest } as Column;
}

/** A few columns of each type, as the server describes them. */
export const FAKE_COLUMNS: Column[] = [
  column("model", "Model", "모델"),
  column("name", "Name", "이름"),
  column("service", "Service", "서비스"),
  column("environment", "Environment", "환경"),
  column("version", "Version", "버전"),
  column("user_id", "User", "사용자"),
  column("trace_id", "Trace", "트레이스", {
    type: "id",
    operators: ["eq", "ne", "in", "is_null"],
  } as Partial<Column>),
  column("status", "Status", "상태", {
    choices: ["unset", "ok", "error"],
    operators: ["eq", "ne", "in", "is_null"],
  } as Partial<Column>),
  column("error_class", "Error class", "오류 분류", {
    choices: ["timeout", "rate_limit", "parse"],
    operators: ["eq", "ne", "in", "is_null"],
  } as Partial<Column>),
  column("cache_hit", "Cache hit", "캐시 적중", {
    type: "flag",
    operators: ["eq", "ne", "is_null"],
  } as Partial<Column>),
  column("duration_ms", "Duration", "소요 시간", {
    type: "number",
    unit: "ms",
    operators: NUMBER,
    has_facet: false,
  } as Partial<Column>),
  column("cost_usd", "Cost", "비용", {
    type: "number",
    unit: "usd",
    operators: NUMBER,
    has_facet: false,
  } as Partial<Column>),
  column("input_tokens", "Input tokens", "입력 토큰", {
    type: "number",
    unit: "token",
    operators: NUMBER,
    has_facet: false,
  } as Partial<Column>),
];

export function createFakeColumnList() {
  return { groups: [{ name: "what", title: { en: "What", ko: "무엇을" } }], columns: FAKE_COLUMNS };
}

export function createFakeHistogram(overrides: Partial<HistogramAnswer> = {}): HistogramAnswer {
  const start = Date.UTC(2026, 2, 1, 11);
  const buckets = Array.from({ length: 6 }, (_, index) => ({
    start: new Date(start + index * 600_000).toISOString(),
    count: 10 * index,
    error_count: index,
  }));
  return {
    since: new Date(start).toISOString(),
    until: new Date(start + 3_600_000).toISOString(),
    level: "trace",
    step_seconds: 600,
    buckets,
    total: 150,
    error_total: 15,
    ...overrides,
  };
}

const TOTALS = {
  span_count: 2,
  error_count: 1,
  duration_ms: 1200,
  input_tokens: 120,
  output_tokens: 40,
  cost_usd: 0.0012,
  unpriced_span_count: 0,
};

export function createFakePreview(overrides: Partial<TracePreview> = {}): TracePreview {
  const root = {
    ...createFakeSpanRow({ name: "POST /chat" }),
    depth: 0,
    offset_ms: 0,
    placement: "root",
    child_count: 1,
  };
  const call = {
    ...createFakeSpanRow({
      name: "chat qwen2.5:7b",
      status: "error",
      error_class: "timeout",
      duration_ms: 900,
    }),
    parent_span_id: root.span_id,
    status_message: "upstream did not answer",
    depth: 1,
    offset_ms: 100,
  };
  return {
    trace_id: root.trace_id,
    root_span_id: root.span_id,
    name: root.name,
    started_at: root.started_at,
    duration_ms: 1200,
    totals: TOTALS,
    by_kind: {},
    by_model: { "qwen2.5:7b": TOTALS },
    missing_parent_ids: [],
    duplicate_count: 0,
    is_cut: false,
    critical_path: [],
    spans: [{ ...root, input_preview: "How are you?", output_preview: "Fine." }, call],
    logs: [],
    has_more_logs: false,
    scores: [],
    next_cursor: null,
    ...overrides,
  } as unknown as TracePreview;
}
