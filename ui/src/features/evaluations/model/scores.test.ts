import { createFakeScore, createFakeSummary } from "@/test/fakes/evaluations";
import { bandOfMean, bandOfScore, mergedScore, scaleOf } from "./scores";

describe("bands of scores", () => {
  it("tell a mean that misses its threshold from one that might not", () => {
    expect(bandOfMean(createFakeSummary({ mean: 0.9, low: 0.6, threshold: 0.7 }))).toBe("normal");
    expect(bandOfMean(createFakeSummary({ mean: 0.68, high: 0.75, threshold: 0.7 }))).toBe("warning");
    expect(bandOfMean(createFakeSummary({ mean: 0.5, high: 0.65, threshold: 0.7 }))).toBe("critical");
    expect(bandOfMean(createFakeSummary({ mean: null }))).toBe("no_data");
  });

  it("know that less is better for some metrics", () => {
    const rate = createFakeSummary({ direction: "lower", mean: 0.4, low: 0.2, high: 0.6, threshold: 0.3 });
    expect(bandOfMean(rate)).toBe("warning");
    expect(bandOfMean({ ...rate, low: 0.35 })).toBe("critical");
    expect(bandOfMean({ ...rate, mean: 0.1 })).toBe("normal");
  });

  it("never count what could not be judged as a score", () => {
    expect(bandOfScore(createFakeScore({ status: "error", value: null, passed: null }))).toBe("critical");
    expect(bandOfScore(createFakeScore({ status: "undetermined", value: null, passed: null }))).toBe(
      "no_data",
    );
    expect(bandOfScore(createFakeScore({ passed: null }))).toBe("normal");
    expect(bandOfScore(createFakeScore({ passed: false }))).toBe("warning");
  });

  it("merge repetitions over those with a value", () => {
    const scores = [
      createFakeScore({ value: 1, passed: true }),
      createFakeScore({ sample: 1, value: 0.5, passed: false }),
      createFakeScore({ sample: 2, status: "error", value: null, passed: null }),
    ];
    expect(mergedScore(scores, "faithfulness")).toMatchObject({ value: 0.75, passed: false });
    expect(mergedScore(scores, "other")).toBeUndefined();
    expect(mergedScore([createFakeScore({ status: "error", value: null })], "faithfulness")?.status).toBe(
      "error",
    );
  });

  it("give shares one scale and others their own", () => {
    expect(scaleOf("ratio", [0.2])).toEqual({ from: 0, to: 1 });
    expect(scaleOf("ms", [100, null, 200])).toEqual({ from: 0, to: 210 });
    expect(scaleOf("ms", [null]).to).toBe(1);
  });
});
