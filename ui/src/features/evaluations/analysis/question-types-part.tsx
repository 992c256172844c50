import { useTranslation } from "react-i18next";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount, formatScore, NO_VALUE } from "@/lib/format";
import { useFactNames } from "../use-fact-names";
import { useMetricNames } from "../use-metric-names";
import classes from "./analysis.module.css";
import type { QuestionType } from "./parts";

type Cell = QuestionType["metrics"][number];

/** The mean of each metric by what a question asks for. */
export function QuestionTypesPart({ types }: { types: readonly QuestionType[] | undefined }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { typeOf } = useFactNames();
  const { titleOf } = useMetricNames();
  if (!types) return null;
  const columns: TableColumn<QuestionType>[] = [
    { ...{ name: "type", title: t("analysis.column.type"), isMain: true }, cell: ({ type }) => typeOf(type) },
    {
      ...{ name: "n", title: t("cases.title"), isLabelled: true, isNumber: true },
      cell: ({ n }) => formatCount(n, language),
    },
    ...(types[0]?.metrics ?? []).map(
      ({ metric }): TableColumn<QuestionType> => ({
        ...{ name: `metric-${metric}`, title: titleOf(metric), isLabelled: true, isNumber: true },
        cell: ({ metrics }) => <TypeMean of={metrics.find((one) => one.metric === metric)} />,
      }),
    ),
  ];
  return (
    <Panel title={t("analysis.title.question_types")} note={t("analysis.typesNote")} isFlush>
      <Table
        label={t("analysis.title.question_types")}
        columns={columns}
        rows={types}
        keyOf={({ type }) => type}
      />
    </Panel>
  );
}

function TypeMean({ of }: { of: Cell | undefined }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  if (!of || of.mean === null) return <>{NO_VALUE}</>;
  const { mean, low, high, n, unit, failing } = of;
  const interval =
    low === null || high === null
      ? t("score.noInterval")
      : t("score.interval", {
          interval: `${formatScore(low, unit, language)} – ${formatScore(high, unit, language)}`,
        });
  return (
    <span className={classes.typeMean} title={`${interval} · n ${formatCount(n, language)}`}>
      {formatScore(mean, unit, language)}
      <small>
        {failing > 0
          ? t("analysis.failing", { count: failing, written: formatCount(failing, language) })
          : ""}
      </small>
    </span>
  );
}
