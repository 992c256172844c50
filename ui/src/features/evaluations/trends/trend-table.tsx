import { Checkbox } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { TrendRun } from "@/api/eval-trends";
import { Age } from "@/components/ui/age";
import { ForeignName } from "@/components/ui/foreign-name";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCost, NO_VALUE } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { MeanMark, RateMark } from "../score-marks";
import classes from "./trends.module.css";

interface TrendTableProps {
  /** Title of the metric. */
  metric: string;
  runs: readonly TrendRun[];
  chosen: readonly string[];
  wordsOf: (breaks: TrendRun["breaks"]) => string;
  onChoose: (id: string) => void;
}

/** The same runs as rows, newest first: every number of the charts, and what broke the line. */
export function TrendTable({ metric, runs, chosen, wordsOf, onChoose }: TrendTableProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const columns: TableColumn<TrendRun>[] = [
    {
      ...{ name: "choose", title: t("column.choose"), isTitleHidden: true, width: 36 },
      cell: ({ id, name }) => (
        <Checkbox
          size="xs"
          aria-label={t("compare.chooseRun", { name: visibleLine(name || id) })}
          checked={chosen.includes(id)}
          onChange={() => onChoose(id)}
        />
      ),
    },
    {
      ...{ name: "run", title: t("column.run"), isMain: true },
      cell: ({ id, name, baselines }) => (
        <span className={classes.run}>
          <Link to="/evaluations/runs/$runId" params={{ runId: id }} search={search}>
            <ForeignName text={name || id} length={60} />
          </Link>
          {baselines.length > 0 && (
            <small className={classes.baseline}>
              {t("trends.baseline", { names: visibleLine(baselines.join(", ")) })}
            </small>
          )}
        </span>
      ),
    },
    { ...{ name: "when", title: t("head.finished"), isLine: true }, cell: ({ at }) => <Age at={at} /> },
    {
      ...{ name: "mean", title: metric, isLine: true },
      cell: ({ point }) => (point ? <MeanMark summary={point} /> : NO_VALUE),
    },
    {
      ...{ name: "passed", title: t("column.passRate"), isLabelled: true, isLine: true },
      cell: ({ passing }) => (
        <RateMark
          rate={passing?.pass_rate ?? null}
          low={passing?.pass_low ?? null}
          high={passing?.pass_high ?? null}
          isShort
        />
      ),
    },
    {
      ...{ name: "cost", title: t("head.cost"), isLabelled: true, isNumber: true },
      cell: ({ cost_usd }) => formatCost(cost_usd, language),
    },
    {
      ...{ name: "changes", title: t("trends.changes") },
      cell: ({ breaks, passing_breaks }) => (
        <span className={classes.changes}>
          {wordsOf(breaks.length > passing_breaks.length ? breaks : passing_breaks)}
        </span>
      ),
    },
  ];
  return (
    <Panel title={t("trends.table")} note={t("trends.tableNote")} isFlush>
      <Table label={t("trends.table")} columns={columns} rows={runs.toReversed()} keyOf={({ id }) => id} />
    </Panel>
  );
}
