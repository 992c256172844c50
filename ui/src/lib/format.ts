/** The one module that writes numbers, units and times for people. */

import type { Language } from "@/i18n/languages";

const NO_VALUE = "–";

export { NO_VALUE };

/** A value split into the parts that a tile sets in different sizes. */
export interface WrittenValue {
  text: string;
  /** Such as `s`, `%` or `/min`; empty if there is none. */
  unit: string;
}

const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();

function numberFormat(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language}${JSON.stringify(options)}`;
  let format = numberFormats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, options);
    numberFormats.set(key, format);
  }
  return format;
}

function dateFormat(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}${JSON.stringify(options)}`;
  let format = dateFormats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(language, options);
    dateFormats.set(key, format);
  }
  return format;
}

/** Write a number with about three digits that mean something; large ones are cut to K, M, 만, 억. */
export function formatNumber(value: number, language: Language): string {
  const size = Math.abs(value);
  if (size >= 10_000) {
    return numberFormat(language, { notation: "compact", maximumSignificantDigits: 3 }).format(value);
  }
  if (size >= 100 || Number.isInteger(value)) {
    return numberFormat(language, { maximumFractionDigits: 0 }).format(value);
  }
  return numberFormat(language, { maximumSignificantDigits: 3 }).format(value);
}

/** Write a number that may not be known. */
export function formatAmount(value: number | null | undefined, language: Language): string {
  return value === null || value === undefined ? NO_VALUE : formatNumber(value, language);
}

/** Write a count in full, with separators. */
export function formatCount(value: number, language: Language): string {
  return numberFormat(language, { maximumFractionDigits: 0 }).format(value);
}

/** Write milliseconds in the unit that reads best. */
export function writeDuration(milliseconds: number, language: Language): WrittenValue {
  const size = Math.abs(milliseconds);
  if (size < 0.001) return { text: formatNumber(milliseconds, language), unit: "ms" };
  if (size < 1) return { text: formatNumber(milliseconds * 1000, language), unit: "µs" };
  if (size < 1000) return { text: formatNumber(milliseconds, language), unit: "ms" };
  if (size < 60_000) return { text: formatNumber(milliseconds / 1000, language), unit: "s" };
  return writeClockDuration(Math.round(milliseconds / 1000));
}

function writeClockDuration(seconds: number): WrittenValue {
  const sign = seconds < 0 ? "-" : "";
  const size = Math.abs(seconds);
  const [days, hours, minutes] = [
    Math.floor(size / 86_400),
    Math.floor(size / 3600) % 24,
    Math.floor(size / 60) % 60,
  ];
  if (days) return { text: `${sign}${days}d ${hours}h`, unit: "" };
  if (hours) return { text: `${sign}${hours}h ${minutes}m`, unit: "" };
  return { text: `${sign}${minutes}m ${size % 60}s`, unit: "" };
}

export function formatDuration(milliseconds: number | null | undefined, language: Language): string {
  if (milliseconds === null || milliseconds === undefined) return NO_VALUE;
  return join(writeDuration(milliseconds, language));
}

/** US dollars; small amounts keep two digits that mean something. */
export function formatCost(usd: number | null | undefined, language: Language): string {
  if (usd === null || usd === undefined) return NO_VALUE;
  const options: Intl.NumberFormatOptions = {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
  };
  if (usd !== 0 && Math.abs(usd) < 1)
    return numberFormat(language, {
      ...options,
      minimumSignificantDigits: 2,
      maximumSignificantDigits: 2,
    }).format(usd);
  if (Math.abs(usd) >= 10_000) return numberFormat(language, { ...options, notation: "compact" }).format(usd);
  return numberFormat(language, { ...options, maximumFractionDigits: 2 }).format(usd);
}

export function formatPercent(ratio: number, language: Language): string {
  const share = Math.abs(ratio) * 100;
  const digits = share >= 99.95 || share === 0 ? 0 : share >= 99 || share < 1 ? 2 : 1;
  return numberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(ratio);
}

/** Write a score: shares as people write them, with as many digits as decide about a threshold. */
export function formatScore(value: number | null | undefined, unit: string, language: Language): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NO_VALUE;
  if (unit !== "ratio") return formatValue(value, unit, language);
  return numberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(value);
}

/** What a score has to reach, with the digits that somebody gave it. */
export function formatThreshold(value: number, unit: string, language: Language): string {
  return unit === "ratio" ? formatNumber(value, language) : formatScore(value, unit, language);
}

/** A difference of scores, always with its sign. */
export function formatScoreDifference(value: number, unit: string, language: Language): string {
  const written = formatScore(Math.abs(value), unit, language);
  // What is written as 0 has no sign, however it was rounded.
  const sign = !/[1-9]/.test(written) ? "" : value > 0 ? "+" : "−";
  return `${sign}${written}`;
}

/** Write a value of a signal in its unit; the unit comes apart where it may be set smaller. */
export function writeValue(value: number | null | undefined, unit: string, language: Language): WrittenValue {
  if (value === null || value === undefined || Number.isNaN(value)) return { text: NO_VALUE, unit: "" };
  if (unit === "ms") return writeDuration(value, language);
  if (unit === "s") return writeDuration(value * 1000, language);
  if (unit === "ratio") return { text: formatPercent(value, language), unit: "" };
  const [base = "", per] = splitOnce(unit, "/");
  const rate = per ? `/${unitWord(per, language)}` : "";
  if (base === "usd") return { text: formatCost(value, language), unit: rate };
  return { text: formatNumber(value, language), unit: rate || unitWord(base, language, value === 1) };
}

