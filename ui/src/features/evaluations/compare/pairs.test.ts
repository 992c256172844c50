import { createFakeCase, createFakeScore } from "@/test/fakes/evaluations";
import { pairCases, shownPairs } from "./pairs";

const one = (id: string, value: number | null, passed: boolean | null) =>
  createFakeCase({
    example_id: id,
    passed,
    scores: [createFakeScore({ value, passed, status: value === null ? "error" : "scored" })],
  });

describe("pairCases", () => {
  const before = [one("x", 0.9, true), one("y", 0.2, false), one("z", 0.8, true), one("gone", 1, true)];
  const after = [one("z", 0.8, true), one("y", 0.9, true), one("x", 0.1, false), one("new", 1, true)];

  it("pairs by the example, what lost most first", () => {
    const pairs = pairCases(before, after, "faithfulness", false);
    expect(pairs.map(({ id, change }) => [id, change])).toEqual([
      ["x", "lost"],
      ["z", "both"],
      ["y", "gained"],
    ]);
    expect(pairs[0]?.difference).toBeCloseTo(-0.8);
  });

  it("puts a rise first where less is better", () => {
    expect(pairCases(before, after, "faithfulness", true)[0]?.id).toBe("y");
  });

  it("makes no difference of a missing value", () => {
    const [pair] = pairCases([one("x", 0.9, true)], [one("x", null, null)], "faithfulness", false);
    expect(pair).toMatchObject({ difference: null, change: "unknown" });
  });

  it("shows what changed, or all", () => {
    const pairs = pairCases(before, after, undefined, false);
    expect(shownPairs(pairs, "changed").map(({ id }) => id)).toEqual(["x", "y"]);
    expect(shownPairs(pairs, "gained").map(({ id }) => id)).toEqual(["y"]);
    expect(shownPairs(pairs, "all")).toHaveLength(3);
  });
});
