import { type DiffLine, diffLines } from "./text-diff";

const textOf = (lines: DiffLine[], side: "removed" | "added") =>
  lines
    .filter(({ change }) => change === "same" || change === side)
    .map(({ pieces }) => pieces.map(({ text }) => text).join(""))
    .join("\n");

describe("difference of texts", () => {
  it("finds the words that changed within a line", () => {
    const lines = diffLines("환불은 영업일 3~5일이 걸립니다.", "환불은 영업일 5~7일이 걸립니다.");
    expect(lines.map(({ change }) => change)).toEqual(["removed", "added"]);
    expect(lines[0]?.pieces.filter(({ change }) => change === "removed").map(({ text }) => text)).toEqual([
      "3",
      "5일이",
    ]);
  });

  it("keeps lines that are the same", () => {
    const lines = diffLines("a\nb\nc\nd", "a\nx\nc\nd\ne");
    expect(lines.map(({ change }) => change)).toEqual(["same", "removed", "added", "same", "same", "added"]);
  });

  it("holds both texts whole, whatever they are", () => {
    const random = (seed: number) => () => {
      seed = (seed * 16807) % 2147483647;
      return seed;
    };
    const next = random(42);
    for (let round = 0; round < 60; round++) {
      const text = () => Array.from({ length: next() % 30 }, () => "abc"[next() % 3]).join("\n");
      const [left, right] = [text(), text()];
      const lines = diffLines(left, right);
      expect(textOf(lines, "removed")).toBe(left);
      expect(textOf(lines, "added")).toBe(right);
    }
  });

  it("gives up on texts with nothing in common instead of taking minutes", () => {
    const many = (letter: string) =>
      Array.from({ length: 5000 }, (_, index) => `${letter}${index}`).join("\n");
    const lines = diffLines(many("a"), many("b"));
    expect(textOf(lines, "removed")).toBe(many("a"));
    expect(lines.filter(({ change }) => change === "same")).toHaveLength(0);
  });

  it("says nothing of two empty texts", () => {
    expect(diffLines("", "")).toEqual([]);
    expect(diffLines("", "a")).toHaveLength(1);
  });
});
