import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { whereOf } from "@/api/client";
import {
  answersQuery,
  type FailedQuestion,
  hasFailed,
  type Question,
  type SeriesAnswer,
  type Signal,
} from "@/api/signals";
import { usePageState } from "@/lib/page-state";
import { boundsOf, previousBounds, stepFor, type TimeRange } from "@/lib/time-range";
import { isBreakdown, isHistogram } from "./families";
import { changed, readSignalSearch, type SignalSearch, type View } from "./search";
import { drawnKeys, type Total, totalsOf } from "./series";

type Change = { [key in keyof SignalSearch]?: SignalSearch[key] | undefined };

/** What the explorer keeps in the URL, and how to change it. */
export function useExplorerSearch() {
  const raw = useSearch({ strict: false });
  const navigate = useNavigate();
  const search = useMemo(() => readSignalSearch(raw), [raw]);
  const change = useCallback(
    (values: Change) =>
      void navigate({
        to: ".",
        search: (old: object) => changed(old, values),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  return { search, change };
}

interface Questions {
  /** Per window, split. */
  windows: Question;
  /** Over the whole range, split. */
  whole: Question;
  /** Over the whole range, as one. */
  overall: Question;
  /** As one, over the period before. */
  overallBefore: Question;
  /** Per window, split, over the period before. */
  windowsBefore?: Question;
}

/** The questions about one signal; labels that it does not have split nothing. */
export function questionsOf(
  signal: Signal,
  search: SignalSearch,
  range: TimeRange,
  where: string | undefined,
): Questions {
  const by = (search.by ?? []).filter((label) => signal.by.includes(label));
  const shared = { name: signal.name, ...(where ? { where } : {}) };
  const [now, before] = [boundsOf(range), previousBounds(range)];
  const split = by.length ? { by } : {};
  const step = search.step ?? stepFor(range);
  return {
    windows: { ...shared, ...now, ...split, step },
    whole: { ...shared, ...now, ...split },
    overall: { ...shared, ...now },
    overallBefore: { ...shared, ...before },
    ...(search.compare ? { windowsBefore: { ...shared, ...before, ...split, step } } : {}),
  };
}

/** All that the explorer shows of a signal. */
export interface Explorer {
  signal: Signal;
  search: SignalSearch;
  change: (values: Change) => void;
  view: View;
  questions: Questions;
  /** With the page's environment and service. */
  where: string | undefined;
  isLoading: boolean;
  /** An answer of another range is still shown. */
  isStale: boolean;
  error: Error | null;
  updatedAt: number;
  retry: () => void;
  /** Why the question was refused: the condition, the step, too many values. */
  refusal: FailedQuestion["error"] | null;
  windows: SeriesAnswer | undefined;
  windowsBefore: SeriesAnswer | undefined;
  overall: SeriesAnswer | undefined;
  overallBefore: SeriesAnswer | undefined;
  totals: readonly Total[];
  drawn: readonly string[];
}

export function useExplorer(signal: Signal): Explorer {
  const { scope, range } = usePageState();
  const { search, change } = useExplorerSearch();
  const where = whereOf(scope, search.where);
  const questions = useMemo(() => questionsOf(signal, search, range, where), [signal, search, range, where]);
  const query = useQuery(answersQuery(scope, { ...questions }));
  const answers = useMemo(() => {
    const of = (name: keyof Questions) => {
      const answer = query.data?.[name];
      // While another signal loads, the numbers of the one before are not its own.
      return answer?.name === signal.name ? answer : undefined;
    };
    const known = (name: keyof Questions) => {
      const answer = of(name);
      return answer && !hasFailed(answer) ? answer : undefined;
    };
    const failed = [of("windows"), of("overall")].find((answer) => answer && hasFailed(answer));
    return {
      isMissing: of("windows") === undefined,
      refusal: failed && hasFailed(failed) ? failed.error : null,
      windows: known("windows"),
      windowsBefore: questions.windowsBefore && known("windowsBefore"),
      overall: known("overall"),
      overallBefore: known("overallBefore"),
      whole: known("whole"),
    };
  }, [query.data, signal.name, questions.windowsBefore]);
  const totals = useMemo(
    () => (answers.whole ? totalsOf(answers.whole, isHistogram(signal)) : []),
    [answers.whole, signal],
  );
  const drawn = useMemo(() => drawnKeys(totals, search.series), [totals, search.series]);
  return {
    ...answers,
    signal,
    search,
    change,
    view: search.view ?? (isBreakdown(signal) ? "bars" : "lines"),
    questions,
    where,
    isLoading: answers.isMissing && !query.isError,
    isStale: query.isPlaceholderData,
    error: query.error,
    updatedAt: query.dataUpdatedAt,
    retry: () => void query.refetch(),
    totals,
    drawn,
  };
}
