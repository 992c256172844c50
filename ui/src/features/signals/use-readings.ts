import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { whereOf } from "@/api/client";
import { answersQuery, hasFailed, type Question, type SeriesAnswer, type Signal } from "@/api/signals";
import type { Band } from "@/components/ui/band-mark";
import { visibleLine } from "@/lib/foreign-text";
import { usePageState } from "@/lib/page-state";
import { boundsOf, stepFor } from "@/lib/time-range";
import { isBreakdown } from "./families";
import { BAND_ORDER } from "./search";

const SPARKLINE_WINDOWS = 24;

/** What the list shows of a signal over the range of the page. */
export interface Reading {
  value: number | null;
  /** The largest part of a distribution; null for other signals. */
  part: string | null;
  count: number;
  band: Band;
  /** Over the windows of the range; a distribution has none. */
  line: readonly (number | null)[] | null;
  incompleteCount: number;
  /** Why there is no answer. */
  problem: string | null;
}

/** Values of all signals, in one question for the range and one for its windows. */
export function useReadings(signals: readonly Signal[]) {
  const { scope, range } = usePageState();
  const where = whereOf(scope);
  const questions = useMemo(() => {
    const shared = { ...boundsOf(range), ...(where ? { where } : {}) };
    const step = stepFor(range, SPARKLINE_WINDOWS);
    return {
      whole: questionsFor(signals, (name) => ({ name, ...shared })),
      windows: questionsFor(
        signals.filter((signal) => !isBreakdown(signal)),
        (name) => ({ name, ...shared, step }),
      ),
    };
  }, [signals, range, where]);
  const whole = useQuery(answersQuery(scope, questions.whole));
  const windows = useQuery(answersQuery(scope, questions.windows));
  const readings = useMemo(() => {
    if (!whole.data) return undefined;
    return new Map(
      signals.map((signal) => [
        signal.name,
        readingOf(signal, whole.data[signal.name], windows.data?.[signal.name]),
      ]),
    );
  }, [signals, whole.data, windows.data]);
  return { ...whole, data: readings } as Omit<typeof whole, "data"> & { data: typeof readings };
}

function questionsFor(signals: readonly Signal[], ask: (name: string) => Question) {
  return Object.fromEntries(signals.map(({ name }) => [name, ask(name)]));
}

type MaybeAnswer = Parameters<typeof hasFailed>[0] | undefined;

function readingOf(signal: Signal, whole: MaybeAnswer, windows: MaybeAnswer): Reading {
  const problem = whole && hasFailed(whole) ? whole.error.detail : null;
  const series = whole && !hasFailed(whole) ? whole.series : [];
  const line = windows && !hasFailed(windows) ? windows : null;
  const largest = series.reduce<SeriesAnswer["series"][number] | undefined>(
    (best, one) => ((one.values[0] ?? -Infinity) > (best?.values[0] ?? -Infinity) ? one : best),
    undefined,
  );
  return {
    value: largest?.values[0] ?? null,
    part: isBreakdown(signal) && largest ? visibleLine(Object.values(largest.labels).join(" · ")) : null,
    count: Math.max(0, ...series.map(({ counts }) => counts[0] ?? 0)),
    band: worstOf(series.map(({ bands }) => bands[0] ?? "no_data")),
    line: line ? (line.series[0]?.values ?? []) : null,
    incompleteCount: line ? line.complete.filter((isComplete) => !isComplete).length : 0,
    problem,
  };
}

function worstOf(bands: readonly Band[]): Band {
  if (bands.length === 0) return "no_data";
  const ranked: readonly Band[] = ["critical", "warning", "normal"];
  return ranked.find((band) => bands.includes(band)) ?? "no_data";
}

/** Signals in the order of how bad they are, then as in the catalogue. */
export function byBand(signals: readonly Signal[], readings: ReadonlyMap<string, Reading>) {
  return BAND_ORDER.map((band) => ({
    name: band as string,
    signals: signals.filter(({ name }) => (readings.get(name)?.band ?? "no_data") === band),
  })).filter((group) => group.signals.length > 0);
}
