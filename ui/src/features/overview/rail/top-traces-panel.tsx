import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type TraceRow, topTracesQuery } from "@/api/top-traces";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCost, formatDuration, formatListTime } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import { boundsOf } from "@/lib/time-range";
import classes from "./rail.module.css";
import { RailList } from "./rail-list";

const SHOWN = 5;

/** The requests that took longest, or cost most. */
export function TopTracesPanel({ sort }: { sort: "duration" | "cost" }) {
  const { t } = useTranslation("overview");
  const { scope, range } = usePageState();
  const query = useQuery({
    ...topTracesQuery(scope, boundsOf(range), sort, SHOWN),
    // What has no price comes last in the list; it is not cheap, it is unknown.
    select: (traces: TraceRow[]) =>
      sort === "cost" ? traces.filter(({ cost_usd }) => cost_usd !== null) : traces,
  });
  return (
    <RailList
      title={t(`rail.top.${sort}`)}
      query={query}
      nothing={t(`rail.noTop.${sort}`)}
      keyOf={(trace) => trace.trace_id}
      row={(trace) => <TopTrace trace={trace} sort={sort} />}
    />
  );
}

function TopTrace({ trace, sort }: { trace: TraceRow; sort: "duration" | "cost" }) {
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const input = visibleLine((trace.input_preview ?? "").slice(0, 200));
  return (
    <Link to="/traces/$traceId" params={{ traceId: trace.trace_id }} search={search} className={classes.row}>
      <span className={classes.main} title={input || undefined}>
        {input || visibleLine(trace.name)}
      </span>
      <span className={classes.number}>
        {sort === "cost" ? formatCost(trace.cost_usd, language) : formatDuration(trace.duration_ms, language)}
      </span>
      <span className={classes.detail}>{[trace.name, ...trace.models].map(visibleLine).join(" · ")}</span>
      <span className={classes.aside}>{formatListTime(trace.started_at, language, new Date())}</span>
    </Link>
  );
}
