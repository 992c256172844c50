/** Series of an answer: their names, which to draw, and what a chart is made of them. */

import type { SeriesAnswer, Signal } from "@/api/signals";
import { type ChartContent, type ChartMark, type ChartSeries, limitsOf } from "@/components/charts/types";
import { visibleLine } from "@/lib/foreign-text";

export type Series = SeriesAnswer["series"][number];

/** Lines that are drawn unless others are chosen; as many as there are colours. */
export const DRAWN = 8;

/** Names a series in the URL and between answers. */
export function seriesKey({ labels }: Pick<Series, "labels">): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}:${value}`)
    .sort()
    .join("|");
}

/** The values of the labels that tell series apart; an absent value is written as `nothing`. */
export function seriesName({ labels }: Pick<Series, "labels">, nothing: string, whole: string): string {
  const values = Object.values(labels).map((value) => visibleLine(value) || nothing);
  return values.length ? values.join(" · ") : whole;
}

/** A series over the whole range. */
export interface Total {
  key: string;
  labels: Series["labels"];
  value: number | null;
  count: number;
  band: Series["bands"][number];
}

/** Totals of an answer with one window, the ones with most records first; the order of buckets is kept. */
export function totalsOf(answer: SeriesAnswer, isOrdered: boolean): Total[] {
  const totals = answer.series.map((series) => ({
    key: seriesKey(series),
    labels: series.labels,
    value: series.values[0] ?? null,
    count: series.counts[0] ?? 0,
    band: series.bands[0] ?? "no_data",
  }));
  if (isOrdered) return totals;
  return totals.sort((one, other) => other.count - one.count || (other.value ?? 0) - (one.value ?? 0));
}

/** Keys of the series to draw: the chosen ones that exist, else the first. */
export function drawnKeys(totals: readonly Total[], chosen: readonly string[] | undefined): string[] {
  const known = (chosen ?? []).filter((key) => totals.some((total) => total.key === key));
  return known.length ? known : totals.slice(0, DRAWN).map(({ key }) => key);
}

interface Drawing {
  signal: Signal;
  answer: SeriesAnswer;
  before: SeriesAnswer | undefined;
  totals: readonly Total[];
  drawn: readonly string[];
  /** What a series is called, and its line of the period before. */
  nameOf: (series: Pick<Series, "labels">) => string;
  beforeOf: (name: string) => string;
  kind: NonNullable<ChartContent["kind"]>;
  marks: readonly ChartMark[];
  /** Start of the chosen window. */
  picked: number | undefined;
}

/** What the chart shows. */
export function contentOf(drawing: Drawing): ChartContent {
  const { signal, answer, before, totals, drawn, kind, marks, picked } = drawing;
  const starts = answer.starts.map((start) => Date.parse(start));
  const places = new Map(totals.map(({ key }, index) => [key, index]));
  const lines = answer.series
    .map((series) => ({ series, key: seriesKey(series), color: places.get(seriesKey(series)) ?? 0 }))
    .filter(({ key }) => drawn.includes(key))
    .sort((one, other) => one.color - other.color);
  const earlier = before && kind === "lines" ? shifted(before, answer) : new Map<string, (number | null)[]>();
  const series = lines.flatMap(({ series, key, color }): ChartSeries[] => {
    const label = drawing.nameOf(series);
    const line = { label, values: series.values, color };
    const values = earlier.get(key);
    return values ? [line, { label: drawing.beforeOf(label), values, color, isComparison: true }] : [line];
  });
  return {
    kind,
    starts,
    stepSeconds: answer.step_seconds,
    complete: answer.complete,
    unit: answer.unit,
    series,
    limits: kind === "stacked-bars" ? [] : limitsOf(signal.bands),
    marks,
    ...(picked === undefined ? {} : { picked }),
  };
}

/** Values of the period before, moved onto the windows of the present one. */
export function shifted(before: SeriesAnswer, present: SeriesAnswer): Map<string, (number | null)[]> {
  const step = present.step_seconds * 1000;
  const distance = Date.parse(present.since) - Date.parse(before.since);
  const offset = Math.round(distance / step) * step;
  const places = new Map(before.starts.map((start, index) => [Date.parse(start) + offset, index]));
  return new Map(
    before.series.map((series) => [
      seriesKey(series),
      present.starts.map((start) => {
        const index = places.get(Date.parse(start));
        return index === undefined ? null : (series.values[index] ?? null);
      }),
    ]),
  );
}

/** Whether values of several series add up to something: counts, tokens, money; not times or shares of different wholes. */
export function isAdditive({ value, unit }: Pick<Signal, "value" | "unit">): boolean {
  if (/^\s*share\s*\(/.test(value)) return true;
  return (
    unit !== "ratio" &&
    /^\s*(count|sum|rate|topk|histogram|increase)\s*\(/.test(value) &&
    !/\/\s*sum/.test(value)
  );
}
