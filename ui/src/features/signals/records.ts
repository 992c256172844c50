/** The values of an answer as a flat list: for the table, and to be taken away as CSV or JSON. */

import type { SeriesAnswer } from "@/api/signals";
import type { Series } from "./series";

/** One value. */
export interface ValueRecord {
  start: string;
  end: string;
  labels: Series["labels"];
  value: number | null;
  count: number;
  band: Series["bands"][number];
  complete: boolean;
}

/** One per window and series, the newest window first. */
export function recordsOf(answer: SeriesAnswer): ValueRecord[] {
  const step = answer.step_seconds * 1000;
  return answer.starts
    .map((start, index) => {
      const end = new Date(Date.parse(start) + step).toISOString().replace(".000Z", "Z");
      return answer.series.map((series) => ({
        start,
        end,
        labels: series.labels,
        value: series.values[index] ?? null,
        count: series.counts[index] ?? 0,
        band: series.bands[index] ?? ("no_data" as const),
        complete: answer.complete[index] ?? false,
      }));
    })
    .reverse()
    .flat();
}

export function toJson(answer: SeriesAnswer): string {
  const { name, unit, since, until, step_seconds } = answer;
  const values = recordsOf(answer).reverse();
  return JSON.stringify({ name, unit, since, until, step_seconds, values }, null, 2);
}

/** With a column per label; no data is an empty cell, not 0. */
export function toCsv(answer: SeriesAnswer): string {
  const labels = [...new Set(answer.series.flatMap((series) => Object.keys(series.labels)))];
  const head = ["start", "end", ...labels, "value", "count", "band", "complete"];
  const rows = recordsOf(answer)
    .reverse()
    .map(({ start, end, labels: of, value, count, band, complete }) => [
      start,
      end,
      ...labels.map((label) => of[label] ?? ""),
      value ?? "",
      count,
      band,
      complete,
    ]);
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}

/** A text that a spreadsheet would take for a formula is marked as text. */
function cell(value: string | number | boolean): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
