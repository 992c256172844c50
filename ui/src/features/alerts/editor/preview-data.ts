/** What the chart of a preview shows, out of the answer of the server. */

import type { RulePreview } from "@/api/alert-rules";
import { chartLimitsOf } from "@/components/alerts/limits";
import type { ChartContent, ChartMark, ChartSeries } from "@/components/charts/types";
import { visibleLine } from "@/lib/foreign-text";

export type Period = RulePreview["periods"][number];
type Values = RulePreview["values"][number];

const MINUTE_SECONDS = 60;

/** Values of all series on the windows that any of them has; what a series lacks is a gap. */
export function previewContent(preview: RulePreview, unit: string, whole: string): ChartContent {
  const starts = [
    ...new Set(preview.values.flatMap(({ points }) => points.map(([at]) => Date.parse(at)))),
  ].sort((one, other) => one - other);
  return {
    starts,
    stepSeconds: stepOf(starts),
    complete: starts.map(() => true),
    unit,
    series: preview.values.map((values, color) => seriesOf(values, color, starts, whole)),
    limits: limitsOf(preview),
    marks: marksOf(preview.periods),
  };
}

function seriesOf(
  { labels, points }: Values,
  color: number,
  starts: readonly number[],
  whole: string,
): ChartSeries {
  const known = new Map(points.map(([at, value]) => [Date.parse(at), value]));
  return {
    label: nameOf(labels) || whole,
    values: starts.map((start) => known.get(start) ?? null),
    color,
  };
}

function stepOf(starts: readonly number[]): number {
  const steps = starts.slice(1).map((start, index) => (start - (starts[index] ?? start)) / 1000);
  return steps.length ? Math.min(...steps) : MINUTE_SECONDS;
}

function limitsOf({ limits }: RulePreview) {
  return [
    ...(limits.warning ? chartLimitsOf(limits.warning, "warning") : []),
    ...(limits.critical ? chartLimitsOf(limits.critical, "critical") : []),
  ];
}

function marksOf(periods: readonly Period[]): ChartMark[] {
  return periods.map(({ labels, from, severity }) => ({
    at: Date.parse(from),
    label: [severity, nameOf(labels)].filter(Boolean).join(" · "),
  }));
}

/** The values of labels on one line. */
export function nameOf(labels: Readonly<Record<string, string>>): string {
  return Object.values(labels)
    .map((value) => visibleLine(value) || "–")
    .join(" · ");
}
