/** Which stretches of time a tile asks about: its value, the time before, and the line below. */

import type { Tile } from "@/api/boards";
import type { Question } from "@/api/signals";
import { boundsOf, previousBounds, stepFor, type TimeRange } from "@/lib/time-range";

export type Last = NonNullable<Tile["last"]>;
export const LASTS: readonly Last[] = ["5m", "1h", "24h", "today", "month"];

type Times = Pick<Question, "since" | "until" | "last" | "step">;

export interface TileTimes {
  value: Times;
  /** As long, and the same part of its day or month where the tile shows one. */
  previous: Times;
  trend: Times & { step: string };
}

const DAY_MS = 86_400_000;
export const TREND_WINDOWS = 60;

/** The times of a tile.
 *
 * @param last What the tile says; null for the range of the page.
 * @param now Only its day matters (UTC), so that questions stay the same all day.
 */
export function timesOf(last: Tile["last"], range: TimeRange, now: Date): TileTimes {
  switch (last) {
    // The latest complete window ends up to a minute before the present one.
    case "5m":
      return fixed(last, 5, { since: "now-1h", step: "5m" });
    case "1h":
      return fixed(last, 60, { since: "now-24h", step: "1h" });
    case "24h":
      return fixed(last, 1440, { since: "now-24h", step: "1h" });
    case "today":
      return today(now);
    case "month":
      return month(now);
    default:
      return {
        value: boundsOf(range),
        previous: previousBounds(range),
        trend: { ...boundsOf(range), step: stepFor(range, TREND_WINDOWS) },
      };
  }
}

function fixed(last: Last, minutes: number, trend: TileTimes["trend"]): TileTimes {
  const previous = { since: `now-${2 * minutes + 1}m`, until: `now-${minutes + 1}m` };
  return { value: { last }, previous, trend };
}

function today(now: Date): TileTimes {
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return {
    value: { since: iso(start) },
    previous: { since: iso(start - DAY_MS), until: "now-24h" },
    trend: { since: iso(start), step: "1h" },
  };
}

function month(now: Date): TileTimes {
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const before = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1);
  const days = Math.round((start - before) / DAY_MS);
  // On the 31st, the same day of a month of 30 is not there: the comparison ends with the month.
  const until = now.getTime() - days * DAY_MS < start ? `now-${days}d` : iso(start);
  return {
    value: { since: iso(start) },
    previous: { since: iso(before), until },
    trend: { since: iso(start), step: "24h" },
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
