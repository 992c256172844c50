import type { Question, SeriesAnswer, Signal } from "@/api/signals";

export function createFakeSignal(overrides: Partial<Signal> = {}): Signal {
  return {
    name: "requests.count",
    title: { en: "Requests", ko: "요청 수" },
    description: { en: "Number of requests.", ko: "요청의 수입니다." },
    over: "spans where is_root",
    value: "count()",
    per_seconds: null,
    by: ["service", "environment"],
    unit: "requests",
    better: "neutral",
    bands: { normal: null, warning: null, critical: null, min_count: 1 },
    ...overrides,
  };
}

/** An answer of one complete window of one series; values of several windows lengthen it. */
export function createFakeAnswer(
  overrides: Partial<SeriesAnswer> & { values?: readonly (number | null)[] } = {},
): SeriesAnswer {
  const { values = [42], ...rest } = overrides;
  const start = Date.parse("2026-11-20T09:00:00Z");
  const starts = values.map((_, index) => new Date(start + index * 60_000).toISOString());
  return {
    name: "requests.count",
    unit: "requests",
    since: starts[0] ?? "",
    until: new Date(start + values.length * 60_000).toISOString(),
    step_seconds: 60,
    by: [],
    watermark: "2026-11-20T10:00:00Z",
    tables: ["spans_by_minute"],
    starts,
    complete: values.map(() => true),
    series: [
      {
        labels: {},
        values: [...values],
        counts: values.map(() => 120),
        bands: values.map((value) => (value === null ? "no_data" : "normal")),
      },
    ],
    ...rest,
  };
}

/** What the server says to several questions, each answered by `answer`. */
export function createFakeAnswers(queries: readonly Question[], answer: (question: Question) => object) {
  return { results: queries.map((question) => ({ name: question.name, ...answer(question) })) };
}
