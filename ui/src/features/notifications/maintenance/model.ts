/** A maintenance window as its form holds it. */

import type { MaintenanceContent, MaintenanceWindow } from "@/api/maintenance";
import { timeZoneName } from "@/lib/format";
import { isChannelName } from "../channels/model";
import { matchersIn } from "../matchers";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Day = (typeof DAYS)[number];

export interface WindowDraft {
  name: string;
  reason: string;
  /** One condition a line. */
  matchers: string;
  repeats: "once" | "weekly";
  /** By the browser's clock, as `datetime-local` has it. */
  starts: string;
  stops: string;
  days: readonly Day[];
  begins: string;
  ends: string;
  timeZone: string;
}

export function draftOf(window: MaintenanceWindow | null): WindowDraft {
  return {
    name: window?.name ?? "",
    reason: window?.reason ?? "",
    matchers: (window?.matchers ?? []).join("\n"),
    repeats: window?.days ? "weekly" : "once",
    starts: localTime(window?.starts_at ?? null),
    stops: localTime(window?.ends_at ?? null),
    days: DAYS.filter((day) => window?.days?.includes(day)),
    begins: window?.begins ?? "02:00",
    ends: window?.ends ?? "04:00",
    timeZone: window?.time_zone ?? timeZoneName(),
  };
}

export function contentOf(draft: WindowDraft): MaintenanceContent {
  const { reason, matchers, repeats, starts, stops, days, begins, ends, timeZone } = draft;
  const shared = { reason: reason.trim(), matchers: matchersIn(matchers) };
  if (repeats === "weekly") return { ...shared, days: [...days], begins, ends, time_zone: timeZone };
  return { ...shared, starts_at: instantOf(starts), ends_at: instantOf(stops) };
}

/** Whether nothing is missing; what is wrong with it the server says. */
export function isDraftWhole({
  name,
  reason,
  repeats,
  starts,
  stops,
  days,
  begins,
  ends,
}: WindowDraft): boolean {
  if (!isChannelName(name) || !reason.trim()) return false;
  if (repeats === "weekly") return days.length > 0 && begins !== "" && ends !== "";
  return starts !== "" && stops !== "" && starts < stops;
}

function instantOf(local: string): string {
  return new Date(local).toISOString();
}

/** An instant as `datetime-local` has it, by the browser's clock. */
function localTime(instant: string | null): string {
  if (!instant) return "";
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