/** Units as signals name them are English words; those without a word of their own stay. */
const KOREAN_UNITS: Readonly<Record<string, string>> = {
  requests: "건",
  request: "건",
  calls: "회",
  call: "회",
  errors: "건",
  timeouts: "건",
  retries: "회",
  retry: "회",
  tokens: "토큰",
  token: "토큰",
  spans: "스팬",
  span: "스팬",
  documents: "개",
  document: "개",
  embeddings: "개",
  scores: "개",
  sessions: "세션",
  users: "명",
  hits: "회",
  lookups: "회",
  events: "건",
  logs: "건",
  points: "개",
  min: "분",
  h: "시간",
  day: "일",
  month: "월",
};

function unitWord(unit: string, language: Language, isOne = false): string {
  if (language === "ko") return KOREAN_UNITS[unit] ?? unit;
  return isOne && unit in KOREAN_UNITS ? unit.replace(/ies$/, "y").replace(/s$/, "") : unit;
}

/** A value beside an axis: what is counted is known from the chart and not said at every line. */
export function formatTick(value: number, unit: string, language: Language): string {
  const isCount = unit in KOREAN_UNITS;
  return isCount ? formatNumber(value, language) : formatValue(value, unit, language);
}

export function formatValue(value: number | null | undefined, unit: string, language: Language): string {
  return join(writeValue(value, unit, language));
}

function join({ text, unit }: WrittenValue): string {
  if (!unit) return text;
  // Korean counters such as 건 stand close, nouns and signs do not.
  return /^(\/|\p{Script=Hangul}$)/u.test(unit) ? `${text}${unit}` : `${text} ${unit}`;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

/** Relative change of a value; null where there is nothing to compare with. */
export function relativeChange(value: number | null, previous: number | null): number | null {
  if (value === null || previous === null || previous === 0) return null;
  return (value - previous) / Math.abs(previous);
}

export function formatChange(change: number, language: Language): string {
  const options: Intl.NumberFormatOptions = { style: "percent", signDisplay: "exceptZero" };
  const digits = Math.abs(change) < 0.1 ? 1 : 0;
  return numberFormat(language, { ...options, maximumFractionDigits: digits }).format(change);
}

/** How a value differs from the one before: shares in points, all else relatively; null without both. */
export function writeDifference(
  value: number | null,
  previous: number | null,
  unit: string,
  language: Language,
): { size: number; text: string } | null {
  if (unit !== "ratio") {
    const change = relativeChange(value, previous);
    return change === null ? null : { size: change, text: formatChange(change, language) };
  }
  if (value === null || previous === null) return null;
  const points = (value - previous) * 100;
  const options: Intl.NumberFormatOptions = { signDisplay: "exceptZero", maximumFractionDigits: 1 };
  const text = numberFormat(language, options).format(points);
  const size = relativeChange(value, previous) ?? value - previous;
  return { size, text: language === "ko" ? `${text}%p` : `${text} pp` };
}

/** Bytes in binary units. */
export function formatBytes(bytes: number | null | undefined, language: Language): string {
  if (bytes === null || bytes === undefined) return NO_VALUE;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [size, index] = [bytes, 0];
  while (size >= 1024 && index < units.length - 1) [size, index] = [size / 1024, index + 1];
  return `${formatNumber(size, language)} ${units[index]}`;
}

const CLOCK: Intl.DateTimeFormatOptions = {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
};
const DAY: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric" };

/** Time of day, to the second. */
export function formatClock(instant: string | number | Date, language: Language): string {
  return dateFormat(language, CLOCK).format(new Date(instant));
}

/** Day and time of day, to the second. */
export function formatInstant(instant: string | number | Date, language: Language): string {
  return dateFormat(language, { ...DAY, ...CLOCK }).format(new Date(instant));
}

/** Today only the time of day, other days with the date; for lists. */
export function formatListTime(instant: string, language: Language, now: Date): string {
  const time = new Date(instant);
  if (time.toDateString() === now.toDateString()) return formatClock(time, language);
  return dateFormat(language, { month: "short", day: "numeric", ...CLOCK }).format(time);
}

/** Beside an axis: the day, or on one and the same day the time. */
export function formatAxisTime(instant: string, language: Language, isOneDay: boolean): string {
  const options: Intl.DateTimeFormatOptions = isOneDay
    ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }
    : { month: "numeric", day: "numeric" };
  return dateFormat(language, options).format(new Date(instant));
}

/** From one instant to another; the day is not said twice. */
export function formatSpan(since: string, until: string, language: Language): string {
  const isSameDay = new Date(since).toDateString() === new Date(until).toDateString();
  const end = isSameDay ? formatClock(until, language) : formatInstant(until, language);
  return `${formatInstant(since, language)} – ${end}`;
}

const LENGTH_UNITS = { s: "second", m: "minute", h: "hour", d: "day", w: "week" } as const;

/** The length of a range, such as `1h`, in words of the language. */
export function formatLength(length: string, language: Language): string {
  const unit = LENGTH_UNITS[length.at(-1) as keyof typeof LENGTH_UNITS];
  const options: Intl.NumberFormatOptions = { style: "unit", unit, unitDisplay: "short" };
  return unit ? numberFormat(language, options).format(Number.parseInt(length, 10)) : length;
}

/** How long ago something was, in words of the language. */
export function formatAge(instant: string | number | Date, language: Language, now: Date): string {
  const seconds = (new Date(instant).getTime() - now.getTime()) / 1000;
  const steps: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const [size, unit] = steps.find(([size]) => Math.abs(seconds) >= size) ?? [1, "second"];
  return format.format(Math.round(seconds / size), unit);
}

/** The name of the browser's time zone, such as `Asia/Seoul`. */
export function timeZoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
