import type { ProfileFrame } from "@/api/trace";
import { buildFlame, callersOf, costliest, drawFlame, huesOf, matchedTime, splitOf, totalOf } from "./model";

const frame = (name: string, depth: number, offset: number, total: number, own = 0): ProfileFrame => ({
  ...{ function: name, file: `${name}.py`, depth, offset_ms: offset, total_ms: total, self_ms: own },
});

/** serve > handle > (ask 60, search 39 > rank 30, log 1) */
const FRAMES = [
  frame("serve", 0, 0, 100),
  frame("handle", 1, 0, 100),
  frame("ask", 2, 0, 60, 60),
  frame("search", 2, 60, 39, 9),
  frame("rank", 3, 60, 30, 30),
  frame("log", 2, 99, 1, 0.9),
  frame("write", 3, 99, 0.1, 0.1),
];
const NODES = buildFlame(FRAMES);
const names = (indices: number[]) => indices.map((index) => FRAMES[index]?.function);

describe("flame graph", () => {
  it("knows who called whom", () => {
    expect(NODES.map(({ parent }) => parent)).toEqual([-1, 0, 1, 1, 3, 1, 5]);
    expect(names(callersOf(NODES, 4))).toEqual(["search", "handle", "serve"]);
    expect(totalOf(NODES)).toBe(100);
  });

  it("leaves out what only calls on", () => {
    expect(splitOf(NODES)).toBe(1);
    expect(splitOf(buildFlame([frame("a", 0, 0, 5, 5), frame("b", 0, 5, 5, 5)]))).toBe(-1);
    expect(splitOf(buildFlame([frame("a", 0, 0, 10, 4), frame("b", 1, 0, 6, 6)]))).toBe(0);
    expect(splitOf([])).toBe(-1);
  });

  it("draws frames as wide as their time, and counts those that are too narrow", () => {
    const { boxes, rows, small } = drawFlame(NODES, { zoomed: 1, top: 1 });
    expect(boxes.map(({ node, row, left, width }) => [node.frame.function, row, left, width])).toEqual([
      ["handle", 0, 0, 1],
      ["ask", 1, 0, 0.6],
      ["search", 1, 0.6, 0.39],
      ["rank", 2, 0.6, 0.3],
      ["log", 1, 0.99, 0.01],
    ]);
    expect([rows, small]).toEqual([3, 1]);
  });

  it("fills the width with the frame zoomed to, below those that called it", () => {
    const { boxes } = drawFlame(NODES, { zoomed: 3, top: 0 });
    expect(boxes.map(({ node, width, isAbove }) => [node.frame.function, width, isAbove])).toEqual([
      ["serve", 1, true],
      ["handle", 1, true],
      ["search", 1, false],
      ["rank", 30 / 39, false],
    ]);
  });

  it("shows what was too narrow once it is zoomed to", () => {
    const { boxes, small } = drawFlame(NODES, { zoomed: 5, top: 5 });
    expect(boxes.map(({ node }) => node.frame.function)).toEqual(["log", "write"]);
    expect(small).toBe(0);
  });

  it("adds up the own time of a function wherever it was called, and of matches no time twice", () => {
    const nodes = buildFlame([
      ...FRAMES,
      { ...frame("ask", 0, 100, 50, 20), file: "ask.py" },
      frame("ask", 1, 100, 30, 30),
    ]);
    expect(costliest(nodes, 2)).toEqual([
      { name: "ask", file: "ask.py", self_ms: 110 },
      { name: "rank", file: "rank.py", self_ms: 30 },
    ]);
    expect(matchedTime(nodes, "ASK")).toBe(110);
    expect(matchedTime(nodes, "  ")).toBe(0);
  });

  it("tells the files apart that took most time", () => {
    const hues = huesOf(NODES);
    expect(["ask.py", "rank.py", "search.py"].map((file) => hues.get(file))).toEqual([1, 2, 3]);
    expect(new Set(hues.values()).size).toBe(7);
  });

  it("takes a profile without time or frames", () => {
    expect(drawFlame(buildFlame([frame("a", 0, 0, 0)]), { zoomed: -1, top: 0 }).boxes).toEqual([]);
    expect(drawFlame([], { zoomed: -1, top: 0 })).toEqual({ boxes: [], rows: 0, small: 0 });
  });
});
