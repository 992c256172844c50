import type { Session, TraceRow, User } from "@/api/owners";

const TOTALS = {
  first_at: "2026-01-01T00:00:00Z",
  last_at: "2026-01-01T00:05:00Z",
  ...{ trace_count: 2, span_count: 10, error_count: 0, unpriced_span_count: 0 },
  ...{ models: ["qwen2.5:7b"], services: ["voc-chat"] },
  ...{ input_tokens: 900, output_tokens: 100, total_tokens: 1000, cost_usd: null },
};

export function createFakeSession(overrides: Partial<Session> = {}): Session {
  return { ...TOTALS, session_id: "session-1", user_ids: ["user-1"], ...overrides };
}

export function createFakeUser(overrides: Partial<User> = {}): User {
  return { ...TOTALS, user_id: "user-1", session_count: 1, ...overrides };
}

/** A trace of a session, with a question and an answer. */
export function createFakeTurn(overrides: Partial<TraceRow> = {}): TraceRow {
  return {
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
    root: true,
    name: "POST /voc/chat",
    kind: "chain",
    started_at: "2026-01-01T00:00:00Z",
    duration_ms: 1200,
    status: "ok",
    ...{ error_class: null, environment: "prod", service: "voc-chat", version: null },
    ...{ session_id: "session-1", user_id: "user-1", models: [], span_count: 5, error_count: 0 },
    ...{ input_tokens: null, output_tokens: null, cost_usd: null, unpriced_span_count: 0 },
    ...{ input_preview: "question", output_preview: "answer", scores: [] },
    ...{ matched_span_id: "0000000000000001", matched_at: "2026-01-01T00:00:00Z" },
    ...overrides,
  };
}
