import type { ErrorGroup, ErrorGroupDetail, ErrorSample } from "@/api/error-groups";

export function createFakeErrorGroup(overrides: Partial<ErrorGroup> = {}): ErrorGroup {
  return {
    ...{ id: "0123456789abcdef0123456789abcdef", error_class: "timeout", error_type: "ReadTimeout" },
    ...{ message: "no answer after <n> s", service: "voc-chat", status: "ongoing" },
    ...{ count: 12, previous_count: 6, trend: [4, 8] },
    ...{ first_seen: "2026-01-01T00:00:00Z", last_seen: "2026-01-02T00:00:00Z" },
    ...{ model: "qwen2.5:7b", models: ["qwen2.5:7b"], name: "chat", names: ["chat"], versions: ["1.0"] },
    ...{ user_count: 3, session_count: 4, trace_count: 12 },
    ...{ example_trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", example_span_id: "0000000000000001" },
    ...overrides,
  };
}

export function createFakeErrorSample(overrides: Partial<ErrorSample> = {}): ErrorSample {
  return {
    ...{ at: "2026-01-02T00:00:00Z", trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" },
    ...{ span_id: "00000000000000aa", name: "chat", message: "no answer after 60 s" },
    ...{ model: "qwen2.5:7b", version: "1.0", environment: "prod" },
    ...{ user_id: null, session_id: null, request_id: null, duration_ms: 60_000 },
    ...overrides,
  };
}

export function createFakeErrorDetail(overrides: Partial<ErrorGroupDetail> = {}): ErrorGroupDetail {
  return {
    ...createFakeErrorGroup(),
    ...{ since: "2026-01-01T00:00:00Z", until: "2026-01-03T00:00:00Z", trend_step_seconds: 86_400 },
    splits: {
      version: [
        { value: "1.1", count: 9, previous_count: 0 },
        { value: "1.0", count: 3, previous_count: 6 },
      ],
      model: [{ value: "qwen2.5:7b", count: 12, previous_count: 6 }],
      environment: [{ value: null, count: 12, previous_count: 6 }],
      name: [],
    },
    samples: [createFakeErrorSample()],
    stack: { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", span_id: "00000000000000aa", text: "File a.py" },
    ...overrides,
  };
}
