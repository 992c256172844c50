import { useTranslation } from "react-i18next";
import type { CostSummary } from "@/api/costs";
import { Fact, Facts, FactsHead, Totals } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { pickText, useLanguage } from "@/i18n";
import { formatAmount, formatCount, formatInstant, formatPercent } from "@/lib/format";
import { Between, Usd } from "./amounts";
import { MonthBars } from "./month-bars";

/** The month so far, what it will have cost, and day by day. */
export function MonthPanel({ summary }: { summary: CostSummary }) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  return (
    <>
      <MonthTotals summary={summary} />
      <Panel title={t("days.title")} note={t("days.note", { zone: summary.month.timezone })}>
        <MonthBars days={summary.by_day} />
        <Note>{pickText(summary.projection.text, language)}</Note>
        <Unpriced summary={summary} />
      </Panel>
    </>
  );
}

function MonthTotals({ summary }: { summary: CostSummary }) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  const { projection } = summary;
  return (
    <FactsHead>
      <Totals>
        <Fact name={t("total.month")}>
          <Usd amount={summary.month_to_date_usd} />
        </Fact>
        <Fact name={t("total.projection")}>
          <Usd amount={projection.usd} />
          <small>
            <Between low={projection.low_usd} high={projection.high_usd} />
          </small>
        </Fact>
        <Fact name={t("total.previous")}>
          <Usd amount={summary.previous_month_usd} />
        </Fact>
        <Fact name={t("total.perRequest")}>
          <Usd amount={summary.cost_per_request_usd} />
        </Fact>
        <Fact name={t("total.calls")}>{formatCount(summary.calls, language)}</Fact>
        <Fact name={t("total.tokens")}>{formatAmount(summary.tokens, language)}</Fact>
      </Totals>
      <Facts>
        <Fact name={t("total.asOf")}>{formatInstant(summary.as_of, language)}</Fact>
        {projection.usd !== null && (
          <Fact name={t("total.confidence")}>
            {t("total.rests", {
              share: formatPercent(projection.confidence, language),
              count: projection.history_days,
            })}
          </Fact>
        )}
      </Facts>
    </FactsHead>
  );
}

/** What is in no amount, because nobody knows its price. */
function Unpriced({ summary }: { summary: CostSummary }) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  const { calls, models } = summary.unpriced;
  if (calls === 0) return null;
  return (
    <Note>
      {t("unpriced", { count: calls, calls: formatCount(calls, language) })}{" "}
      <ForeignName text={models.map(({ model }) => model).join(", ")} length={160} />
    </Note>
  );
}
