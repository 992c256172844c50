/** Cases of two runs, paired by the example they are about. */

import type { EvalCase, ShortScore } from "@/api/eval-runs";
import { mergedScore } from "../model/scores";
import type { PairFilter } from "../search";

export type Change = "lost" | "gained" | "both" | "neither" | "unknown";

export interface Pair {
  id: string;
  question: string | null;
  a: EvalCase;
  b: EvalCase;
  /** By the chosen metric; absent without one. */
  scoreA: ShortScore | undefined;
  scoreB: ShortScore | undefined;
  /** Of the chosen metric, second minus first; null where one has no value. */
  difference: number | null;
  change: Change;
}

/** Pair cases; those that lost most come first, by how much worse they are or by what they no longer pass. */
export function pairCases(
  a: readonly EvalCase[],
  b: readonly EvalCase[],
  metric: string | undefined,
  isLowerBetter: boolean,
): Pair[] {
  const first = new Map(a.map((one) => [one.example_id, one]));
  const pairs = b.flatMap((one) => {
    const before = first.get(one.example_id);
    return before ? [pairOf(before, one, metric)] : [];
  });
  const sign = isLowerBetter ? -1 : 1;
  const badness = ({ difference, change }: Pair) =>
    difference === null
      ? { lost: -1, gained: 1, both: 0, neither: 0, unknown: 0 }[change]
      : sign * difference;
  return pairs.toSorted((one, other) => badness(one) - badness(other));
}

function pairOf(a: EvalCase, b: EvalCase, metric: string | undefined): Pair {
  const scoreA = metric === undefined ? undefined : mergedScore(a.scores, metric);
  const scoreB = metric === undefined ? undefined : mergedScore(b.scores, metric);
  const [before, after] = metric === undefined ? [a.passed, b.passed] : [scoreA?.passed, scoreB?.passed];
  const [valueA, valueB] = [scoreA?.value ?? null, scoreB?.value ?? null];
  return {
    id: b.example_id,
    question: b.question ?? a.question,
    ...{ a, b, scoreA, scoreB },
    difference: valueA === null || valueB === null ? null : valueB - valueA,
    change: changeOf(before ?? null, after ?? null),
  };
}

function changeOf(before: boolean | null, after: boolean | null): Change {
  if (before === null || after === null) return "unknown";
  if (before) return after ? "both" : "lost";
  return after ? "gained" : "neither";
}

export function shownPairs(pairs: readonly Pair[], filter: PairFilter): readonly Pair[] {
  if (filter === "all") return pairs;
  return pairs.filter(({ change, difference }) =>
    filter === "changed"
      ? change === "lost" || change === "gained" || (difference !== null && difference !== 0)
      : change === filter,
  );
}
