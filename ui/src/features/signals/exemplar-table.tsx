import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Exemplar } from "@/api/exemplars";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatDuration, formatListTime, formatValue, NO_VALUE } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { useNow } from "@/lib/use-now";
import classes from "./exemplar-table.module.css";

interface ExemplarTableProps {
  exemplars: readonly Exemplar[];
  /** Of the signal; a record has its share of it. */
  unit: string;
}

/** Traces, each leading to the span that counts. */
export function ExemplarTable({ exemplars, unit }: ExemplarTableProps) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const now = useNow(60_000);
  const kept = keptSearch(useSearch({ strict: false }));
  const own = unit.split("/")[0] ?? unit;
  const hasValues = exemplars.some(({ value, duration_ms }) => value !== null && value !== duration_ms);
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("exemplars.at")}</th>
            <th scope="col">{t("exemplars.span")}</th>
            <th scope="col">{t("exemplars.status")}</th>
            {hasValues && <th scope="col">{t("table.value")}</th>}
            <th scope="col">{t("exemplars.duration")}</th>
            <th scope="col">{t("exemplars.trace")}</th>
          </tr>
        </thead>
        <tbody>
          {exemplars.map(({ trace_id, span_id, at, value, name, service, model, status, duration_ms }) => {
            const span: object = span_id ? { span: span_id } : {};
            return (
              <tr key={trace_id}>
                <td>
                  <Link
                    to="/traces/$traceId"
                    params={{ traceId: trace_id }}
                    search={{ ...kept, ...span }}
                    preload={false}
                  >
                    {formatListTime(at, language, now)}
                  </Link>
                </td>
                <td className={classes.what}>
                  <span className="pw-foreign">{name === null ? NO_VALUE : visibleLine(name)}</span>
                  <small>{visibleLine([service, model].filter(Boolean).join(" · "))}</small>
                </td>
                <td data-status={status ?? undefined}>
                  {status === "error" ? t("exemplars.error") : status === "ok" ? t("exemplars.ok") : NO_VALUE}
                </td>
                {hasValues && <td>{formatValue(value, own, language)}</td>}
                <td>{formatDuration(duration_ms, language)}</td>
                <td>
                  <code className="pw-mono">{trace_id.slice(0, 8)}</code>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
