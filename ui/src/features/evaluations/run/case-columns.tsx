import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { EvalCase, EvalRun } from "@/api/eval-runs";
import { ForeignName } from "@/components/ui/foreign-name";
import type { LongColumn } from "@/components/ui/long-table";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { mergedScore } from "../model/scores";
import { PassedMark, ScoreMark } from "../score-marks";
import { useMetricNames } from "../use-metric-names";
import classes from "./cases-panel.module.css";

const MOST_METRICS = 6;

/** The columns of the cases of a run: a case, then its score by each metric, the chosen one first. */
export function useCaseColumns(
  run: EvalRun,
  metric: string | undefined,
  onOpen: (position: number) => void,
): LongColumn<EvalCase>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  const metrics = run.plan.metrics.toSorted(
    (one, other) => Number(other.name === metric) - Number(one.name === metric),
  );
  return [
    {
      ...{ name: "position", title: t("column.position"), isNumber: true, isWide: true, sort: "position" },
      cell: ({ position }) => <span className={classes.trailing}>{formatCount(position + 1, language)}</span>,
    },
    {
      ...{ name: "passed", title: t("column.passed") },
      cell: ({ passed }) => <PassedMark passed={passed} />,
    },
    {
      ...{ name: "question", title: t("column.question") },
      cell: ({ position, question, example_id }) => (
        <UnstyledButton className={classes.open} onClick={() => onOpen(position)}>
          <ForeignName text={question ?? example_id} length={100} />
        </UnstyledButton>
      ),
    },
    {
      ...{ name: "answer", title: t("column.answer"), isWide: true },
      cell: ({ answer, answer_error }) => <ForeignName text={answer ?? answer_error ?? ""} length={80} />,
    },
    ...metrics.slice(0, MOST_METRICS).map(
      ({ name, unit }, index): LongColumn<EvalCase> => ({
        ...{ name: `metric-${name}`, title: titleOf(name), isNumber: true, isWide: index > 0, sort: name },
        cell: ({ scores }) => <ScoreMark score={mergedScore(scores, name)} unit={unit} />,
      }),
    ),
  ];
}
