import {
  formatAge,
  formatBytes,
  formatCost,
  formatDuration,
  formatLength,
  formatNumber,
  formatPercent,
  formatSpan,
  formatTick,
  formatValue,
  NO_VALUE,
  relativeChange,
  writeDifference,
  writeValue,
} from "./format";

describe("formatting", () => {
  it("writes durations in the unit that reads best", () => {
    expect(formatDuration(0.25, "en")).toBe("250 µs");
    expect(formatDuration(42.26, "en")).toBe("42.3 ms");
    expect(formatDuration(999, "en")).toBe("999 ms");
    expect(formatDuration(26_810, "en")).toBe("26.8 s");
    expect(formatDuration(61_000, "en")).toBe("1m 1s");
    expect(formatDuration(3_661_000, "en")).toBe("1h 1m");
    expect(formatDuration(0, "en")).toBe("0 ms");
  });

  it("never turns no data into zero", () => {
    expect(formatDuration(null, "en")).toBe(NO_VALUE);
    expect(formatCost(undefined, "en")).toBe(NO_VALUE);
    expect(formatValue(null, "ratio", "ko")).toBe(NO_VALUE);
    expect(formatValue(Number.NaN, "ms", "ko")).toBe(NO_VALUE);
  });

  it("keeps cents of small amounts", () => {
    expect(formatCost(0.000123, "en")).toBe("$0.00012");
    expect(formatCost(1.479, "en")).toBe("$1.48");
    expect(formatCost(0, "en")).toBe("$0.00");
  });

  it("keeps the difference between 99.9 and 100 percent", () => {
    expect(formatPercent(0.999, "en")).toBe("99.9%");
    expect(formatPercent(0.9994, "en")).toBe("99.94%");
    expect(formatPercent(1, "en")).toBe("100%");
    expect(formatPercent(0.0012, "en")).toBe("0.12%");
  });

  it("writes units of signals", () => {
    expect(writeValue(125, "requests/min", "en")).toEqual({ text: "125", unit: "/min" });
    expect(writeValue(1.48, "usd/day", "en")).toEqual({ text: "$1.48", unit: "/day" });
    expect(writeValue(1_234_567, "tokens", "en")).toEqual({ text: "1.23M", unit: "tokens" });
    expect(writeValue(1_234_567, "tokens", "ko").text).toBe("123만");
  });

  it("compares only with something", () => {
    expect(relativeChange(2, 0)).toBeNull();
    expect(relativeChange(null, 1)).toBeNull();
    expect(relativeChange(3, 2)).toBe(0.5);
  });

  it("writes bytes, numbers and ages", () => {
    expect(formatBytes(2 * 1024 ** 2, "en")).toBe("2 MiB");
    expect(formatNumber(0.1234, "en")).toBe("0.123");
    const now = new Date("2026-01-01T00:10:00Z");
    expect(formatAge("2026-01-01T00:00:00Z", "en", now)).toBe("10 min. ago");
  });

  it("names units in the language of the page, counters close to their number in Korean", () => {
    expect(formatValue(240, "requests", "en")).toBe("240 requests");
    expect(formatValue(240, "requests", "ko")).toBe("240건");
    expect(formatValue(240, "tokens", "ko")).toBe("240 토큰");
    expect(formatValue(12, "calls/min", "ko")).toBe("12/분");
    expect(formatTick(40_000, "tokens", "en")).toBe("40K");
    expect(formatTick(1500, "ms", "en")).toBe("1.5 s");
  });

  it("compares shares in points and all else relatively", () => {
    expect(writeDifference(0.982, 0.95, "ratio", "en")?.text).toBe("+3.2 pp");
    expect(writeDifference(0.982, 0.95, "ratio", "ko")?.text).toBe("+3.2%p");
    expect(writeDifference(0.1, 0, "ratio", "en")).toEqual({ size: 0.1, text: "+10 pp" });
    expect(writeDifference(150, 100, "ms", "en")?.text).toBe("+50%");
    expect(writeDifference(150, null, "ms", "en")).toBeNull();
    expect(writeDifference(150, 0, "ms", "en")).toBeNull();
  });

  it("does not say a day twice", () => {
    const since = "2026-11-20T03:00:00Z";
    expect(formatSpan(since, "2026-11-20T04:00:00Z", "en")).toBe("Nov 20, 2026, 12:00:00 – 13:00:00");
    expect(formatSpan(since, "2026-11-21T04:00:00Z", "en")).toBe(
      "Nov 20, 2026, 12:00:00 – Nov 21, 2026, 13:00:00",
    );
    expect(formatLength("15m", "ko")).toBe("15분");
  });
});
