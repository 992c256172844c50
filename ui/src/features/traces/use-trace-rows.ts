import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import {
  countHeld,
  findPage,
  type RowPages,
  withNewest,
  withNext,
  withoutFar,
  withRowsAgain,
} from "@/api/trace-rows";
import { fetchNext, type ListQuestion, rowsQuery, tracesKeys } from "@/api/traces";

export interface TraceRows {
  list: RowPages | undefined;
  /** The rows are those of the question before, while this one's are on their way. */
  isOld: boolean;
  isPending: boolean;
  error: Error | null;
  /** When the rows were last asked for. */
  askedAt: number;
  retry: () => void;
  /** Rows from one place to another are looked at: fetch what is missing there or comes soon. */
  see: (first: number, last: number) => void;
  /** What went wrong with the last page that was asked for. */
  nextError: Error | null;
  /** New rows that wait to be shown; infinite if they are more than a page. */
  heldCount: number;
  showHeld: () => void;
}

/** How many rows before the end the next page is asked for. */
const AHEAD = 80;

/** The rows of a question, fetched as they come into sight. */
export function useTraceRows(question: ListQuestion): TraceRows {
  const cache = useQueryClient();
  const query = useQuery(rowsQuery(question, cache));
  const [nextError, setNextError] = useState<Error | null>(null);
  const fetching = useRef<AbortController | null>(null);
  const key = JSON.stringify(tracesKeys.rows(question));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question makes its predecessor's pages useless
  useEffect(() => {
    setNextError(null);
    return () => {
      fetching.current?.abort();
      fetching.current = null;
    };
  }, [key]);
  const list = query.data;
  const isOld = query.isPlaceholderData;

  const store = useCallback(
    (change: (list: RowPages) => RowPages) =>
      cache.setQueryData<RowPages>(
        tracesKeys.rows(question),
        (old) => old && change(old),
        // When it was asked for is not when a page was added.
        { updatedAt: cache.getQueryState(tracesKeys.rows(question))?.dataUpdatedAt ?? Date.now() },
      ),
    [cache, question],
  );

  const fetchPage = useCallback(
    async (cursor: string, index: number | null, accepted: ListQuestion, seen: number) => {
      const controller = new AbortController();
      fetching.current = controller;
      try {
        const page = await fetchNext(accepted, cursor, controller.signal, index !== null);
        store((old) =>
          withoutFar(
            index === null ? withNext(old, cursor, page) : withRowsAgain(old, index, page.rows),
            seen,
          ),
        );
        setNextError(null);
      } catch (error) {
        if (!controller.signal.aborted) setNextError(error as Error);
      } finally {
        if (fetching.current === controller) fetching.current = null;
      }
    },
    [store],
  );

  const see = useCallback(
    (first: number, last: number) => {
      if (!list || isOld || fetching.current) return;
      const seen = findPage(list, first).page;
      const missing = missingPage(list, first, last);
      const accepted = acceptedOf(question, list);
      const cursor = missing === null ? list.next : (list.pages[missing]?.cursor ?? null);
      const isNear = missing !== null || last >= (list.starts.at(-1) ?? 0) - AHEAD;
      if (cursor && isNear) void fetchPage(cursor, missing, accepted, seen);
    },
    [list, isOld, question, fetchPage],
  );

  return {
    list,
    isOld,
    isPending: query.isPending,
    error: query.error,
    askedAt: query.dataUpdatedAt,
    retry: () => void query.refetch(),
    see,
    nextError,
    heldCount: list && !isOld ? countHeld(list) : 0,
    showHeld: () => store((old) => (old.held ? withNewest(old, old.held) : old)),
  };
}

/** The first page among the seen ones that gave its rows back. */
function missingPage(list: RowPages, first: number, last: number): number | null {
  const end = findPage(list, last).page;
  for (let index = findPage(list, first).page; index <= end; index++)
    if (list.pages[index] && !list.pages[index]?.rows) return index;
  return null;
}

/** The question with those filters alone that the server understood; cursors belong to it. */
export function acceptedOf(question: ListQuestion, list: RowPages | undefined): ListQuestion {
  if (!list?.refused.length) return question;
  const refused = new Set(list.refused.map(({ filter }) => filter));
  return { ...question, filters: question.filters.filter((filter) => !refused.has(filter)) };
}
