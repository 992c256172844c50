import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { whereOf } from "@/api/client";
import { type Answer, type Answers, answersQuery, hasFailed, type Questions } from "@/api/signals";
import { Bar } from "@/components/charts/bar";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCost, formatCount, formatPercent } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { boundsOf } from "@/lib/time-range";
import { tracesOfModel } from "../links";
import classes from "./rail.module.css";
import { RailList } from "./rail-list";

const SHOWN = 6;

interface ModelUse {
  model: string;
  calls: number;
  share: number;
  cost: number | null;
}

/** Which models answer, how often, and what they cost. */
export function ModelsPanel() {
  const { t } = useTranslation("overview");
  const { scope, range } = usePageState();
  const questions = useMemo((): Questions => {
    const where = whereOf(scope);
    const times = { ...boundsOf(range), by: ["model"], ...(where ? { where } : {}) };
    return { calls: { name: "llm.requests", ...times }, cost: { name: "cost.usd", ...times } };
  }, [scope, range]);
  const query = useQuery({ ...answersQuery(scope, questions), select: modelsOf });
  return (
    <RailList
      title={t("rail.models")}
      query={query}
      nothing={t("rail.noModels")}
      keyOf={({ model }) => model}
      row={(use) => <ModelRow use={use} />}
    />
  );
}

function modelsOf(answers: Answers): ModelUse[] {
  const [calls, costs] = [byModel(answers.calls), byModel(answers.cost)];
  const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
  return [...calls]
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .slice(0, SHOWN)
    .map(([model, count]) => ({
      model,
      calls: count,
      share: count / total,
      cost: costs.get(model) ?? null,
    }));
}

function byModel(answer: Answer | undefined): Map<string, number> {
  if (!answer || hasFailed(answer)) return new Map();
  return new Map(
    answer.series.flatMap(({ labels, values }) => {
      const value = values.at(-1) ?? null;
      return value === null ? [] : [[labels.model ?? "", value] as const];
    }),
  );
}

function ModelRow({ use }: { use: ModelUse }) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  return (
    <Link to="/traces" search={tracesOfModel(search, use.model)} className={classes.row}>
      <span className={classes.main}>{visibleLine(use.model) || t("chart.noLabel")}</span>
      <span className={classes.number}>{formatPercent(use.share, language)}</span>
      <span className={classes.detail}>{t("rail.calls", { count: formatCount(use.calls, language) })}</span>
      <span className={classes.aside}>
        {use.cost === null ? t("rail.noPrice") : formatCost(use.cost, language)}
      </span>
      <span className={classes.bar}>
        <Bar share={use.share} />
      </span>
    </Link>
  );
}
