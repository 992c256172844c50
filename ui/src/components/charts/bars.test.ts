import { stackedTops, windowAt } from "./bars";
import { type ChartContent, marksIn } from "./types";

const series = (values: (number | null)[]) => ({ label: "", values, color: 0 });
const content: ChartContent = {
  kind: "bars",
  starts: [0, 60_000, 120_000],
  stepSeconds: 60,
  complete: [true, true, true],
  unit: "requests",
  series: [],
  marks: [{ at: 119_000, label: "version 2" }],
};

describe("bars", () => {
  it("stand on those before them, and leave a gap where there is no data", () => {
    expect(stackedTops([series([1, 2, null]), series([10, null, 5])])).toEqual([
      [1, 2, null],
      [11, null, 5],
    ]);
  });

  it("are found anywhere in their window", () => {
    expect(windowAt(content, 0)).toBe(0);
    expect(windowAt(content, 119)).toBe(1);
    expect(windowAt(content, 180)).toBeNull();
    expect(windowAt(content, -1)).toBeNull();
  });

  it("name what happened in their window; a line, what happened around its point", () => {
    expect(marksIn(content, 1)).toHaveLength(1);
    expect(marksIn({ ...content, kind: "lines" }, 1)).toHaveLength(0);
    expect(marksIn({ ...content, kind: "lines" }, 2)).toHaveLength(1);
  });
});
