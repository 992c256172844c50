/** Server-sent events: what the server says without being asked, and whether it still speaks. */

import type { components } from "./schema.gen";

type Schemas = components["schemas"];

/** How fresh the data of a project is. */
export type Freshness = Schemas["FreshnessView"];

export type News = Schemas["NewsView"];

export interface LiveEvents {
  /** Who speaks: at the start of each connection. */
  hello: Schemas["HelloView"];
  freshness: Freshness;
  /** Minutes that have become complete. */
  window: Schemas["WindowView"];
  /** Traces that have newly arrived. */
  traces: Schemas["ArrivalsView"];
  /** What has happened to alerts, to incidents, and what was changed. */
  alert: News;
  incident: News;
  change: News;
}

export type LiveEventName = keyof LiveEvents;
export type LiveStatus = "connecting" | "open" | "lost";
export type Listener<Name extends LiveEventName> = (event: LiveEvents[Name]) => void;

const NAMES: readonly LiveEventName[] = [
  "hello",
  "freshness",
  "window",
  "traces",
  "alert",
  "incident",
  "change",
];
const RETRY_MS = [1000, 2000, 5000, 10_000] as const;
/** The server speaks every 15 s; without a word for this long the connection is dead though nobody said so. */
const SILENCE_MS = 45_000;

/** One connection to `/api/v1/live` that comes back by itself. */
export class LiveConnection {
  private source: EventSource | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private readonly listeners = new Map<LiveEventName, Set<Listener<never>>>();
  private readonly watchers = new Set<() => void>();
  private current: LiveStatus = "connecting";

  constructor(
    private readonly url: string,
    private readonly open: (url: string) => EventSource = (address) => new EventSource(address),
  ) {}

  get status(): LiveStatus {
    return this.current;
  }

  start(): void {
    this.connect();
  }

  stop(): void {
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.source?.close();
    this.source = null;
  }

  /** Call `listener` for each event of a name; returns the way to stop. */
  on<Name extends LiveEventName>(name: Name, listener: Listener<Name>): () => void {
    const known = this.listeners.get(name) ?? new Set();
    known.add(listener as Listener<never>);
    this.listeners.set(name, known);
    return () => known.delete(listener as Listener<never>);
  }

  /** Call `watcher` when the status changes; for `useSyncExternalStore`. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private connect(): void {
    this.source?.close();
    const source = this.open(this.url);
    this.source = source;
    source.onopen = () => {
      this.attempts = 0;
      this.become("open");
      this.expectWord();
    };
    source.onerror = () => this.reconnect();
    for (const name of NAMES) {
      source.addEventListener(name, (event) => this.receive(name, (event as MessageEvent<string>).data));
    }
  }

  private receive(name: LiveEventName, data: string): void {
    this.expectWord();
    const event = JSON.parse(data) as never;
    for (const listener of this.listeners.get(name) ?? []) listener(event);
  }

  private reconnect(): void {
    this.source?.close();
    this.become("lost");
    clearTimeout(this.silence);
    clearTimeout(this.retry);
    const wait = RETRY_MS[Math.min(this.attempts++, RETRY_MS.length - 1)];
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private expectWord(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.reconnect(), SILENCE_MS);
  }

  private become(status: LiveStatus): void {
    if (this.current === status) return;
    this.current = status;
    for (const watcher of this.watchers) watcher();
  }
}
