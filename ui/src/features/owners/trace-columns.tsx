import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { TraceRow } from "@/api/owners";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatAmount, formatCost, formatDuration, formatListTime } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { allTokens } from "@/lib/tokens";
import { type Column, FailedCount } from "./cells";

/** Traces of one user in short; the list of traces has all there is. */
export function useTraceColumns(): Column<TraceRow>[] {
  const { t } = useTranslation("owners");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  return [
    {
      name: "at",
      title: t("trace.at"),
      cell: ({ started_at }) => formatListTime(started_at, language, new Date()),
    },
    {
      ...{ name: "name", title: t("trace.name") },
      cell: ({ trace_id, name }) => (
        <Link to="/traces/$traceId" params={{ traceId: trace_id }} search={keptSearch(search)}>
          <ForeignName text={name || trace_id} length={60} />
        </Link>
      ),
    },
    {
      ...{ name: "input", title: t("trace.input"), isWide: true },
      cell: ({ input_preview }) => <ForeignName text={input_preview ?? ""} length={120} />,
    },
    {
      ...{ name: "errors", title: t("column.errors"), isNumber: true },
      cell: ({ error_count }) => <FailedCount count={error_count} />,
    },
    {
      ...{ name: "duration", title: t("trace.duration"), isNumber: true },
      cell: ({ duration_ms }) => formatDuration(duration_ms, language),
    },
    {
      ...{ name: "tokens", title: t("column.tokens"), isNumber: true, isWide: true },
      cell: ({ input_tokens, output_tokens }) =>
        formatAmount(allTokens(input_tokens, output_tokens), language),
    },
    {
      ...{ name: "cost", title: t("column.cost"), isNumber: true, isWide: true },
      cell: ({ cost_usd }) => formatCost(cost_usd, language),
    },
  ];
}
