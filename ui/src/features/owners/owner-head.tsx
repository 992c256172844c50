import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { OwnerTotals } from "@/api/owners";
import { Fact, Facts, FactsHead, Totals } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatAmount, formatCost, formatCount, formatInstant } from "@/lib/format";
import { FailedCount } from "./cells";

interface OwnerHeadProps {
  totals: OwnerTotals;
  /** Further facts, as `Fact`s. */
  children?: ReactNode;
}

/** What a session or user adds up to over all time. */
export function OwnerHead({ totals, children }: OwnerHeadProps) {
  const { t } = useTranslation("owners");
  const language = useLanguage();
  const { trace_count, span_count, error_count, total_tokens, input_tokens, output_tokens } = totals;
  return (
    <FactsHead>
      <Totals>
        <Fact name={t("column.traces")}>
          {formatCount(trace_count, language)}
          <small>{t("head.spans", { count: span_count, spans: formatCount(span_count, language) })}</small>
        </Fact>
        <Fact name={t("column.errors")}>
          <FailedCount count={error_count} />
        </Fact>
        <Fact name={t("column.tokens")}>
          {formatAmount(total_tokens, language)}
          {total_tokens !== null && (
            <small>
              {t("head.inAndOut", {
                input: formatAmount(input_tokens, language),
                output: formatAmount(output_tokens, language),
              })}
            </small>
          )}
        </Fact>
        <Fact name={t("column.cost")}>
          {formatCost(totals.cost_usd, language)}
          {totals.unpriced_span_count > 0 && (
            <small>{t("head.unpriced", { count: totals.unpriced_span_count })}</small>
          )}
        </Fact>
      </Totals>
      <Facts>
        <Fact name={t("head.first")}>{formatInstant(totals.first_at, language)}</Fact>
        <Fact name={t("head.last")}>{formatInstant(totals.last_at, language)}</Fact>
        {totals.services.length > 0 && (
          <Fact name={t("column.services")}>
            <ForeignName text={totals.services.join(", ")} />
          </Fact>
        )}
        {totals.models.length > 0 && (
          <Fact name={t("column.models")}>
            <ForeignName text={totals.models.join(", ")} length={120} />
          </Fact>
        )}
        {children}
      </Facts>
    </FactsHead>
  );
}
