import { useTranslation } from "react-i18next";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatScore, NO_VALUE } from "@/lib/format";
import { useMetricNames } from "../use-metric-names";
import classes from "./analysis.module.css";
import { CaseLink } from "./links";
import type { Parts, Priority, PriorityCase } from "./parts";

const SHOWN = 10;

interface PriorityPartProps {
  runId: string;
  priority: Priority | undefined;
  statistics: Parts["statistics"];
}

/** The failing cases to look at first, by a formula that is said. */
export function PriorityPart({ runId, priority, statistics }: PriorityPartProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const unitOf = (metric: string) =>
    statistics?.metrics.find((one) => one.metric === metric)?.unit ?? "ratio";
  const columns = useColumns(runId, unitOf);
  if (!priority) return null;
  return (
    <Panel title={t("analysis.title.priority")} isFlush>
      <Table
        label={t("analysis.title.priority")}
        columns={columns}
        rows={priority.cases.slice(0, SHOWN)}
        keyOf={({ position }) => String(position)}
      />
      <p className={classes.formula}>{visibleLine(pickText(priority.formula, language))}</p>
    </Panel>
  );
}

function useColumns(runId: string, unitOf: (metric: string) => string): TableColumn<PriorityCase>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  return [
    {
      ...{ name: "case", title: t("column.question"), isMain: true },
      cell: (row) => <CaseLink runId={runId} one={row} />,
    },
    {
      ...{ name: "failed", title: t("analysis.column.failed"), isLabelled: true },
      cell: ({ failed, scores }) =>
        failed
          .map((metric) => `${titleOf(metric)} ${formatScore(scores[metric], unitOf(metric), language)}`)
          .join(" · "),
    },
    {
      ...{ name: "cluster", title: t("analysis.column.cluster"), isLabelled: true, isLine: true },
      cell: ({ cluster }) => cluster ?? NO_VALUE,
    },
    {
      ...{ name: "priority", title: t("analysis.column.priority"), isLabelled: true, isNumber: true },
      cell: ({ priority }) => formatScore(priority, "ratio", language),
    },
  ];
}
