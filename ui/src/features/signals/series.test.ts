import { createFakeAnswer, createFakeSeries, createFakeSignal } from "@/test/fakes/failing-signal";
import { familyOf, nearestSignals } from "./families";
import { recordsOf, toCsv, toJson } from "./records";
import { changed, readSignalSearch } from "./search";
import { contentOf, drawnKeys, isAdditive, shifted, totalsOf } from "./series";

const split = (values: Record<string, number>) =>
  createFakeAnswer({
    by: ["model"],
    series: Object.entries(values).map(([model, count]) =>
      createFakeSeries({ labels: { model }, values: [count / 100, null], counts: [count, 0] }),
    ),
  });

describe("series", () => {
  it("are drawn from the one with most records, as many as there are colours", () => {
    const counts = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`m${index}`, index + 1]));
    const totals = totalsOf(split(counts), false);
    expect(drawnKeys(totals, undefined)).toEqual([11, 10, 9, 8, 7, 6, 5, 4].map((n) => `model:m${n - 1}`));
    expect(drawnKeys(totals, ["model:m0", "model:gone"])).toEqual(["model:m0"]);
    expect(drawnKeys(totals, ["model:gone"])).toHaveLength(8);
  });

  it("keep the order of buckets", () => {
    const totals = totalsOf(split({ "0": 1, "1": 9, "2-3": 4 }), true);
    expect(totals.map(({ key }) => key)).toEqual(["model:0", "model:1", "model:2-3"]);
  });

  it("lay the period before over the windows of the present one", () => {
    const before = createFakeAnswer({
      since: "2026-11-28T09:58:00Z",
      starts: ["2026-11-28T09:58:00Z"],
      series: [createFakeSeries({ values: [0.4], counts: [10], bands: ["critical"] })],
    });
    expect(shifted(before, createFakeAnswer()).get("")).toEqual([0.4, null]);
  });

  it("draw a comparison beside its line, and limits only where they mean a single value", () => {
    const answer = split({ a: 40, b: 20 });
    const totals = totalsOf(answer, false);
    const drawing = {
      signal: createFakeSignal(),
      answer,
      before: answer,
      totals,
      drawn: ["model:a"],
      nameOf: ({ labels }: { labels: Record<string, string> }) => labels.model ?? "",
      beforeOf: (name: string) => `${name} before`,
      marks: [],
      picked: undefined,
    };
    const lines = contentOf({ ...drawing, kind: "lines" });
    expect(lines.series.map(({ label, isComparison }) => [label, isComparison ?? false])).toEqual([
      ["a", false],
      ["a before", true],
    ]);
    expect(lines.limits).toHaveLength(2);
    const stacked = contentOf({ ...drawing, kind: "stacked-bars" });
    expect(stacked.series.map(({ label }) => label)).toEqual(["a"]);
    expect(stacked.limits).toEqual([]);
  });

  it("are stacked only where their sum means something", () => {
    expect(isAdditive({ value: "count()", unit: "calls" })).toBe(true);
    expect(isAdditive({ value: "quantile(0.95, duration_ms)", unit: "ms" })).toBe(false);
    expect(isAdditive({ value: "sum(output_tokens) / sum(input_tokens)", unit: "ratio" })).toBe(false);
  });
});

describe("values to take away", () => {
  const answer = createFakeAnswer({
    series: [createFakeSeries({ labels: { model: '=cmd("x"),y' } })],
  });

  it("are the newest first on the page and the oldest first in a file", () => {
    expect(recordsOf(answer).map(({ start }) => start)).toEqual([
      "2026-11-28T10:01:00Z",
      "2026-11-28T10:00:00Z",
    ]);
    expect(JSON.parse(toJson(answer)).values[0]).toMatchObject({
      start: "2026-11-28T10:00:00Z",
      value: 0.15,
    });
  });

  it("leave a cell empty for no data, and let no text act as a formula", () => {
    const [head, first, second] = toCsv(answer).split("\r\n");
    expect(head).toBe("start,end,model,value,count,band,complete");
    expect(first).toBe('2026-11-28T10:00:00Z,2026-11-28T10:01:00Z,"\'=cmd(""x""),y",0.15,40,critical,true');
    expect(second).toMatch(/,,0,no_data,false$/);
  });
});

describe("names", () => {
  it("put what models are paid by apart from how they work", () => {
    expect(familyOf({ name: "llm.tokens_per_call" })).toBe("tokens");
    expect(familyOf({ name: "llm.p95_ttft_ms" })).toBe("llm");
  });

  it("find the nearest of a name that is gone", () => {
    const signals = ["llm.p95_latency_ms", "rag.hit_rate", "requests.count"].map((name) =>
      createFakeSignal({ name }),
    );
    expect(nearestSignals("llm.p95_latency", signals)[0]?.name).toBe("llm.p95_latency_ms");
    expect(nearestSignals("zzzzzzzzzzzzzzzzzzzzzzzzzz", signals)).toEqual([]);
  });
});

it("forgives strange values in the URL", () => {
  const strange = { by: ["model", 3, ""], step: "soon", view: "pie", at: "later", compare: "yes", where: 5 };
  expect(readSignalSearch(strange)).toEqual({ by: ["model"], where: "5" });
  expect(readSignalSearch({ by: "model,service", step: "5m", at: "2026-11-28T10:00:00Z" })).toEqual({
    by: ["model", "service"],
    step: "5m",
    at: "2026-11-28T10:00:00Z",
  });
  expect(changed({ by: ["a"], range: "1h" }, { by: undefined })).toEqual({ range: "1h" });
});
