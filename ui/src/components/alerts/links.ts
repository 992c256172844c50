/** Where alerts and incidents lead: to the course of their signal and to the traces behind it. */

import type { Alert } from "@/api/alerts";
import { keptSearch, type PageSearch } from "@/lib/page-state";

const MINUTE_MS = 60_000;
const LEAST_MS = 30 * MINUTE_MS;

export interface Stretch {
  since: string;
  until: string;
}

type Timed = Pick<Alert, "active_since" | "fired_at" | "resolved_at" | "window">;

/** The time an alert is about with some of what came before, in whole minutes. */
export function stretchOf({ active_since, fired_at, resolved_at, window }: Timed, now: Date): Stretch {
  const known = active_since ?? fired_at ?? window?.start;
  return stretchAround(known ?? null, resolved_at && !active_since ? resolved_at : null, now);
}

/** From as long before the start as it lasted, at least half an hour, to somewhat after the end. */
export function stretchAround(start: string | null, end: string | null, now: Date): Stretch {
  const until = end ? Date.parse(end) : now.getTime();
  const since = start ? Math.min(Date.parse(start), until) : until - LEAST_MS;
  const margin = Math.max(until - since, LEAST_MS);
  const after = Math.min(until + margin / 4, Math.max(now.getTime(), until));
  return {
    since: new Date(Math.floor((since - margin) / MINUTE_MS) * MINUTE_MS).toISOString(),
    until: new Date(Math.ceil(after / MINUTE_MS) * MINUTE_MS).toISOString(),
  };
}

/** The search of a link to the signal of an alert, over its time and split as it is. */
export function courseSearch(search: PageSearch, alert: Timed & Pick<Alert, "labels" | "records">) {
  const { range: _, ...kept } = keptSearch(search);
  const where = conditionOf(alert.labels, alert.records);
  return { ...kept, ...stretchOf(alert, new Date()), ...(where ? { where } : {}) };
}

/** The search of a link to the traces of an alert or incident. */
export function tracesSearch(search: PageSearch, labels: Readonly<Record<string, string>>, time: Stretch) {
  const { range: _, ...kept } = keptSearch(search);
  const filter = Object.entries(labels)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}:eq:${value}`);
  return { ...kept, ...time, filter };
}

/** Labels, and what else an alert says of its records, as a condition on the records of a signal. */
export function conditionOf(labels: Readonly<Record<string, string>>, records = ""): string {
  const own = Object.entries(labels).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return [...own, ...(records ? [`(${records})`] : [])].join(" and ");
}
