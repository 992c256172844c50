import { LiveConnection } from "./live";

class FakeSource extends EventTarget {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;

  close() {
    this.isClosed = true;
  }

  say(name: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

function connect() {
  const sources: FakeSource[] = [];
  const connection = new LiveConnection("/api/v1/live", () => {
    const source = new FakeSource();
    sources.push(source);
    return source as unknown as EventSource;
  });
  connection.start();
  return { connection, sources, latest: () => sources[sources.length - 1] as FakeSource };
}

describe("live connection", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("hands each event to those who asked for its name", () => {
    const { connection, latest } = connect();
    const heard = vi.fn();
    const stop = connection.on("window", heard);
    latest().say("window", { start: "a", end: "b" });
    expect(heard).toHaveBeenCalledExactlyOnceWith({ start: "a", end: "b" });
    stop();
    latest().say("window", { start: "b", end: "c" });
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it("says when it is lost and comes back by itself, waiting longer each time", () => {
    const { connection, sources, latest } = connect();
    const seen: string[] = [];
    connection.watch(() => seen.push(connection.status));
    latest().onopen?.();
    latest().onerror?.();
    expect(connection.status).toBe("lost");
    vi.advanceTimersByTime(1000);
    expect(sources).toHaveLength(2);
    latest().onerror?.();
    vi.advanceTimersByTime(1000);
    expect(sources).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    expect(sources).toHaveLength(3);
    latest().onopen?.();
    expect(seen).toEqual(["open", "lost", "open"]);
  });

  it("takes long silence for a lost connection", () => {
    const { connection, latest } = connect();
    latest().onopen?.();
    vi.advanceTimersByTime(40_000);
    latest().say("freshness", {});
    vi.advanceTimersByTime(40_000);
    expect(connection.status).toBe("open");
    vi.advanceTimersByTime(10_000);
    expect(connection.status).toBe("lost");
  });

  it("is quiet after it was stopped", () => {
    const { connection, sources, latest } = connect();
    latest().onerror?.();
    connection.stop();
    vi.advanceTimersByTime(60_000);
    expect(sources).toHaveLength(1);
    expect(latest().isClosed).toBe(true);
  });
});
