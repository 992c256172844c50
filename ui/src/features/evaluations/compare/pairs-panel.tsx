import { Group, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { allCasesQuery, type Comparison, type MetricComparison, MOST_PAIRS } from "@/api/eval-comparison";
import { type Band, BandMark } from "@/components/ui/band-mark";
import { FilterChips } from "@/components/ui/filter-chips";
import { ForeignName } from "@/components/ui/foreign-name";
import { type LongColumn, LongTable } from "@/components/ui/long-table";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { EmptyState, ErrorState, LoadingState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatScoreDifference, NO_VALUE } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { ScoreMark } from "../score-marks";
import { type CompareSearch, PAIR_FILTERS } from "../search";
import { useMetricNames } from "../use-metric-names";
import classes from "./compare.module.css";
import { PairDrawer } from "./pair-drawer";
import { type Change, type Pair, pairCases, shownPairs } from "./pairs";
import { PassMatrix } from "./pass-matrix";

interface PairsPanelProps {
  comparison: Comparison;
  metric: MetricComparison | undefined;
  search: CompareSearch;
  onChange: (values: { [Key in keyof CompareSearch]?: CompareSearch[Key] | undefined }) => void;
}

/** Which cases lost and which gained, in numbers and one by one; all metrics together, or one of them. */
export function PairsPanel({ comparison, metric, search, onChange }: PairsPanelProps) {
  const { t } = useTranslation("evals");
  const { titleOf } = useMetricNames();
  const { pairs, isCut, error, retry } = usePairs(comparison, metric);
  const passes = metric ? metric.passes : comparison.cases;
  return (
    <Panel title={t("pairs.title")} note={metric ? titleOf(metric.metric) : t("pairs.allMetrics")} isFlush>
      {passes && <PassMatrix passes={passes} />}
      <Group className={classes.filters} gap="xs">
        <FilterChips
          label={t("cases.show")}
          chips={PAIR_FILTERS.map((value) => ({
            value,
            label: t(`pairs.filter.${value}`),
            count: pairs && shownPairs(pairs, value).length,
          }))}
          chosen={search.show ?? "changed"}
          onChoose={(show) => onChange({ show: show === "changed" ? undefined : show })}
        />
        {isCut && <Note>{t("pairs.cut", { most: MOST_PAIRS })}</Note>}
      </Group>
      {!pairs && !error && <LoadingState height={240} rows={6} />}
      {!pairs && error && <ErrorState error={error} onRetry={retry} />}
      {pairs && (
        <PairList
          comparison={comparison}
          metric={metric}
          pairs={pairs}
          search={search}
          onOpen={(id) => onChange({ case: id })}
        />
      )}
    </Panel>
  );
}

interface PairListProps {
  comparison: Comparison;
  metric: MetricComparison | undefined;
  pairs: readonly Pair[];
  search: CompareSearch;
  onOpen: (id: string | undefined) => void;
}

function PairList({ comparison, metric, pairs, search, onOpen }: PairListProps) {
  const { t } = useTranslation("evals");
  const columns = usePairColumns(metric, onOpen);
  const shown = shownPairs(pairs, search.show ?? "changed");
  const place = shown.findIndex(({ id }) => id === search.case);
  const opened = pairs.find(({ id }) => id === search.case);
  return (
    <>
      {shown.length === 0 ? (
        <EmptyState title={t("pairs.none")} />
      ) : (
        <LongTable
          label={t("pairs.title")}
          columns={columns}
          query={wholeOf(shown)}
          keyOf={({ id }) => id}
          onOpen={({ id }) => onOpen(id)}
          isActive={({ id }) => id === search.case}
        />
      )}
      {opened && (
        <PairDrawer
          comparison={comparison}
          pair={opened}
          previous={shown[place - 1]?.id ?? null}
          next={shown[place + 1]?.id ?? null}
          onMove={onOpen}
          onClose={() => onOpen(undefined)}
        />
      )}
    </>
  );
}

/** Rows that are all here, as a long table takes them. */
function wholeOf(rows: readonly Pair[]) {
  return {
    data: { pages: [{ rows: [...rows], next_cursor: null }], pageParams: [null] },
    hasNextPage: false,
    isFetching: false,
    isError: false,
    fetchNextPage: () => Promise.reject(new Error("all rows are here")),
  };
}

function usePairs({ a, b }: Comparison, metric: MetricComparison | undefined) {
  const { scope } = usePageState();
  const first = useQuery(allCasesQuery(scope, a.id));
  const second = useQuery(allCasesQuery(scope, b.id));
  const [before, after] = [first.data?.cases, second.data?.cases];
  const pairs = useMemo(
    () => before && after && pairCases(before, after, metric?.metric, metric?.direction === "lower"),
    [before, after, metric?.metric, metric?.direction],
  );
  return {
    pairs,
    isCut: Boolean(first.data?.isCut || second.data?.isCut),
    error: first.error ?? second.error,
    retry: () => void Promise.all([first.refetch(), second.refetch()]),
  };
}

const BANDS: Readonly<Record<Change, Band>> = {
  lost: "critical",
  gained: "normal",
  both: "normal",
  neither: "warning",
  unknown: "no_data",
};

function usePairColumns(
  metric: MetricComparison | undefined,
  onOpen: (id: string) => void,
): LongColumn<Pair>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const unit = metric?.unit ?? "ratio";
  const scores: LongColumn<Pair>[] = [
    {
      ...{ name: "a", title: "A", isNumber: true },
      cell: ({ scoreA }) => <ScoreMark score={scoreA} unit={unit} />,
    },
    {
      ...{ name: "b", title: "B", isNumber: true },
      cell: ({ scoreB }) => <ScoreMark score={scoreB} unit={unit} />,
    },
    {
      ...{ name: "difference", title: t("comparison.column.difference"), isNumber: true },
      cell: ({ difference }) =>
        difference === null ? NO_VALUE : formatScoreDifference(difference, unit, language),
    },
  ];
  return [
    {
      ...{ name: "change", title: t("pairs.column.change") },
      cell: ({ change }) => <BandMark band={BANDS[change]} withWord word={t(`pairs.change.${change}`)} />,
    },
    {
      ...{ name: "question", title: t("column.question") },
      cell: ({ id, question }) => (
        <UnstyledButton className={classes.open} onClick={() => onOpen(id)}>
          <ForeignName text={question ?? id} length={100} />
        </UnstyledButton>
      ),
    },
    ...(metric ? scores : []),
    {
      ...{ name: "answerA", title: t("pairs.column.answerA"), isWide: true },
      cell: ({ a }) => <ForeignName text={a.answer ?? a.answer_error ?? ""} length={60} />,
    },
    {
      ...{ name: "answerB", title: t("pairs.column.answerB"), isWide: true },
      cell: ({ b }) => <ForeignName text={b.answer ?? b.answer_error ?? ""} length={60} />,
    },
  ];
}
