import { createFakeSignal } from "@/test/fakes/failing-signal";
import { filtersBehind, filtersOfCondition, namesIn } from "./conditions";

describe("filters of a condition", () => {
  it("say the same as its comparisons", () => {
    expect(filtersOfCondition("kind = 'llm' and duration_ms > 1000 AND is_root and not is_fallback")).toEqual(
      {
        filters: ["kind:eq:llm", "duration_ms:gt:1000", "is_root:eq:true", "is_fallback:eq:false"],
        isWhole: true,
      },
    );
  });

  it("keep colons, and guard commas in lists", () => {
    expect(filtersOfCondition("model = 'qwen2.5:7b'").filters).toEqual(["model:eq:qwen2.5:7b"]);
    expect(filtersOfCondition("name = 'it''s, and' and is_root").filters).toEqual([
      "name:eq:it's, and",
      "is_root:eq:true",
    ]);
    expect(filtersOfCondition("component in ('embed', 'a,b')").filters).toEqual(["component:in:embed,a\\,b"]);
  });

  it("do not take an `and` in a text for the word that joins", () => {
    expect(filtersOfCondition("name = 'search and rescue'").filters).toEqual(["name:eq:search and rescue"]);
  });

  it("ask for absence where a text is empty, and rename what the list calls otherwise", () => {
    expect(filtersOfCondition("version = '' and hits > 0").filters).toEqual([
      "version:is_null:true",
      "document_count:gt:0",
    ]);
    expect(filtersOfCondition("attributes['plan'] = 'pro'").filters).toEqual(["attributes.plan:eq:pro"]);
  });

  it("admit that they leave something out", () => {
    expect(filtersOfCondition("kind = 'llm' and (model = 'a' or model = 'b')")).toEqual({
      filters: ["kind:eq:llm"],
      isWhole: false,
    });
    expect(filtersOfCondition("has_tokens").isWhole).toBe(false);
  });
});

describe("filters behind a value", () => {
  const behind = (signal: Parameters<typeof createFakeSignal>[0], labels: Record<string, string> = {}) =>
    filtersBehind({
      signal: createFakeSignal(signal),
      catalogue: [createFakeSignal()],
      labels,
      where: undefined,
    });

  it("take the records that make a share worse", () => {
    expect(behind({}, { model: "a" }).filters).toEqual(["kind:eq:llm", "status:eq:error", "model:eq:a"]);
    expect(behind({ value: "ratio(status != 'error')", better: "higher" }).filters).toContain(
      "status:eq:error",
    );
    expect(behind({ value: "ratio(parse_ok)", better: "higher" }).filters).toContain("parse_ok:eq:false");
  });

  it("follow a formula to its first signal", () => {
    const formula = { over: null, value: "llm.failure_rate / requests.count" };
    expect(behind(formula).filters).toEqual(["kind:eq:llm", "status:eq:error"]);
  });

  it("read the bounds of a bucket", () => {
    const histogram = { value: "histogram(hits, 0, 1, 3)", better: "neutral" as const };
    expect(behind(histogram, { bucket: "2-3" }).filters.slice(1)).toEqual([
      "document_count:gte:2",
      "document_count:lte:3",
    ]);
    expect(behind(histogram, { bucket: "4+" }).filters.slice(1)).toEqual(["document_count:gte:4"]);
  });

  it("keep only what spans share with other records", () => {
    const scores = { over: "scores where name = 'match'", value: "ratio(value > 0)" };
    expect(behind(scores, { service: "voc", source: "human" })).toEqual({
      filters: ["service:eq:voc"],
      isWhole: false,
    });
  });
});

it("names the signals of a formula once each", () => {
  expect(namesIn("cost.usd / requests.count + cost.usd")).toEqual(["cost.usd", "requests.count"]);
});
