import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { EvalRun } from "@/api/eval-runs";
import { Sparkline } from "@/components/charts/sparkline";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount, formatScore, NO_VALUE } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { DifferenceMark, rangeOf } from "../compare/difference-mark";
import { VerdictMark } from "../compare/metric-verdicts";
import { useMetricNames } from "../use-metric-names";
import classes from "./analysis.module.css";
import type { RunTrend, TrendLine } from "./parts";

type Since = NonNullable<TrendLine["since_previous"]>;

/** Each metric over the last runs of the same cases, and what changed since the one before. */
export function TrendPart({ run, trend }: { run: EvalRun; trend: RunTrend | undefined }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const columns = useColumns(run, trend?.metrics ?? []);
  if (!trend) return null;
  const count = { count: trend.runs.length, written: formatCount(trend.runs.length, language) };
  return (
    <Panel
      anchor="trend"
      title={t("analysis.title.trend")}
      note={t("analysis.trendNote", count)}
      actions={
        <Link to="/evaluations/trends" search={{ ...search, dataset: run.dataset }} className={classes.way}>
          {t("analysis.allTrends")}
        </Link>
      }
      isFlush
    >
      <Table
        label={t("analysis.title.trend")}
        columns={columns}
        rows={trend.metrics}
        keyOf={({ metric }) => metric}
      />
    </Panel>
  );
}

function useColumns(run: EvalRun, lines: readonly TrendLine[]): TableColumn<TrendLine>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const { titleOf } = useMetricNames();
  return [
    {
      ...{ name: "metric", title: t("column.metric"), isMain: true },
      cell: ({ metric }) => (
        <Link to="/evaluations/trends" search={{ ...search, dataset: run.dataset, metric }}>
          {titleOf(metric)}
        </Link>
      ),
    },
    {
      ...{ name: "line", title: t("analysis.column.runs") },
      cell: ({ points, left_out_other_identity: left, unit }) => (
        <span className={classes.line}>
          <span>
            <Sparkline values={points.map(({ mean }) => mean)} height={20} />
          </span>
          <small>
            {points
              .map(({ mean }) => formatScore(mean, unit, language))
              .slice(-2)
              .join(" → ")}
          </small>
          {left > 0 && (
            <small>{t("analysis.otherRuler", { count: left, written: formatCount(left, language) })}</small>
          )}
        </span>
      ),
    },
    {
      ...{ name: "verdict", title: t("analysis.column.since"), isLine: true },
      cell: ({ since_previous }) =>
        since_previous ? <VerdictMark verdict={since_previous.verdict} /> : NO_VALUE,
    },
    {
      ...{ name: "difference", title: t("comparison.column.difference"), isLine: true },
      cell: ({ since_previous, unit }) =>
        since_previous && (
          <DifferenceMark {...drawn(since_previous, unit)} range={rangeOf(drawnOf(lines, unit))} />
        ),
    },
    {
      ...{ name: "n", title: t("comparison.column.pairs"), isLabelled: true, isNumber: true },
      cell: ({ since_previous }) => (since_previous ? formatCount(since_previous.n, language) : NO_VALUE),
    },
    {
      ...{ name: "compare", title: t("compare.open"), isTitleHidden: true, isLine: true },
      cell: ({ since_previous }) =>
        since_previous && (
          <Link to="/evaluations/compare" search={{ ...search, a: since_previous.run, b: run.id }}>
            {t("compare.open")}
          </Link>
        ),
    },
  ];
}

function drawn({ difference, low, high, verdict }: Since, unit: string) {
  const interval = low === null || high === null ? null : { low, high, method: "bootstrap" as const };
  return { difference, interval, verdict, unit };
}

function drawnOf(lines: readonly TrendLine[], unit: string) {
  return lines.flatMap((line) =>
    line.unit === unit && line.since_previous ? [drawn(line.since_previous, unit)] : [],
  );
}
