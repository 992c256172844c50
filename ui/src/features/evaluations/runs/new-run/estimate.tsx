import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { PlannedRun } from "@/api/eval-runs";
import { Fact, Facts } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatCost, formatCount, formatDuration, formatNumber } from "@/lib/format";
import { useMetricNames } from "../../use-metric-names";
import classes from "./new-run.module.css";
import { isWhole, type RunDraft } from "./run-draft";

interface EstimateProps {
  draft: RunDraft;
  plan: UseQueryResult<PlannedRun, Error>;
}

/** What the run will take at most, before it starts. */
export function Estimate({ draft, plan }: EstimateProps) {
  const { t } = useTranslation("evals");
  return (
    <div className={classes.estimate} role="status" aria-busy={plan.isFetching}>
      {!draft.dataset ? (
        <p>{t("newRun.estimate.later")}</p>
      ) : !isWhole(draft) ? (
        <p>{t("newRun.estimate.serviceLater")}</p>
      ) : plan.isError ? (
        <p>{t("newRun.estimate.refused")}</p>
      ) : plan.data ? (
        <Expected planned={plan.data} />
      ) : (
        <p>{t("newRun.estimate.asking")}</p>
      )}
    </div>
  );
}

function Expected({ planned: { plan, estimate } }: { planned: PlannedRun }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  const { cases, calls } = estimate;
  const most = plan.budget.max_calls ?? null;
  return (
    <>
      <Facts>
        <Fact name={t("newRun.estimate.cases")}>{formatCount(cases, language)}</Fact>
        {plan.judge ? (
          <Calls planned={{ plan, estimate }} />
        ) : (
          <Fact name={t("newRun.estimate.calls")}>{t("newRun.estimate.noCalls")}</Fact>
        )}
      </Facts>
      <p>
        {t("newRun.estimate.metrics", { metrics: plan.metrics.map(({ name }) => titleOf(name)).join(" · ") })}
      </p>
      {most !== null && most < calls && (
        <p>{t("newRun.estimate.stops", { count: most, calls: formatCount(most, language) })}</p>
      )}
    </>
  );
}

/** Calls, cost and time of a run that asks models; what is not known is said to be so. */
function Calls({ planned: { plan, estimate } }: { planned: PlannedRun }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { calls, input_tokens, output_tokens, cost_usd, seconds } = estimate;
  const tokens = formatNumber(input_tokens + output_tokens, language);
  return (
    <>
      <Fact name={t("newRun.estimate.calls")}>
        {t("newRun.estimate.atMost", { value: formatCount(calls, language) })}
        <small>{t("newRun.estimate.tokens", { tokens })}</small>
      </Fact>
      <Fact name={t("newRun.estimate.cost")}>
        {cost_usd === null
          ? t("newRun.estimate.noPrice")
          : t("newRun.estimate.atMost", { value: formatCost(cost_usd, language) })}
      </Fact>
      <Fact name={t("newRun.estimate.time")}>
        {seconds === null ? (
          t("newRun.estimate.noPace")
        ) : (
          <span title={t("newRun.estimate.pace")}>
            {t("newRun.estimate.about", { value: formatDuration(seconds * 1000, language) })}
          </span>
        )}
      </Fact>
      {plan.judge && (
        <Fact name={t("column.judge")}>
          <ForeignName text={plan.judge.model} length={60} />
        </Fact>
      )}
    </>
  );
}
