import { useTranslation } from "react-i18next";
import { isTraceRow, type ListRow } from "@/api/trace-rows";
import { visibleLine } from "@/lib/foreign-text";
import classes from "./status-mark.module.css";

type Outcome = "error" | "partial" | "ok" | "unset";

interface StatusMarkProps {
  status: string;
  errorClass?: string | null;
  /** Spans that failed below. */
  errorCount?: number;
}

/** How it ended, as a shape and a word. */
export function StatusMark({ status, errorClass, errorCount = 0 }: StatusMarkProps) {
  const { t } = useTranslation("traces");
  const outcome = outcomeOf(status, errorCount);
  const word =
    outcome === "partial"
      ? t("status.partial", { count: errorCount })
      : outcome === "error" && errorClass
        ? visibleLine(errorClass)
        : t(`status.${outcome}`);
  const hints = { error: t("status.error"), partial: t("status.partialHint") };
  const hint = outcome === "error" || outcome === "partial" ? hints[outcome] : word;
  return (
    <span className={classes.mark} data-outcome={outcome} title={hint === word ? word : `${hint} · ${word}`}>
      <svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">
        <Shape outcome={outcome} />
      </svg>
      {hint !== word && <span className="pw-visually-hidden">{hint}</span>}
      <span className={classes.word}>{word}</span>
    </span>
  );
}

/** The mark of a row of a list. */
export function RowStatus({ row }: { row: ListRow }) {
  const errorCount = isTraceRow(row) ? row.error_count : 0;
  return <StatusMark status={row.status} errorClass={row.error_class} errorCount={errorCount} />;
}

function outcomeOf(status: string, errorCount: number): Outcome {
  if (status === "error") return "error";
  if (errorCount > 0) return "partial";
  return status === "ok" ? "ok" : "unset";
}

function Shape({ outcome }: { outcome: Outcome }) {
  switch (outcome) {
    case "error":
      return <path d="M6 .4 11.6 6 6 11.6.4 6Z" fill="currentColor" />;
    case "partial":
      return <path d="M6 1.2 11.4 10.8H.6Z" fill="currentColor" />;
    case "ok":
      return <circle cx="6" cy="6" r="3" fill="currentColor" />;
    case "unset":
      return <circle cx="6" cy="6" r="2.6" fill="none" stroke="currentColor" strokeWidth="1.3" />;
  }
}
