import type { SeriesAnswer, Signal } from "@/api/signals";

type FakeSignal = Partial<Omit<Signal, "title" | "description">> & { title?: Record<string, string> };

export function createFakeSignal({
  name = "llm.failure_rate",
  title,
  ...overrides
}: FakeSignal = {}): Signal {
  return {
    name,
    title: title ?? { en: `Title of ${name}`, ko: `${name} 제목` },
    description: {
      en: "Share of model calls that ended with an error.",
      ko: "오류로 끝난 호출의 비율입니다.",
    },
    over: "spans where kind = 'llm'",
    value: "ratio(status = 'error')",
    per_seconds: null,
    by: ["service", "model"],
    unit: "ratio",
    better: "lower",
    bands: { normal: null, warning: "> 0.02", critical: "> 0.1", min_count: 20 },
    ...overrides,
  };
}

/** Two windows of a minute, the second not complete yet. */
export function createFakeAnswer(overrides: Partial<SeriesAnswer> = {}): SeriesAnswer {
  return {
    name: "llm.failure_rate",
    unit: "ratio",
    since: "2026-11-28T10:00:00Z",
    until: "2026-11-28T10:02:00Z",
    step_seconds: 60,
    by: [],
    watermark: "2026-11-28T10:01:30Z",
    tables: ["spans_by_minute"],
    starts: ["2026-11-28T10:00:00Z", "2026-11-28T10:01:00Z"],
    complete: [true, false],
    series: [createFakeSeries()],
    ...overrides,
  };
}

type Series = SeriesAnswer["series"][number];

export function createFakeSeries(overrides: Partial<Series> = {}): Series {
  return {
    labels: {},
    values: [0.15, null],
    counts: [40, 0],
    bands: ["critical", "no_data"],
    ...overrides,
  };
}
