import { UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { distributionsQuery, type MetricSummary, type RunDetail } from "@/api/eval-runs";
import { CopyButton } from "@/components/ui/copy-button";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { pickText, useLanguage } from "@/i18n";
import { formatCount, formatThreshold, NO_VALUE } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { CalibrationMark } from "../calibration-mark";
import { MeanMark, RateMark } from "../score-marks";
import { useMetricNames } from "../use-metric-names";
import { useReasons } from "../use-reasons";
import { Histogram } from "./histogram";
import classes from "./metric-panel.module.css";

interface MetricRow extends MetricSummary {
  name: string;
}

interface MetricPanelProps {
  run: RunDetail;
  /** The metric that the cases are looked at by. */
  chosen: string | undefined;
  onChoose: (metric: string) => void;
}

/** Each metric of a run: its mean and interval, how its scores are spread, what passes and what has no score. */
export function MetricPanel({ run, chosen, onChoose }: MetricPanelProps) {
  const { t } = useTranslation("evals");
  const columns = useMetricColumns(run, onChoose);
  const rows = run.plan.metrics.flatMap(({ name }): MetricRow[] => {
    const summary = run.summary?.metrics[name];
    return summary ? [{ ...summary, name }] : [];
  });
  return (
    <Panel title={t("metrics.title")} note={rows.length > 0 && t("metrics.note")} isFlush={rows.length > 0}>
      {rows.length === 0 ? (
        <Note>{t("metrics.none")}</Note>
      ) : (
        <Table
          label={t("metrics.title")}
          columns={columns}
          rows={rows}
          keyOf={({ name }) => name}
          active={rows.findIndex(({ name }) => name === chosen)}
        />
      )}
    </Panel>
  );
}

function useMetricColumns(run: RunDetail, onChoose: (metric: string) => void): TableColumn<MetricRow>[] {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const { data } = useQuery(distributionsQuery(scope, run));
  return [
    {
      ...{ name: "metric", title: t("column.metric"), isMain: true },
      cell: (row) => <MetricName run={run} row={row} onChoose={onChoose} />,
    },
    { name: "mean", title: t("column.mean"), isLine: true, cell: (row) => <MeanMark summary={row} /> },
    {
      ...{ name: "spread", title: t("column.spread") },
      cell: (row) => (
        <Histogram
          distribution={data?.metrics[row.name]}
          threshold={row.threshold}
          direction={row.direction}
          unit={row.unit}
        />
      ),
    },
    {
      name: "scored",
      title: t("column.scored"),
      width: 190,
      isLabelled: true,
      cell: (row) => <ScoredCount row={row} />,
    },
    {
      ...{ name: "passed", title: t("column.passRate"), isLine: true, isLabelled: true },
      cell: ({ pass_rate, pass_low, pass_high }) => (
        <RateMark rate={pass_rate} low={pass_low} high={pass_high} isShort />
      ),
    },
    {
      ...{ name: "threshold", title: t("column.threshold"), isLine: true, isLabelled: true },
      cell: (row) => <Threshold run={run} row={row} />,
    },
  ];
}

interface MetricNameProps {
  run: RunDetail;
  row: MetricRow;
  onChoose: (metric: string) => void;
}

/** What a metric is called, the identity that its scores compare by, and how far its judge can be believed. */
function MetricName({ run, row, onChoose }: MetricNameProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf, find } = useMetricNames();
  const { name, identity } = row;
  const description = find(name)?.description;
  return (
    <span className={classes.metric}>
      <UnstyledButton
        className={classes.name}
        title={description && pickText(description, language)}
        onClick={() => onChoose(name)}
      >
        {titleOf(name)}
      </UnstyledButton>
      <span className={classes.identity}>
        <code className="pw-mono" title={identity}>
          {identity}
        </code>
        <CopyButton value={identity} what={t("column.identity")} />
      </span>
      <CalibrationMark runId={run.id} metric={name} calibration={run.calibration[name]} />
    </span>
  );
}

/** How many cases have a score, and why the others have none. */
function ScoredCount({ row }: { row: MetricRow }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const reasonOf = useReasons();
  const reasons = Object.entries(row.reasons).map(
    ([code, count]) => `${reasonOf(code)} ${formatCount(count, language)}`,
  );
  return (
    <span className={classes.scored}>
      <span>
        {t("metrics.scored", {
          scored: formatCount(row.n_scored, language),
          total: formatCount(row.n_total, language),
        })}
      </span>
      {reasons.length > 0 && <small>{reasons.join(" · ")}</small>}
    </span>
  );
}

function Threshold({ run, row }: { run: RunDetail; row: MetricRow }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  if (row.threshold === null) return <>{NO_VALUE}</>;
  const from = run.plan.metrics.find(({ name }) => name === row.name)?.threshold_from;
  const sign = row.direction === "higher" ? "≥" : "≤";
  return (
    <span className={classes.threshold}>
      {sign} {formatThreshold(row.threshold, row.unit, language)}
      {from && <small>{t(`thresholdFrom.${from}`)}</small>}
    </span>
  );
}
