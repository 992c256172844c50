import {
  readAnalysisSearch,
  readCompareSearch,
  readDatasetSearch,
  readRunSearch,
  readRunsSearch,
  readTrendsSearch,
} from "./search";

describe("the addresses of evaluations", () => {
  it("keep what they know and leave out what is strange", () => {
    expect(readRunsSearch({ dataset: "voc", state: "running" })).toEqual({
      dataset: "voc",
      state: "running",
    });
    expect(readRunsSearch({ dataset: ["x"], state: "asleep" })).toEqual({});
    expect(readRunSearch({ case: "7", by: "f1", metric: "mrr", show: "failed", order: "worst" })).toEqual({
      ...{ case: 7, by: "f1", metric: "mrr", show: "failed", order: "worst" },
    });
    expect(readRunSearch({ case: -1, show: "all", order: "best" })).toEqual({});
    expect(readRunSearch({ case: 0 })).toEqual({ case: 0 });
    expect(readCompareSearch({ a: 1, b: "run_2", show: "changed" })).toEqual({ a: "1", b: "run_2" });
    expect(readAnalysisSearch({ case: "3", cluster: "C1", metric: [] })).toEqual({ case: 3, cluster: "C1" });
    expect(readTrendsSearch({ dataset: "voc", a: "run_1", b: "" })).toEqual({ dataset: "voc", a: "run_1" });
    expect(readDatasetSearch({ version: 0, example: 0, q: "" })).toEqual({ example: 0 });
  });
});
