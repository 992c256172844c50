import { placeOf, ticksOf } from "./axis";

describe("time axis", () => {
  it("marks round places", () => {
    expect(ticksOf({ start: 0, end: 2210 })).toEqual([0, 1000]);
    expect(ticksOf({ start: 0, end: 720_000 })).toEqual([0, 300_000, 600_000]);
    expect(ticksOf({ start: 102, end: 104 })).toEqual([102, 102.5, 103, 103.5]);
    expect(ticksOf({ start: 0, end: 0 })).toEqual([]);
  });

  it("cuts what reaches beyond the view and leaves out what is outside", () => {
    const view = { start: 100, end: 200 };
    expect(placeOf(view, 150, 100)).toEqual({ left: 50, width: 50 });
    expect(placeOf(view, 0, 50)).toBeNull();
    expect(placeOf(view, 0, 1000)).toEqual({ left: 0, width: 100 });
  });
});
