import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Score, SpanAnswer, TracePage } from "@/api/trace";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatInstant, formatNumber, NO_VALUE } from "@/lib/format";
import classes from "./details.module.css";

interface ScoresTabProps {
  span: SpanAnswer;
  trace: TracePage["trace"];
  onSelect: (spanId: string) => void;
}

/** What judges, code and people said of the span, and of the rest of the trace. */
export function ScoresTab({ span, trace, onSelect }: ScoresTabProps) {
  const { t } = useTranslation("trace");
  const others = trace.scores.filter(({ span_id }) => span_id !== span.span_id);
  if (span.scores.length + others.length === 0) return <Note>{t("scores.none")}</Note>;
  return (
    <>
      {span.scores.length > 0 && <h3 className={classes.heading}>{t("scores.ofSpan")}</h3>}
      {span.scores.map((score) => (
        <ScoreEntry key={score.score_id} score={score} onSelect={null} />
      ))}
      {others.length > 0 && <h3 className={classes.heading}>{t("scores.ofTrace")}</h3>}
      {others.map((score) => (
        <ScoreEntry key={score.score_id} score={score} onSelect={onSelect} />
      ))}
    </>
  );
}

function ScoreEntry({ score, onSelect }: { score: Score; onSelect: ((spanId: string) => void) | null }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const { span_id } = score;
  const about = [score.source, score.evaluator].filter((part) => part !== null).map(visibleLine);
  return (
    <article className={classes.entry}>
      <header>
        <ScoreChip score={score} />
        {about.length > 0 && <span className="pw-foreign">{cutText(about.join(" · "), 120)}</span>}
        <span>{formatInstant(score.at, language)}</span>
        {span_id && onSelect && (
          <UnstyledButton fz="xs" c="var(--pw-accent)" onClick={() => onSelect(span_id)}>
            {t("logs.toSpan")}
          </UnstyledButton>
        )}
      </header>
      {score.error_type && (
        <Note>{t("scores.failed", { type: cutText(visibleLine(score.error_type), 120) })}</Note>
      )}
      {score.explanation && <LongText text={score.explanation} shown={600} />}
    </article>
  );
}

/** A score in short: its name and what it says; the explanation on hover. */
export function ScoreChip({ score }: { score: Score }) {
  const language = useLanguage();
  const label = score.label === null ? null : cutText(visibleLine(score.label), 40);
  const value = score.value === null ? label : formatNumber(score.value, language);
  return (
    <span
      className={classes.score}
      title={score.explanation ? cutText(visibleLine(score.explanation), 400) : undefined}
    >
      <span>{cutText(visibleLine(score.name), 60)}</span>
      <b>{value ?? NO_VALUE}</b>
    </span>
  );
}
