import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { PlannedMetric, Score } from "@/api/eval-runs";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { useLanguage } from "@/i18n";
import { formatThreshold } from "@/lib/format";
import { readEvidence } from "../model/evidence";
import { ScoreMark } from "../score-marks";
import { useMetricNames } from "../use-metric-names";
import { useReasons } from "../use-reasons";
import { EvidenceView } from "./evidence-view";
import { JudgeCalls } from "./judge-calls";
import classes from "./score-card.module.css";

interface ScoreCardProps {
  score: Score;
  /** Absent for a metric that the plan does not name. */
  planned: PlannedMetric | undefined;
  /** The metric was judged several times. */
  isRepeated: boolean;
  isOpen: boolean;
  onToggle: () => void;
  /** Light the contexts at these positions. */
  onLight: (chunks: readonly number[]) => void;
}

/** One score of a case: its value or why there is none, and what it rests on. */
export function ScoreCard({ score, planned, isRepeated, isOpen, onToggle, onLight }: ScoreCardProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  const id = useId();
  const unit = planned?.unit ?? "ratio";
  return (
    <article className={classes.card} data-open={isOpen || undefined}>
      <UnstyledButton
        className={classes.head}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={onToggle}
      >
        <IconChevronRight size={14} aria-hidden className={classes.chevron} />
        <span className={classes.name}>{titleOf(score.metric)}</span>
        {isRepeated && <small>{t("case.sample", { number: score.sample + 1 })}</small>}
        <span className={classes.value}>
          {planned && planned.threshold !== null && score.status === "scored" && (
            <small>
              {planned.direction === "higher" ? "≥" : "≤"}{" "}
              {formatThreshold(planned.threshold, unit, language)}
            </small>
          )}
          <ScoreMark score={score} unit={unit} withWord />
        </span>
      </UnstyledButton>
      {isOpen && (
        <div id={id} className={classes.body}>
          <Why score={score} />
          <EvidenceView evidence={readEvidence(score.evidence)} onLight={onLight} />
          <JudgeCalls keys={score.calls} />
        </div>
      )}
    </article>
  );
}

/** The explanation; without one, what the status means. */
function Why({ score }: { score: Score }) {
  const { t } = useTranslation("evals");
  const reasonOf = useReasons();
  return (
    <>
      {score.status !== "scored" && <Note>{t(`statusMeaning.${score.status}`)}</Note>}
      {score.status === "scored" && score.reason && <Note>{reasonOf(score.reason)}</Note>}
      {score.explanation && <LongText text={score.explanation} shown={800} />}
    </>
  );
}
