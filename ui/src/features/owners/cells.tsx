import { useTranslation } from "react-i18next";
import type { OwnerSort, OwnerTotals } from "@/api/owners";
import { Age } from "@/components/ui/age";
import { ForeignName } from "@/components/ui/foreign-name";
import type { LongColumn } from "@/components/ui/long-table";
import { useLanguage } from "@/i18n";
import { formatCost, formatCount, formatNumber, NO_VALUE } from "@/lib/format";
import classes from "./cells.module.css";

export type Column<Row> = LongColumn<Row, OwnerSort>;

export function FailedCount({ count }: { count: number }) {
  const { t } = useTranslation("owners");
  const language = useLanguage();
  if (count === 0) return <>{formatCount(0, language)}</>;
  return (
    <span className={classes.failed}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d="M6 .4 11.6 6 6 11.6.4 6Z" />
      </svg>
      {formatCount(count, language)}
      <span className="pw-visually-hidden">{t("failed")}</span>
    </span>
  );
}

/** Columns that sessions and users have in common. */
export function useTotalColumns<Row extends OwnerTotals>(): Record<
  "last" | "traces" | "errors" | "tokens" | "cost" | "models",
  Column<Row>
> {
  const { t } = useTranslation("owners");
  const language = useLanguage();
  return {
    last: {
      name: "last",
      title: t("column.last"),
      sort: "last_at",
      cell: ({ last_at }) => <Age at={last_at} />,
    },
    traces: {
      ...{ name: "traces", title: t("column.traces"), isNumber: true, sort: "trace_count" },
      cell: ({ trace_count }) => formatCount(trace_count, language),
    },
    errors: {
      ...{ name: "errors", title: t("column.errors"), isNumber: true, sort: "error_count" },
      cell: ({ error_count }) => <FailedCount count={error_count} />,
    },
    tokens: {
      ...{ name: "tokens", title: t("column.tokens"), isNumber: true, isWide: true, sort: "total_tokens" },
      cell: ({ total_tokens }) => (total_tokens === null ? NO_VALUE : formatNumber(total_tokens, language)),
    },
    cost: {
      ...{ name: "cost", title: t("column.cost"), isNumber: true, sort: "cost_usd" },
      cell: ({ cost_usd }) => formatCost(cost_usd, language),
    },
    models: {
      ...{ name: "models", title: t("column.models"), isWide: true },
      cell: ({ models }) => <ForeignName text={models.join(", ")} />,
    },
  };
}
