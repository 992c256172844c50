import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Spend, type SpendBy, type SpendRow, usdOf } from "@/api/costs";
import { Bar } from "@/components/charts/bar";
import { type DataColumn, DataTable } from "@/components/ui/data-table";
import { ForeignName } from "@/components/ui/foreign-name";
import { Change } from "@/components/ui/number";
import { useLanguage } from "@/i18n";
import { formatAmount, formatCost, formatCount, formatPercent, NO_VALUE } from "@/lib/format";
import { tracesBetween } from "@/lib/trace-links";
import { Usd } from "./amounts";
import classes from "./costs.module.css";

/** Spend by something, dearest first. */
export function SpendTable({ spend }: { spend: Spend }) {
  const { t } = useTranslation("costs");
  return (
    <DataTable
      label={t("spend.title")}
      columns={useColumns(spend)}
      rows={spend.rows}
      keyOf={({ name, detail, is_rest }) => `${is_rest} ${name} ${detail}`}
    />
  );
}

function useColumns(spend: Spend): DataColumn<SpendRow>[] {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  return [
    {
      ...{ name: "name", title: t(`by.${spend.by}`) },
      cell: (row) => <RowName row={row} spend={spend} />,
    },
    {
      ...{ name: "cost", title: t("column.cost"), isNumber: true },
      cell: ({ cost_usd }) => <Usd amount={cost_usd} />,
    },
    {
      ...{ name: "share", title: t("column.share"), isNumber: true },
      cell: ({ share }) => (share === null ? NO_VALUE : formatPercent(share, language)),
    },
    {
      ...{ name: "bar", title: t("column.share"), isTitleHidden: true, isWide: true },
      cell: ({ share }) => (
        <div className={classes.bar}>
          <Bar share={share ?? 0} />
        </div>
      ),
    },
    {
      ...{ name: "change", title: t("column.change"), isNumber: true, isWide: true },
      cell: (row) => <SpendChange row={row} />,
    },
    {
      ...{ name: "calls", title: t("total.calls"), isNumber: true, isWide: true },
      cell: ({ calls }) => formatCount(calls, language),
    },
    {
      ...{ name: "tokens", title: t("total.tokens"), isNumber: true, isWide: true },
      cell: ({ tokens }) => formatAmount(tokens, language),
    },
    {
      ...{ name: "perCall", title: t("column.perCall"), isNumber: true, isWide: true },
      cell: ({ cost_per_call_usd }) => <Usd amount={cost_per_call_usd} />,
    },
    {
      ...{ name: "unpriced", title: t("column.unpriced"), isNumber: true, isWide: true },
      cell: ({ unpriced_calls }) => (unpriced_calls ? formatCount(unpriced_calls, language) : ""),
    },
  ];
}

function SpendChange({ row }: { row: SpendRow }) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  if (row.change === null) return NO_VALUE;
  const before = formatCost(usdOf(row.previous_cost_usd), language);
  return <Change change={row.change} better="lower" label={t("before", { cost: before })} />;
}

/** Columns of spans that the list of traces can be filtered by. */
const FILTERS: Partial<Record<SpendBy, string>> = {
  model: "model",
  service: "service",
  user: "user_id",
  environment: "environment",
};

/** Whose spend a row is, with the way to its traces where there is one. */
function RowName({ row, spend }: { row: SpendRow; spend: Spend }) {
  const { t } = useTranslation("costs");
  const search = useSearch({ strict: false });
  const column = FILTERS[spend.by];
  if (row.is_rest) return t("spend.rest");
  if (!row.name) return t("spend.nobody");
  const times = { first_at: spend.since, last_at: spend.until };
  const name = <ForeignName text={row.name} length={60} />;
  return (
    <>
      {column ? (
        <Link to="/traces" search={tracesBetween(search, [`${column}:eq:${row.name}`], times)}>
          {name}
        </Link>
      ) : (
        name
      )}
      {row.detail && (
        <span className={classes.detail}>
          <ForeignName text={row.detail} length={40} />
        </span>
      )}
    </>
  );
}
