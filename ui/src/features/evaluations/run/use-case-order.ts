import { useInfiniteQuery } from "@tanstack/react-query";
import { type CasesQuestion, type EvalRun, evalCasesQuery, isUnderWay } from "@/api/eval-runs";
import { usePageState } from "@/lib/page-state";
import type { RunSearch } from "../search";

export interface Neighbours {
  previous: number | null;
  next: number | null;
}

/** The cases of a run in the order that the page asks for, and which stand beside one. */
export function useCaseOrder(run: EvalRun, search: RunSearch) {
  const { scope } = usePageState();
  const metric = run.plan.metrics.some(({ name }) => name === search.by) ? search.by : undefined;
  const question: CasesQuestion = {
    filter: search.show ?? "all",
    metric,
    isWorstFirst: search.order === "worst",
  };
  const query = useInfiniteQuery(evalCasesQuery(scope, run.id, question, isUnderWay(run)));
  const order = query.data?.pages.flatMap((page) => page.rows.map(({ position }) => position)) ?? [];
  const neighboursOf = (position: number): Neighbours => {
    const place = order.indexOf(position);
    if (place < 0) return { previous: null, next: order[0] ?? null };
    // The one after the last that was fetched is fetched before somebody steps to it.
    if (place >= order.length - 2 && query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    return { previous: order[place - 1] ?? null, next: order[place + 1] ?? null };
  };
  return { query, neighboursOf };
}

export type CaseOrder = ReturnType<typeof useCaseOrder>;
