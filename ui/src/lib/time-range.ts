/** The time range of a page: relative to now, or between two instants. It lives in the URL. */

export const RELATIVE_LENGTHS = ["5m", "15m", "1h", "24h", "7d"] as const;
const LENGTH = /^([1-9]\d{0,4})(s|m|h|d|w)$/;
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
/** Steps that charts use, in seconds, with the way the server writes them. */
const STEPS: readonly (readonly [number, string])[] = [
  [60, "1m"],
  [300, "5m"],
  [900, "15m"],
  [1800, "30m"],
  [3600, "1h"],
  [10_800, "3h"],
  [21_600, "6h"],
  [86_400, "24h"],
  [604_800, "7d"],
];

export interface RelativeRange {
  kind: "last";
  /** Such as `1h`. */
  length: string;
}

export interface AbsoluteRange {
  kind: "between";
  /** ISO 8601, UTC; not part of the range is `until`. */
  since: string;
  until: string;
}

export type TimeRange = RelativeRange | AbsoluteRange;

export const DEFAULT_RANGE: RelativeRange = { kind: "last", length: "1h" };

/** What a question to the server needs of a range. */
export interface Bounds {
  since: string;
  /** Absent for a relative range: up to what has come in. */
  until?: string;
}

export function parseLength(text: string): number | null {
  const match = LENGTH.exec(text.trim());
  if (!match) return null;
  return Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS];
}

/** Read a range from URL values; what cannot be understood becomes the default range. */
export function readRange(range: unknown, since: unknown, until: unknown): TimeRange {
  const [start, end] = [readInstant(since), readInstant(until)];
  if (start && end && start < end) return { kind: "between", since: start, until: end };
  if (typeof range === "string" && parseLength(range)) return { kind: "last", length: range };
  return DEFAULT_RANGE;
}

function readInstant(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** Length in seconds. */
export function lengthOf(range: TimeRange): number {
  if (range.kind === "last") return parseLength(range.length) ?? 3600;
  return (Date.parse(range.until) - Date.parse(range.since)) / 1000;
}

export function boundsOf(range: TimeRange): Bounds {
  if (range.kind === "last") return { since: `now-${range.length}` };
  return { since: range.since, until: range.until };
}

/** The time just before a range, equally long, to compare with. */
export function previousBounds(range: TimeRange): Required<Bounds> {
  const seconds = Math.round(lengthOf(range));
  if (range.kind === "last") return { since: `now-${2 * seconds}s`, until: `now-${range.length}` };
  const start = Date.parse(range.since);
  return { since: new Date(start - seconds * 1000).toISOString(), until: range.since };
}

/** The step whose number of windows over a range comes closest to `windows` without exceeding it by much. */
export function stepFor(range: TimeRange, windows = 60): string {
  const wanted = lengthOf(range) / windows;
  return (STEPS.find(([seconds]) => seconds >= wanted * 0.8) ?? STEPS[STEPS.length - 1])?.[1] ?? "1h";
}

/** Move a range by a share of its length; a relative range becomes absolute. */
export function shiftRange(range: TimeRange, share: number, now: Date): AbsoluteRange {
  const { since, until } = absoluteOf(range, now);
  const offset = (Date.parse(until) - Date.parse(since)) * share;
  return between(Date.parse(since) + offset, Date.parse(until) + offset);
}

/** Widen a range to twice its length around its middle, not past now. */
export function widenRange(range: TimeRange, now: Date): AbsoluteRange {
  const { since, until } = absoluteOf(range, now);
  const half = (Date.parse(until) - Date.parse(since)) / 2;
  const end = Math.min(Date.parse(until) + half, Math.max(now.getTime(), Date.parse(until)));
  return between(end - 4 * half, end);
}

/** Step out of a range: the next longer of the usual ones, or twice the length. */
export function zoomOut(range: TimeRange, now: Date): TimeRange {
  const seconds = lengthOf(range);
  const longer = RELATIVE_LENGTHS.find((length) => (parseLength(length) ?? 0) > seconds);
  return range.kind === "last" && longer ? { kind: "last", length: longer } : widenRange(range, now);
}

const MINUTE_MS = 60_000;

/** The whole minutes around a stretch of time that was dragged over. */
export function zoomInto(start: number, end: number): AbsoluteRange {
  return between(Math.floor(start / MINUTE_MS) * MINUTE_MS, Math.ceil(end / MINUTE_MS) * MINUTE_MS);
}

export function absoluteOf(range: TimeRange, now: Date): AbsoluteRange {
  if (range.kind === "between") return range;
  return between(now.getTime() - lengthOf(range) * 1000, now.getTime());
}

export function between(start: number, end: number): AbsoluteRange {
  return { kind: "between", since: new Date(start).toISOString(), until: new Date(end).toISOString() };
}

export function isInFuture(range: TimeRange, now: Date): boolean {
  return range.kind === "between" && Date.parse(range.since) > now.getTime();
}
