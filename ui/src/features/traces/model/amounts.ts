/** Amounts as people write them, read in the unit of a column. */

const DURATIONS: Readonly<Record<string, number>> = {
  ...{ us: 0.001, µs: 0.001, ms: 1, msec: 1, 밀리초: 1 },
  ...{ s: 1000, sec: 1000, second: 1000, seconds: 1000, 초: 1000 },
  ...{ m: 60_000, min: 60_000, minute: 60_000, minutes: 60_000, 분: 60_000 },
  ...{ h: 3_600_000, hour: 3_600_000, hours: 3_600_000, 시간: 3_600_000 },
  ...{ d: 86_400_000, day: 86_400_000, days: 86_400_000, 일: 86_400_000 },
};
const MULTIPLES: Readonly<Record<string, number>> = {
  ...{ k: 1000, m: 1_000_000, b: 1_000_000_000 },
  ...{ 천: 1000, 만: 10_000, 억: 100_000_000 },
};
const BYTES: Readonly<Record<string, number>> = {
  ...{ b: 1, kb: 1000, mb: 1_000_000, gb: 1_000_000_000 },
  ...{ k: 1024, m: 1024 ** 2, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 },
};
const NUMBER = /^[+-]?(\d[\d,]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Read `20 s`, `1m 30s`, `$0.05`, `4k` or `2 MiB` as a number in the column's unit; null if it is none. */
export function readAmount(text: string, unit: string | null): number | null {
  const written = text
    .trim()
    .replace(/^\$|\$$|달러$/g, "")
    .trim();
  if (NUMBER.test(written)) return Number(written.replaceAll(",", ""));
  if (unit === "ms") return readParts(written, DURATIONS);
  if (unit === "byte") return readParts(written, BYTES);
  return readParts(written.replace(/\s*(tokens?|토큰)$/i, ""), MULTIPLES);
}

/** A number with a unit, or several of them added up. */
function readParts(text: string, units: Readonly<Record<string, number>>): number | null {
  const parts = [...text.matchAll(/([+-]?[\d.,]+)\s*([\p{L}µ]+)?\s*/gu)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text) return null;
  let sum = 0;
  for (const [, amount = "", name] of parts) {
    const [number, factor] = [Number(amount.replaceAll(",", "")), name ? units[name.toLowerCase()] : 1];
    if (!Number.isFinite(number) || factor === undefined) return null;
    sum += number * factor;
  }
  return Number(sum.toPrecision(12));
}

/** Whether a word is a unit of time, so that `20 s` is one amount. */
export function isDurationUnit(word: string): boolean {
  return word.toLowerCase() in DURATIONS;
}

/** An amount as it stands in an input field: short, and read back as the same number. */
export function editableAmount(value: string, unit: string | null): string {
  const number = Number(value);
  if (unit !== "ms" || !Number.isFinite(number)) return value;
  if (number >= 60_000 && number % 60_000 === 0) return `${number / 60_000} min`;
  return number >= 1000 ? `${number / 1000} s` : `${number} ms`;
}
