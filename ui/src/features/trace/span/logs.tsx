import { SegmentedControl, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { LogRecord, SpanAnswer, TracePage } from "@/api/trace";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatClock } from "@/lib/format";
import { writtenValue } from "./attributes";
import classes from "./details.module.css";

interface LogsTabProps {
  span: SpanAnswer;
  trace: TracePage["trace"];
  onSelect: (spanId: string) => void;
}

/** Log records of the span, or of the whole trace. */
export function LogsTab({ span, trace, onSelect }: LogsTabProps) {
  const { t } = useTranslation("trace");
  const [whose, setWhose] = useState(span.logs.length > 0 || trace.logs.length === 0 ? "span" : "trace");
  const logs = whose === "span" ? span.logs : trace.logs;
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label={t("logs.whose")}
        value={whose}
        onChange={setWhose}
        data={[
          { value: "span", label: t("logs.ofSpan", { count: span.logs.length }) },
          { value: "trace", label: t("logs.ofTrace", { count: trace.logs.length }) },
        ]}
      />
      {logs.length === 0 && <Note>{t("logs.none")}</Note>}
      {logs.map((log, index) => (
        <LogEntry
          // biome-ignore lint/suspicious/noArrayIndexKey: log records have no id
          key={`${whose}-${index}`}
          log={log}
          onSelect={whose === "trace" ? onSelect : null}
        />
      ))}
      {whose === "trace" && trace.has_more_logs && (
        <Note>{t("logs.more", { count: trace.logs.length })}</Note>
      )}
    </>
  );
}

function LogEntry({ log, onSelect }: { log: LogRecord; onSelect: ((spanId: string) => void) | null }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const { span_id, severity } = log;
  const attributes = Object.entries(log.attributes);
  const word = log.severity_text ?? severity;
  return (
    <article className={classes.entry}>
      <header>
        <span>{formatClock(log.at, language)}</span>
        {word && (
          <span className={classes.severity} data-level={levelOf(severity)}>
            {cutText(visibleLine(word), 24)}
          </span>
        )}
        {log.event_name && <span className="pw-foreign">{cutText(visibleLine(log.event_name), 120)}</span>}
        {span_id && onSelect && (
          <UnstyledButton fz="xs" c="var(--pw-accent)" onClick={() => onSelect(span_id)}>
            {t("logs.toSpan")}
          </UnstyledButton>
        )}
      </header>
      <LongText text={writtenValue(log.body)} shown={1000} isMono />
      {attributes.length > 0 && (
        <details style={{ fontSize: 12 }}>
          <summary>{t("logs.attributes", { count: attributes.length })}</summary>
          <LongText text={JSON.stringify(log.attributes, null, 2)} isMono />
        </details>
      )}
    </article>
  );
}

function levelOf(severity: string | null): string | undefined {
  if (severity === "error" || severity === "critical" || severity === "fatal") return "error";
  return severity === "warning" || severity === "warn" ? "warning" : undefined;
}
