import { useTranslation } from "react-i18next";
import type { TracePreview } from "@/api/traces";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCount, formatDuration } from "@/lib/format";
import classes from "./preview.module.css";

const MAX_DEPTH = 12;

/** The outline of the trace, each span with its place in time. */
export function PreviewTree({ trace, chosen }: { trace: TracePreview; chosen: string | null }) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const total = Math.max(
    trace.duration_ms ?? 0,
    ...trace.spans.map(({ offset_ms, duration_ms }) => offset_ms + (duration_ms ?? 0)),
    1e-9,
  );
  const more = trace.totals.span_count - trace.spans.length;
  return (
    <section className={classes.text}>
      <h3>{t("preview.tree")}</h3>
      <ol className={classes.tree}>
        {trace.spans.map((span) => (
          <li
            key={span.span_id}
            data-failed={span.status === "error" || undefined}
            aria-current={span.span_id === chosen || undefined}
          >
            <span className={classes.spanName} style={{ paddingLeft: Math.min(span.depth, MAX_DEPTH) * 12 }}>
              {span.status === "error" && (
                <svg viewBox="0 0 12 12" role="img" aria-label={t("status.error")}>
                  <path d="M6 .4 11.6 6 6 11.6.4 6Z" />
                </svg>
              )}
              <bdi title={visibleLine(span.name)}>{visibleLine(span.name)}</bdi>
              <span className={classes.kind}>{span.kind}</span>
            </span>
            <span className={classes.lane} aria-hidden="true">
              <span
                style={{
                  left: `${(span.offset_ms / total) * 100}%`,
                  width: `${((span.duration_ms ?? 0) / total) * 100}%`,
                }}
              />
            </span>
            <span className={classes.spanTime}>{formatDuration(span.duration_ms, language)}</span>
          </li>
        ))}
      </ol>
      {more > 0 && (
        <p className={classes.none}>{t("preview.more", { count: formatCount(more, language) })}</p>
      )}
    </section>
  );
}
