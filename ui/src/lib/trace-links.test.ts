import { neighboursOf, tracesBetween } from "./trace-links";

describe("links to traces", () => {
  it("cover the time from first to last, and keep project and service", () => {
    const times = { first_at: "2026-01-01T00:00:00.123456789Z", last_at: "2026-01-01T00:05:00Z" };
    const search = tracesBetween({ project: "p", service: "s", range: "5m" }, ["session_id:eq:x"], times);
    expect(search).toEqual({
      ...{ project: "p", service: "s", filter: ["session_id:eq:x"] },
      ...{ since: "2026-01-01T00:00:00.123Z", until: "2026-01-01T00:05:01.000Z" },
    });
  });
});

describe("traces beside a trace", () => {
  afterEach(() => sessionStorage.clear());

  it("are those of the list somebody came from", () => {
    sessionStorage.setItem("pitwall.trace-order", JSON.stringify(["a", "b", "c"]));
    expect(neighboursOf("b")).toEqual({ previous: "a", next: "c" });
    expect(neighboursOf("c")).toEqual({ previous: "b", next: null });
  });

  it("are none without a list, with another list, or with a damaged one", () => {
    expect(neighboursOf("a")).toEqual({ previous: null, next: null });
    sessionStorage.setItem("pitwall.trace-order", JSON.stringify(["x"]));
    expect(neighboursOf("a")).toEqual({ previous: null, next: null });
    sessionStorage.setItem("pitwall.trace-order", "{");
    expect(neighboursOf("a")).toEqual({ previous: null, next: null });
  });
});
