import { useTranslation } from "react-i18next";
import type { OnlineRule } from "@/api/online-rules";
import { Bar } from "@/components/charts/bar";
import { BandMark } from "@/components/ui/band-mark";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatCost, formatCount } from "@/lib/format";
import { useMetricNames } from "../use-metric-names";
import classes from "./online.module.css";
import { asksModel } from "./rule-draft";

/** What a rule scores, and which traces. */
export function RuleScope({ rule }: { rule: OnlineRule }) {
  const { titleOf } = useMetricNames();
  return (
    <span className={classes.scope}>
      <span>{rule.metrics.map(titleOf).join(" · ")}</span>
      {rule.filters.map((filter) => (
        <code key={filter} className={classes.filter}>
          <ForeignName text={filter} length={60} />
        </code>
      ))}
    </span>
  );
}

/** What of the day's budget is spent; nothing where no model is asked. */
export function Budget({ rule }: { rule: OnlineRule }) {
  const { t } = useTranslation("online");
  const language = useLanguage();
  const { find } = useMetricNames();
  const { today, max_calls_per_day, max_cost_usd_per_day } = rule;
  const needsNone = rule.metrics.every((name) => {
    const metric = find(name);
    return metric !== undefined && !asksModel(metric);
  });
  if (needsNone) return <span className={classes.faint}>{t("budget.none")}</span>;
  const money = max_cost_usd_per_day === null ? null : Number(max_cost_usd_per_day);
  const cost = today.cost_usd === null ? null : Number(today.cost_usd);
  const shares = [shareOf(today.calls, max_calls_per_day), money === null ? 0 : shareOf(cost ?? 0, money)];
  return (
    <span className={classes.budget}>
      <Bar share={Math.max(...shares)} band={today.budget_spent ? "warning" : "normal"} />
      <span>
        {t("budget.calls", {
          count: today.calls,
          calls: formatCount(today.calls, language),
          most: formatCount(max_calls_per_day, language),
        })}
      </span>
      {(money !== null || today.calls > 0) && (
        <span>
          {money === null
            ? formatCost(cost, language)
            : t("budget.cost", { cost: formatCost(cost, language), most: formatCost(money, language) })}
        </span>
      )}
      {today.budget_spent && <BandMark band="warning" withWord word={t("budget.spent")} />}
    </span>
  );
}

function shareOf(spent: number, most: number): number {
  return most > 0 ? spent / most : 1;
}

/** What a rule did today; what is as it should be stays quiet. */
export function Today({ rule: { today, waiting } }: { rule: OnlineRule }) {
  const { t } = useTranslation("online");
  const language = useLanguage();
  const { scored, errors, left_out } = today;
  const said = (count: number) => ({ count, written: formatCount(count, language) });
  return (
    <span className={classes.today}>
      {today.traces === 0 ? (
        <span className={classes.faint}>{t("today.none")}</span>
      ) : (
        <span>{t("today.scores", said(scored))}</span>
      )}
      {waiting > 0 && <span className={classes.faint}>{t("today.waiting", said(waiting))}</span>}
      {left_out > 0 && <span className={classes.faint}>{t("today.leftOut", said(left_out))}</span>}
      {errors > 0 && <BandMark band="warning" withWord word={t("today.errors", said(errors))} />}
    </span>
  );
}
