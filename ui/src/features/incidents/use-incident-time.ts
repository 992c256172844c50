import { useMemo } from "react";
import type { Incident } from "@/api/incidents";
import { type Stretch, stretchAround } from "@/components/alerts/links";
import { useNow } from "@/lib/use-now";

const MINUTE_MS = 60_000;

/** The time an incident is about with some of what came before; moves on by the minute while it lasts. */
export function useIncidentTime({ opened_at, resolved_at, alerts }: Incident): Stretch {
  const minute = Math.floor(useNow(MINUTE_MS).getTime() / MINUTE_MS);
  const first = alerts.reduce(
    (earliest, { active_since }) => (active_since && active_since < earliest ? active_since : earliest),
    opened_at,
  );
  return useMemo(
    () => stretchAround(first, resolved_at, new Date((minute + 1) * MINUTE_MS)),
    [first, resolved_at, minute],
  );
}
