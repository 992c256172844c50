import type { Language } from "@/i18n/languages";
import { formatClock, formatInstant } from "@/lib/format";

/** A stretch of time; the day is written once if it is the same. */
export function formatStretch(since: string, until: string, language: Language): string {
  const isOneDay = new Date(since).toDateString() === new Date(until).toDateString();
  const end = isOneDay ? formatClock(until, language) : formatInstant(until, language);
  return `${formatInstant(since, language)} – ${end}`;
}
