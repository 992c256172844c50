import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { filtersOf } from "@/api/client";
import type { Level, ListQuestion, TraceSort } from "@/api/traces";
import { usePageState } from "@/lib/page-state";
import { boundsOf } from "@/lib/time-range";
import { readTracesSearch, type TracesSearch } from "./search";

export interface TracesState {
  /** Filters of the page itself, as the URL writes them; those of the scope come on top. */
  filters: readonly string[];
  q: string;
  sort: TraceSort;
  level: Level;
  cols: readonly string[] | null;
  preview: string | null;
  view: string | null;
  /** What the list asks the server. */
  question: ListQuestion;
  change: (values: { [Key in keyof TracesSearch]?: TracesSearch[Key] | undefined }) => void;
  setFilters: (filters: readonly string[]) => void;
}

/** What the list shows; the URL is the only place it is kept. */
export function useTracesState(): TracesState {
  const raw = useSearch({ strict: false });
  const navigate = useNavigate();
  const { scope, range } = usePageState();
  const written = JSON.stringify(readTracesSearch(raw as Record<string, unknown>));
  const change = useCallback<TracesState["change"]>(
    (values) =>
      void navigate({
        to: ".",
        search: (old: object) => withoutEmpty({ ...old, ...values }),
        // Going back leads to the list before, not through every row that was looked at.
        replace: Object.keys(values).every((key) => key === "preview"),
        resetScroll: false,
      }),
    [navigate],
  );
  return useMemo(() => {
    const search = JSON.parse(written) as TracesSearch;
    const { filter = [], q = "", sort = "newest", level = "trace" } = search;
    const question: ListQuestion = {
      project: scope.project,
      filters: [...filtersOf(scope), ...filter],
      q: q || undefined,
      ...boundsOf(range),
      level,
      sort,
    };
    return {
      filters: filter,
      q,
      sort,
      level,
      cols: search.cols ?? null,
      preview: search.preview ?? null,
      view: search.view ?? null,
      question,
      change,
      setFilters: (filters) => change({ filter: filters.length ? [...filters] : undefined }),
    };
  }, [written, scope, range, change]);
}

function withoutEmpty(values: object): object {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ""),
  );
}
