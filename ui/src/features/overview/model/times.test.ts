import { timesOf } from "./times";

const HOUR = { kind: "last", length: "1h" } as const;

describe("times of a tile", () => {
  it("are those of the page unless the tile says", () => {
    const { value, previous, trend } = timesOf(null, HOUR, new Date("2026-11-20"));
    expect(value).toEqual({ since: "now-1h" });
    expect(previous).toEqual({ since: "now-7200s", until: "now-1h" });
    expect(trend).toEqual({ since: "now-1h", step: "1m" });
  });

  it("compare the last minutes with those before, which they never overlap", () => {
    const { value, previous } = timesOf("5m", HOUR, new Date("2026-11-20"));
    expect(value).toEqual({ last: "5m" });
    // The latest complete window of five minutes begins at most six minutes ago.
    expect(previous).toEqual({ since: "now-11m", until: "now-6m" });
  });

  it("compare today with the same part of yesterday", () => {
    const { value, previous } = timesOf("today", HOUR, new Date("2026-11-20T09:30:00Z"));
    expect(value).toEqual({ since: "2026-11-20T00:00:00.000Z" });
    expect(previous).toEqual({ since: "2026-11-19T00:00:00.000Z", until: "now-24h" });
  });

  it("compare a month with the same part of the month before", () => {
    const { value, previous } = timesOf("month", HOUR, new Date("2026-11-20"));
    expect(value).toEqual({ since: "2026-11-01T00:00:00.000Z" });
    expect(previous).toEqual({ since: "2026-10-01T00:00:00.000Z", until: "now-31d" });
  });

  it("end the month before where it ended, if it was shorter", () => {
    const { previous } = timesOf("month", HOUR, new Date("2027-03-30"));
    expect(previous).toEqual({ since: "2027-02-01T00:00:00.000Z", until: "2027-03-01T00:00:00.000Z" });
  });

  it("stay the same all day, so that the answers do", () => {
    const [morning, evening] = ["T03:00:00Z", "T21:00:00Z"].map((time) => new Date(`2026-11-20${time}`));
    for (const last of ["today", "month"] as const)
      expect(timesOf(last, HOUR, morning as Date)).toEqual(timesOf(last, HOUR, evening as Date));
  });
});
