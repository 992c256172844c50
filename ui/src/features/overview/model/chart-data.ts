/** What the charts of a board show, out of the answers of the server. */

import type { Chart } from "@/api/boards";
import { type Answers, type FailedQuestion, hasFailed, type SeriesAnswer, type Signal } from "@/api/signals";
import { type ChartContent, type ChartLimit, type ChartMark, limitsOf } from "@/components/charts/types";
import { pickText } from "@/i18n";
import type { Language } from "@/i18n/languages";
import { chartKey } from "./questions";

/** Lines or bars of one unit; a chart whose signals have several units is several of these. */
export interface Plot {
  content: ChartContent;
  /** How many more series there are than a chart can show apart. */
  hiddenCount: number;
}

export interface SharePart {
  label: string;
  value: number;
  share: number;
}

export interface ChartData {
  plots: readonly Plot[];
  parts: readonly SharePart[];
  unit: string;
  failures: readonly FailedQuestion[];
  hiddenCount: number;
}

/** What data needs to be written for people. */
export interface Writing {
  signals: ReadonlyMap<string, Signal>;
  language: Language;
  /** Stands where a label has no value. */
  noLabel: string;
  marks: readonly ChartMark[];
}

const MAX_SERIES = 8;
const MAX_PARTS = 12;

interface Line {
  signal: string;
  label: string;
  values: readonly (number | null)[];
  size: number;
}

/** A chart's answers; null while not all came. */
export function readChart(answers: Answers | undefined, chart: Chart, writing: Writing): ChartData | null {
  const found = chart.signals.map((signal) => answers?.[chartKey(chart, signal)]);
  if (found.some((answer) => !answer)) return null;
  const known = found.filter((answer) => answer !== undefined);
  const failures = known.filter(hasFailed);
  const results = known.filter((answer): answer is SeriesAnswer => !hasFailed(answer));
  if (chart.kind === "share") return { plots: [], failures, ...partsOf(results, chart, writing) };
  const plots = byUnit(results).map((group) => plotOf(group, chart, writing));
  const hiddenCount = plots.reduce((sum, plot) => sum + plot.hiddenCount, 0);
  return { plots, parts: [], unit: "", failures, hiddenCount };
}

function byUnit(results: readonly SeriesAnswer[]): SeriesAnswer[][] {
  const units = [...new Set(results.map(({ unit }) => unit))];
  return units.map((unit) => results.filter((result) => result.unit === unit));
}

function plotOf(results: readonly SeriesAnswer[], chart: Chart, writing: Writing): Plot {
  const first = results[0] as SeriesAnswer;
  const all = results.flatMap((result) => linesOf(result, chart, writing)).filter(({ size }) => size > 0);
  const shown = largest(all);
  const kind = chart.kind === "bars" ? (canStack(results) ? "stacked-bars" : "bars") : "lines";
  return {
    hiddenCount: all.length - shown.length,
    content: {
      kind,
      starts: first.starts.map((start) => Date.parse(start)),
      stepSeconds: first.step_seconds,
      complete: first.complete,
      unit: first.unit,
      series: shown.map(({ label, values }, color) => ({ label, values, color })),
      limits: kind === "stacked-bars" && shown.length > 1 ? [] : limitsFor(results, writing),
      marks: writing.marks,
    },
  };
}

function linesOf(result: SeriesAnswer, chart: Chart, writing: Writing): Line[] {
  return result.series.map(({ labels, values, counts }) => ({
    signal: result.name,
    label: labelOf(result.name, labels, chart, writing),
    values,
    size: counts.reduce((sum, count) => sum + count, 0),
  }));
}

/** Signals by their names, series by their labels, both where a chart has several of both. */
function labelOf(
  name: string,
  labels: { readonly [key: string]: string },
  chart: Chart,
  { signals, language, noLabel }: Writing,
): string {
  const signal = signals.get(name);
  const title = signal ? pickText(signal.title, language) : name;
  const written = Object.values(labels).map((value) => value || noLabel);
  if (written.length === 0) return title;
  return chart.signals.length > 1 ? `${title} · ${written.join(" · ")}` : written.join(" · ");
}

/** The lines that rest on most, in an order that does not change with every new number: colours stay. */
function largest(lines: readonly Line[]): Line[] {
  if (lines.length <= MAX_SERIES) return isSplit(lines) ? lines.toSorted(byLabel) : [...lines];
  return lines
    .toSorted((one, other) => other.size - one.size)
    .slice(0, MAX_SERIES)
    .sort(byLabel);
}

function isSplit(lines: readonly Line[]): boolean {
  return new Set(lines.map(({ signal }) => signal)).size < lines.length;
}

function byLabel(one: Line, other: Line): number {
  return one.label.localeCompare(other.label, undefined, { numeric: true });
}

/** Amounts can stand one upon the other; times and shares of different things cannot. */
function canStack(results: readonly SeriesAnswer[]): boolean {
  return results.every(({ unit }) => !["ms", "s", "ratio"].includes(unit) && !isPerThing(unit));
}

/** Such as `tokens/call`, an average; a rate such as `calls/min` is an amount. */
function isPerThing(unit: string): boolean {
  const per = unit.split("/")[1];
  return per !== undefined && !["s", "min", "h", "day", "month"].includes(per);
}

/** Limits are drawn if they hold for all that is judged; two signals with different ones would be misread. */
function limitsFor(results: readonly SeriesAnswer[], { signals }: Writing): ChartLimit[] {
  const limits = results
    .map(({ name }) => limitsOf(signals.get(name)?.bands ?? { warning: null, critical: null }))
    .filter((found) => found.length > 0);
  const [first] = limits;
  return first && limits.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? first : [];
}

function partsOf(results: readonly SeriesAnswer[], chart: Chart, writing: Writing) {
  const lines = results.flatMap((result) => linesOf(result, chart, writing));
  const values = lines.map(({ label, values }) => ({ label, value: values.at(-1) ?? null }));
  const known = values.filter((part): part is typeof part & { value: number } => part.value !== null);
  const total = known.reduce((sum, { value }) => sum + value, 0);
  const ordered = isHistogram(chart, writing)
    ? known
    : known.toSorted((one, other) => other.value - one.value);
  const isRatio = results.every(({ unit }) => unit === "ratio");
  const parts = (total > 0 ? ordered : []).map(({ label, value }) => ({
    label,
    value,
    share: isRatio ? value : value / total,
  }));
  return {
    parts: parts.slice(0, MAX_PARTS),
    unit: isRatio ? "" : (results[0]?.unit ?? ""),
    hiddenCount: Math.max(0, parts.length - MAX_PARTS),
  };
}

/** Buckets have an order of their own. */
function isHistogram(chart: Chart, { signals }: Writing): boolean {
  return chart.signals.some((name) => signals.get(name)?.value.startsWith("histogram("));
}
