import type { Chart } from "@/api/boards";
import type { Answer } from "@/api/signals";
import { createFakeChart } from "@/test/fakes/boards";
import { createFakeAnswer, createFakeSignal } from "@/test/fakes/signals";
import { readChart, type Writing } from "./chart-data";
import { chartKey } from "./questions";

const signals = [
  createFakeSignal(),
  createFakeSignal({
    name: "p95",
    unit: "ms",
    bands: { normal: null, warning: "> 20000", critical: null, min_count: 1 },
  }),
  createFakeSignal({ name: "p50", unit: "ms", title: { en: "Median", ko: "중앙값" } }),
  createFakeSignal({ name: "hits", value: "histogram(hits, 0, 1)" }),
];
const writing: Writing = {
  signals: new Map(signals.map((signal) => [signal.name, signal])),
  language: "en",
  noLabel: "(not said)",
  marks: [],
};

function read(chart: Chart, ...answers: Answer[]) {
  const named = answers.map((answer) => [chartKey(chart, answer.name), answer] as const);
  return readChart(Object.fromEntries(named), chart, writing);
}

function split(label: string, sizes: Record<string, number>) {
  return Object.entries(sizes).map(([name, size]) => ({
    labels: { [label]: name },
    values: [size],
    counts: [size],
    bands: ["normal" as const],
  }));
}

describe("a chart", () => {
  it("waits until all of its signals are answered", () => {
    const chart = createFakeChart({ signals: ["p50", "p95"] });
    expect(read(chart, createFakeAnswer({ name: "p50", unit: "ms" }))).toBeNull();
  });

  it("names a series by its label, and says where there is none", () => {
    const chart = createFakeChart({ by: ["service"] });
    const data = read(chart, createFakeAnswer({ series: split("service", { "": 5, chat: 7 }) }));
    expect(data?.plots[0]?.content.series.map(({ label }) => label)).toEqual(["(not said)", "chat"]);
  });

  it("keeps the colours of series when one of them overtakes another", () => {
    const chart = createFakeChart({ by: ["service"] });
    const labels = (sizes: Record<string, number>) =>
      read(chart, createFakeAnswer({ series: split("service", sizes) }))?.plots[0]?.content.series;
    expect(labels({ b: 9, a: 1 })).toMatchObject([{ label: "a" }, { label: "b" }]);
    expect(labels({ a: 9, b: 1 })).toMatchObject([{ label: "a" }, { label: "b" }]);
  });

  it("shows the eight series that rest on most and says how many it left out", () => {
    const sizes = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`s${index}`, index + 1]));
    const data = read(
      createFakeChart({ by: ["service"] }),
      createFakeAnswer({ series: split("service", sizes) }),
    );
    expect(data?.hiddenCount).toBe(3);
    expect(data?.plots[0]?.content.series.map(({ label }) => label)).not.toContain("s0");
  });

  it("never puts two units on one axis", () => {
    const chart = createFakeChart({ signals: ["requests.count", "p95"] });
    const data = read(chart, createFakeAnswer(), createFakeAnswer({ name: "p95", unit: "ms" }));
    expect(data?.plots.map(({ content }) => content.unit)).toEqual(["requests", "ms"]);
  });

  it("stacks amounts, and stands times side by side", () => {
    const bars = (name: string, unit: string) =>
      read(createFakeChart({ kind: "bars", signals: [name] }), createFakeAnswer({ name, unit }))?.plots[0]
        ?.content.kind;
    expect(bars("requests.count", "requests")).toBe("stacked-bars");
    expect(bars("requests.count", "calls/min")).toBe("stacked-bars");
    expect(bars("requests.count", "tokens/call")).toBe("bars");
    expect(bars("p95", "ms")).toBe("bars");
  });

  it("draws the limits of the only signal that has some", () => {
    const chart = createFakeChart({ signals: ["p50", "p95"] });
    const data = read(
      chart,
      createFakeAnswer({ name: "p50", unit: "ms" }),
      createFakeAnswer({ name: "p95", unit: "ms" }),
    );
    expect(data?.plots[0]?.content.limits).toEqual([{ band: "warning", isUpper: true, value: 20_000 }]);
  });

  it("says which signal could not be answered and shows the others", () => {
    const chart = createFakeChart({ signals: ["requests.count", "gone"] });
    const failed = {
      name: "gone",
      error: { code: "signal.unknown", detail: "There is no signal gone.", hint: null },
    };
    const data = read(chart, createFakeAnswer(), failed);
    expect(data?.failures).toEqual([failed]);
    expect(data?.plots).toHaveLength(1);
  });
});

describe("a chart of shares", () => {
  const share = (signal: string, label: string, sizes: Record<string, number>, unit = "requests") =>
    read(
      createFakeChart({ kind: "share", signals: [signal], by: [label] }),
      createFakeAnswer({ name: signal, unit, series: split(label, sizes) }),
    )?.parts;

  it("divides amounts by their sum, largest first", () => {
    expect(share("requests.count", "service", { a: 1, b: 3 })).toEqual([
      { label: "b", value: 3, share: 0.75 },
      { label: "a", value: 1, share: 0.25 },
    ]);
  });

  it("takes shares as they are", () => {
    expect(share("requests.count", "model", { a: 0.2, b: 0.7 }, "ratio")?.map(({ share }) => share)).toEqual([
      0.7, 0.2,
    ]);
  });

  it("keeps the order of the buckets of a distribution", () => {
    expect(share("hits", "bucket", { "0": 1, "1": 5, "2+": 2 })?.map(({ label }) => label)).toEqual([
      "0",
      "1",
      "2+",
    ]);
  });

  it("has no parts where nothing was counted", () => {
    expect(share("requests.count", "service", { a: 0 })).toEqual([]);
  });
});
