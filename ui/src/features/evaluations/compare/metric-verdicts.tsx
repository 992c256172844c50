import { UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Comparison, MetricComparison, Verdict } from "@/api/eval-comparison";
import { evalRunQuery, type RunDetail } from "@/api/eval-runs";
import { type Band, BandMark } from "@/components/ui/band-mark";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount, formatNumber, formatScore, NO_VALUE } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { CalibrationMark } from "../calibration-mark";
import { useMetricNames } from "../use-metric-names";
import classes from "./compare.module.css";
import { DifferenceMark, rangeOf } from "./difference-mark";

const BANDS: Readonly<Record<Verdict, Band>> = {
  better: "normal",
  worse: "critical",
  no_difference_shown: "normal",
  not_enough_data: "no_data",
};

interface VerdictMarkProps {
  verdict: Verdict;
  /** Stands for the word that two runs are compared by. */
  word?: string;
}

export function VerdictMark({ verdict, word }: VerdictMarkProps) {
  const { t } = useTranslation("evals");
  const arrow = { better: "↗", worse: "↘", no_difference_shown: "=", not_enough_data: null }[verdict];
  return (
    <span className={classes.verdict} data-verdict={verdict}>
      <BandMark band={BANDS[verdict]} withWord word={word ?? t(`comparison.verdict.${verdict}`)} />
      {arrow && <span aria-hidden="true">{arrow}</span>}
    </span>
  );
}

interface MetricVerdictsProps {
  comparison: Comparison;
  chosen: string | undefined;
  onChoose: (metric: string) => void;
}

/** What can be said of each metric, in words, with the difference and its interval drawn around nothing. */
export function MetricVerdicts({ comparison, chosen, onChoose }: MetricVerdictsProps) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const { metrics, b } = comparison;
  const { data: after } = useQuery(evalRunQuery(scope, b.id));
  const columns = useColumns(comparison, after, onChoose);
  return (
    <Panel title={t("metrics.title")} note={t("comparison.note")} isFlush>
      <Table
        label={t("metrics.title")}
        columns={columns}
        rows={metrics}
        keyOf={({ metric }) => metric}
        active={metrics.findIndex(({ metric }) => metric === chosen)}
      />
    </Panel>
  );
}

function useColumns(
  { metrics }: Comparison,
  after: RunDetail | undefined,
  onChoose: (metric: string) => void,
): TableColumn<MetricComparison>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  return [
    {
      ...{ name: "metric", title: t("column.metric"), isMain: true },
      cell: ({ metric }) => (
        <span className={classes.named}>
          <UnstyledButton className={classes.metric} onClick={() => onChoose(metric)}>
            {titleOf(metric)}
          </UnstyledButton>
          {after && (
            <CalibrationMark runId={after.id} metric={metric} calibration={after.calibration[metric]} />
          )}
        </span>
      ),
    },
    {
      ...{ name: "verdict", title: t("comparison.column.verdict"), isLine: true },
      cell: ({ verdict }) => <VerdictMark verdict={verdict} />,
    },
    {
      ...{ name: "means", title: t("comparison.column.means"), isLine: true },
      cell: ({ a, b, unit }) => (
        <>
          {formatScore(a.mean, unit, language)} → <b>{formatScore(b.mean, unit, language)}</b>
        </>
      ),
    },
    {
      ...{ name: "difference", title: t("comparison.column.difference"), isLine: true },
      cell: (row) => (
        <DifferenceMark {...row} range={rangeOf(metrics.filter(({ unit }) => unit === row.unit))} />
      ),
    },
    {
      ...{ name: "pairs", title: t("comparison.column.pairs"), isLabelled: true, isNumber: true },
      cell: ({ n, unpaired }) => (
        <span
          title={t("comparison.unpaired", {
            count: unpaired.total,
            written: formatCount(unpaired.total, language),
          })}
        >
          {formatCount(n, language)}
        </span>
      ),
    },
    {
      ...{ name: "wins", title: t("comparison.column.wins"), isLabelled: true, isLine: true },
      cell: ({ wins, ties, losses }) =>
        [wins, ties, losses].map((count) => formatCount(count, language)).join(" / "),
    },
    {
      ...{ name: "p", title: t("comparison.column.p"), isLabelled: true, isNumber: true },
      cell: ({ p_adjusted }) => writeP(p_adjusted, language),
    },
    {
      ...{ name: "detectable", title: t("comparison.column.detectable"), isLabelled: true },
      cell: (row) => <Detectable row={row} />,
    },
  ];
}

/** The smallest difference that so many cases show, and how many more it would take. */
function Detectable({ row: { detectable, needed, unit } }: { row: MetricComparison }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  if (detectable === null) return <>{NO_VALUE}</>;
  return (
    <span className={classes.detectable}>
      {formatScore(detectable, unit, language)}
      {needed && needed.more > 0 && (
        <small>
          {t("comparison.needed", {
            more: formatCount(needed.more, language),
            difference: formatScore(needed.difference, unit, language),
          })}
        </small>
      )}
    </span>
  );
}

type Language = ReturnType<typeof useLanguage>;

export function writeP(p: number | null, language: Language): string {
  if (p === null) return NO_VALUE;
  return p < 0.001 ? "< 0.001" : formatNumber(p, language);
}
