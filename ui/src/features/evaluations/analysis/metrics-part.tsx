import { useTranslation } from "react-i18next";
import { RangeMark } from "@/components/charts/range-mark";
import { type Band, BandMark } from "@/components/ui/band-mark";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount, formatScore, formatThreshold, NO_VALUE } from "@/lib/format";
import { writeP } from "../compare/metric-verdicts";
import { scaleOf } from "../model/scores";
import { MeanMark, RateMark } from "../score-marks";
import { useMetricNames } from "../use-metric-names";
import classes from "./analysis.module.css";
import type { Correlation, GapVerdict, MetricStatistics, Parts } from "./parts";

const BANDS: Readonly<Record<GapVerdict, Band>> = {
  met: "normal",
  missed: "critical",
  undecided: "warning",
  no_data: "no_data",
  met_without_interval: "normal",
  missed_without_interval: "critical",
};

/** Every metric: its mean against its threshold with what chance leaves of it, its spread, and what goes with it. */
export function MetricsPart({ parts }: { parts: Parts }) {
  const { t } = useTranslation("evals");
  const columns = useColumns(parts);
  const { statistics } = parts;
  if (!statistics) return null;
  return (
    <Panel title={t("metrics.title")} note={t("analysis.metricsNote")} isFlush>
      <Table
        label={t("metrics.title")}
        columns={columns}
        rows={statistics.metrics}
        keyOf={({ metric }) => metric}
      />
      <Correlations rows={statistics.correlations} />
    </Panel>
  );
}

function useColumns({ diagnostic }: Parts): TableColumn<MetricStatistics>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  const verdictOf = (metric: string) => diagnostic?.gaps.find((gap) => gap.metric === metric)?.verdict;
  return [
    { ...{ name: "metric", title: t("column.metric"), isMain: true }, cell: ({ metric }) => titleOf(metric) },
    {
      ...{ name: "verdict", title: t("analysis.column.threshold"), isLine: true },
      cell: ({ metric, threshold, unit, direction }) => {
        const verdict = verdictOf(metric);
        if (!verdict || threshold === null) return NO_VALUE;
        return (
          <span className={classes.verdict}>
            <BandMark band={BANDS[verdict]} withWord word={t(`analysis.gap.${verdict}`)} />
            <small>
              {direction === "higher" ? "≥" : "≤"} {formatThreshold(threshold, unit, language)}
            </small>
          </span>
        );
      },
    },
    { name: "mean", title: t("column.mean"), isLine: true, cell: (row) => <MeanMark summary={row} /> },
    {
      ...{ name: "quartiles", title: t("analysis.column.quartiles"), isLine: true, isLabelled: true },
      cell: (row) => <Quartiles row={row} />,
    },
    {
      ...{ name: "std", title: t("analysis.column.std"), isNumber: true, isLabelled: true },
      cell: ({ std, unit }) => formatScore(std, unit, language),
    },
    {
      ...{ name: "passed", title: t("column.passRate"), isLine: true, isLabelled: true },
      cell: ({ pass_rate, pass_low, pass_high }) => (
        <RateMark rate={pass_rate} low={pass_low} high={pass_high} isShort />
      ),
    },
    {
      ...{ name: "scored", title: t("column.scored"), isNumber: true, isLabelled: true },
      cell: ({ n, n_total }) =>
        t("metrics.scored", { scored: formatCount(n, language), total: formatCount(n_total, language) }),
    },
  ];
}

/** The middle half of the cases as a stretch, with the median in it. */
function Quartiles({ row: { p25, median, p75, unit } }: { row: MetricStatistics }) {
  const language = useLanguage();
  if (p25 === null || median === null || p75 === null) return <>{NO_VALUE}</>;
  const written = [p25, median, p75].map((value) => formatScore(value, unit, language)).join(" / ");
  return (
    <span className={classes.quartiles}>
      <span>
        <RangeMark value={median} low={p25} high={p75} {...scaleOf(unit, [p25, median, p75])} />
      </span>
      <small>{written}</small>
    </span>
  );
}

/** The pairs of metrics that rise or fall together beyond chance. */
function Correlations({ rows }: { rows: readonly Correlation[] }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  if (rows.length === 0) return null;
  const shown = rows.filter(({ is_shown }) => is_shown);
  return (
    <div className={classes.foot}>
      <h3>{t("analysis.correlations")}</h3>
      {shown.length === 0 ? (
        <Note>
          {t("analysis.noCorrelation", { count: rows.length, written: formatCount(rows.length, language) })}
        </Note>
      ) : (
        <ul className={classes.pairs}>
          {shown.map(({ a, b, spearman, spearman_p_adjusted, n }) => (
            <li key={`${a} ${b}`}>
              {titleOf(a)}
              {" · "}
              {titleOf(b)} <b>{formatScore(spearman, "ratio", language)}</b>{" "}
              <small>
                {t("analysis.pAndN", {
                  p: writeP(spearman_p_adjusted, language),
                  cases: formatCount(n, language),
                })}
              </small>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
