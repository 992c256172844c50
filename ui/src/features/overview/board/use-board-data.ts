import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Chart, Tile } from "@/api/boards";
import { type Change, changesQuery, type SeenKind, seenKind, toldText } from "@/api/changes";
import { answersQuery, catalogueQuery, type Signal } from "@/api/signals";
import type { ChartMark } from "@/components/charts/types";
import { useLanguage } from "@/i18n";
import { usePageState } from "@/lib/page-state";
import { type Bounds, boundsOf, lengthOf, type TimeRange } from "@/lib/time-range";
import { useNow } from "@/lib/use-now";
import type { Writing } from "../model/chart-data";
import { chartQuestions, type PageQuestion, tileQuestions } from "../model/questions";

const DAY_SECONDS = 86_400;

/** What every question of the page shares; the same object until the day, range or scope changes. */
export function usePageQuestion(): PageQuestion {
  const { scope, range } = usePageState();
  const day = useNow(60_000).toISOString().slice(0, 10);
  return useMemo(() => ({ scope, range, now: new Date(day) }), [scope, range, day]);
}

/** The catalogue by name; null while it loads. */
export function useSignals(): ReadonlyMap<string, Signal> | null {
  const { data } = useQuery(catalogueQuery);
  return useMemo(() => data && new Map(data.map((signal) => [signal.name, signal])), [data]) ?? null;
}

/** All numbers of a board: those of its tiles in one request, then those of its charts in another.
 *
 * One after the other, because two questions at once share the server: the values that people wait for come first.
 */
export function useBoardAnswers(board: { tiles: readonly Tile[]; charts: readonly Chart[] }) {
  const page = usePageQuestion();
  const { tiles, charts } = board;
  const tileAsked = useMemo(() => tileQuestions(tiles, page), [tiles, page]);
  const chartAsked = useMemo(() => chartQuestions(charts, page), [charts, page]);
  const tileAnswers = useQuery(answersQuery(page.scope, tileAsked));
  const chartQuery = answersQuery(page.scope, chartAsked);
  const chartAnswers = useQuery({
    ...chartQuery,
    enabled: charts.length > 0 && !tileAnswers.isFetching,
  });
  return { page, tiles: tileAnswers, charts: chartAnswers };
}

export type BoardAnswers = ReturnType<typeof useBoardAnswers>;

/** Changes of the range, at least those of a day, so that a short range has its neighbourhood. */
export function changeBounds(range: TimeRange): Bounds {
  return range.kind === "last" && lengthOf(range) < DAY_SECONDS ? { since: "now-24h" } : boundsOf(range);
}

export function useChanges() {
  const { scope, range } = usePageState();
  return useQuery(changesQuery(scope, changeBounds(range)));
}

/** How charts write their data, with the marks of changes. */
export function useWriting(): Writing {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const signals = useSignals();
  const { data: changes } = useChanges();
  return useMemo(() => {
    const marks = (changes ?? []).map(
      (change): ChartMark => ({
        at: Date.parse(change.at),
        label: changeText(change, (key, values) => t(`change.${key}`, values)),
      }),
    );
    return { signals: signals ?? new Map(), language, noLabel: t("chart.noLabel"), marks };
  }, [t, language, signals, changes]);
}

/** One line for a change, such as `shop-chat: version 1.2 → 1.3`. */
export function changeText(
  change: Change,
  write: (key: SeenKind, values: { subject: string; after: string }) => string,
): string {
  const kind = seenKind(change);
  if (!kind) return toldText(change);
  const { subject, before } = change;
  const after = change.after ?? "";
  return write(kind, { subject, after: before ? `${before} → ${after}` : after });
}
