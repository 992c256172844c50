/** How good a score is, as a band. */

import type { MetricSummary, ShortScore } from "@/api/eval-runs";
import type { Band } from "@/components/ui/band-mark";

type Passing = Pick<MetricSummary, "mean" | "low" | "high" | "threshold" | "direction">;

export function passes(value: number, threshold: number, direction: MetricSummary["direction"]): boolean {
  return direction === "higher" ? value >= threshold : value <= threshold;
}

/** Of a mean: missing its threshold is a warning, and critical if the whole interval misses it. */
export function bandOfMean({ mean, low, high, threshold, direction }: Passing): Band {
  if (mean === null) return "no_data";
  if (threshold === null || passes(mean, threshold, direction)) return "normal";
  const best = direction === "higher" ? high : low;
  return best !== null && passes(best, threshold, direction) ? "warning" : "critical";
}

/** Of one score: below its threshold is a warning, what could not be judged is critical. */
export function bandOfScore({ status, passed }: Pick<ShortScore, "status" | "passed">): Band {
  if (status === "error") return "critical";
  if (status !== "scored") return "no_data";
  return passed === false ? "warning" : "normal";
}

export function bandOfCase(passed: boolean | null): Band {
  if (passed === null) return "no_data";
  return passed ? "normal" : "critical";
}

/** Ends of the scale that values of a metric are drawn on. */
export function scaleOf(unit: string, values: readonly (number | null)[]): { from: number; to: number } {
  if (unit === "ratio") return { from: 0, to: 1 };
  const known = values.filter((value) => value !== null);
  return { from: Math.min(0, ...known), to: Math.max(...known, 0) * 1.05 || 1 };
}

/** Scores of a metric that was repeated, as one: the mean of those with a value. */
export function mergedScore<S extends Pick<ShortScore, "metric" | "value" | "status" | "passed">>(
  scores: readonly S[],
  metric: string,
): S | undefined {
  const own = scores.filter((score) => score.metric === metric);
  const [first] = own;
  const valued = own.filter(({ value }) => value !== null);
  const [best] = valued;
  if (!first || !best || valued.length === 1) return best ?? first;
  const value = valued.reduce((sum, score) => sum + (score.value ?? 0), 0) / valued.length;
  return { ...best, value, passed: mergedPassed(valued) };
}

/** Repetitions that disagree on passing count as not passed: somebody has to look. */
function mergedPassed(scores: readonly Pick<ShortScore, "passed">[]): boolean | null {
  if (scores.some(({ passed }) => passed === false)) return false;
  return scores.some(({ passed }) => passed === true) ? true : null;
}

/** A metric is written `name`, with options behind `:` or `@`. */
export function baseName(metric: string): string {
  return metric.split(/[:@]/, 1)[0] ?? metric;
}
