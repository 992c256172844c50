import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { TracePreview } from "@/api/traces";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCost, formatCount, formatDuration, formatInstant, formatNumber, NO_VALUE } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import classes from "./preview.module.css";

/** When, how long, how many, what it cost, and whose it was. */
export function PreviewSummary({ trace }: { trace: TracePreview }) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const { totals } = trace;
  const root = trace.spans.find(({ span_id }) => span_id === trace.root_span_id) ?? trace.spans[0];
  const tokens = [totals.input_tokens, totals.output_tokens].map((count) =>
    count === null ? NO_VALUE : formatNumber(count, language),
  );
  const where = [root?.service, root?.version, root?.environment].filter((text) => text);
  const failed =
    totals.error_count > 0
      ? ` · ${t("count.failed", { written: formatCount(totals.error_count, language) })}`
      : "";
  const rows: [string, ReactNode][] = [
    [t("column.started_at"), formatInstant(trace.started_at, language)],
    [t("column.duration_ms"), formatDuration(trace.duration_ms, language)],
    [t("column.span_count"), `${formatCount(totals.span_count, language)}${failed}`],
    [t("column.tokens"), `${tokens[0]} → ${tokens[1]}`],
    [t("column.cost_usd"), formatCost(totals.cost_usd, language)],
    [t("column.model"), visibleLine(modelsOf(trace).join(", ")) || NO_VALUE],
    [t("column.service"), visibleLine(where.join(" · ")) || NO_VALUE],
  ];
  const { session_id: sessionId, user_id: userId } = root ?? {};
  if (sessionId)
    rows.push([
      t("preview.session"),
      <Link key="session" to="/sessions/$sessionId" params={{ sessionId }} search={search}>
        {visibleLine(sessionId)}
      </Link>,
    ]);
  if (userId)
    rows.push([
      t("preview.user"),
      <Link key="user" to="/users/$userId" params={{ userId }} search={search}>
        {visibleLine(userId)}
      </Link>,
    ]);
  for (const score of trace.scores)
    rows.push([
      visibleLine(score.name),
      visibleLine(score.label ?? (score.value === null ? NO_VALUE : formatNumber(score.value, language))),
    ]);
  return (
    <dl className={classes.summary}>
      {rows.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two scores may have one name
        <div key={`${name}${index}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Those that used most tokens first: what answers stands before what embeds or ranks. */
function modelsOf({ by_model }: TracePreview): string[] {
  const used = (name: string) => {
    const { input_tokens, output_tokens } = by_model[name] ?? {};
    return (input_tokens ?? 0) + (output_tokens ?? 0);
  };
  return Object.keys(by_model)
    .filter(Boolean)
    .toSorted((one, other) => used(other) - used(one));
}
