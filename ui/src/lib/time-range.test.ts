import {
  boundsOf,
  DEFAULT_RANGE,
  previousBounds,
  readRange,
  shiftRange,
  stepFor,
  widenRange,
} from "./time-range";

const now = new Date("2026-03-01T12:00:00Z");

describe("time range", () => {
  it("reads what a URL says and forgives what it cannot understand", () => {
    expect(readRange("24h", undefined, undefined)).toEqual({ kind: "last", length: "24h" });
    expect(readRange("90m", undefined, undefined)).toEqual({ kind: "last", length: "90m" });
    for (const bad of ["", "0h", "1y", "-5m", 7, null])
      expect(readRange(bad, null, null)).toEqual(DEFAULT_RANGE);
    expect(readRange(undefined, "2026-03-01T10:00:00Z", "2026-03-01T09:00:00Z")).toEqual(DEFAULT_RANGE);
  });

  it("compares with the time just before, equally long", () => {
    expect(previousBounds({ kind: "last", length: "1h" })).toEqual({ since: "now-7200s", until: "now-1h" });
    const range = readRange(undefined, "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
    expect(previousBounds(range)).toEqual({
      since: "2026-03-01T09:00:00.000Z",
      until: "2026-03-01T10:00:00.000Z",
    });
    expect(boundsOf(range).until).toBe("2026-03-01T11:00:00.000Z");
  });

  it("draws about sixty windows", () => {
    expect(stepFor({ kind: "last", length: "1h" })).toBe("1m");
    expect(stepFor({ kind: "last", length: "24h" })).toBe("30m");
    expect(stepFor({ kind: "last", length: "7d" })).toBe("3h");
    expect(stepFor({ kind: "last", length: "5m" })).toBe("1m");
  });

  it("moves and widens", () => {
    const moved = shiftRange({ kind: "last", length: "1h" }, -0.5, now);
    expect(moved).toEqual({
      kind: "between",
      since: "2026-03-01T10:30:00.000Z",
      until: "2026-03-01T11:30:00.000Z",
    });
    const wide = widenRange(moved, now);
    expect(Date.parse(wide.until) - Date.parse(wide.since)).toBe(2 * 3_600_000);
    expect(wide.until <= now.toISOString()).toBe(true);
  });
});
