import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseDetail, PlannedMetric, Score } from "@/api/eval-runs";
import { Note } from "@/components/ui/note";
import { readCaseTexts } from "../model/case-texts";
import { CaseTextsView } from "./case-texts-view";
import classes from "./case-view.module.css";
import { ScoreCard } from "./score-card";

interface CaseViewProps {
  detail: CaseDetail;
  metrics: readonly PlannedMetric[];
  metric: string | undefined;
  onMetric: (metric: string) => void;
}

/** Texts on one side, scores with their evidence on the other; the chunk that a claim rests on is lit in both. */
export function CaseView({ detail, metrics, metric, onMetric }: CaseViewProps) {
  const { t } = useTranslation("evals");
  const texts = readCaseTexts(detail);
  const [lit, setLit] = useState<readonly number[]>([]);
  const scores = inOrder(detail.scores, metrics);
  const open = useOpenScore(scores, metric);
  return (
    <div className={classes.columns}>
      <CaseTextsView texts={texts} lit={lit} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section className={classes.scores} aria-label={t("case.scores")} tabIndex={0}>
        <h3 className={classes.heading}>{t("case.scores")}</h3>
        {scores.length === 0 && <Note>{t("case.noScores")}</Note>}
        {scores.map((score) => (
          <ScoreCard
            key={keyOf(score)}
            score={score}
            planned={metrics.find(({ name }) => name === score.metric)}
            isRepeated={scores.some(({ metric, sample }) => metric === score.metric && sample > 0)}
            isOpen={open.isOpen(keyOf(score))}
            onToggle={() => {
              open.toggle(keyOf(score));
              if (!open.isOpen(keyOf(score))) onMetric(score.metric);
            }}
            onLight={setLit}
          />
        ))}
      </section>
    </div>
  );
}

/** In the order of the plan; what it does not name comes last. */
export function inOrder(scores: readonly Score[], metrics: readonly PlannedMetric[]): Score[] {
  const place = ({ metric }: Score) => {
    const found = metrics.findIndex(({ name }) => name === metric);
    return found < 0 ? metrics.length : found;
  };
  return scores.toSorted((one, other) => place(one) - place(other) || one.sample - other.sample);
}

function keyOf({ metric, sample }: Score): string {
  return `${metric} ${sample}`;
}

/** Open at first: the metric that was asked for, else what did not pass, else the first. */
function useOpenScore(scores: readonly Score[], metric: string | undefined) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => firstOpen(scores, metric));
  const known = useRef(metric);
  useEffect(() => {
    if (known.current === metric) return;
    known.current = metric;
    setOpen((keys) => new Set([...keys, ...scores.filter((one) => one.metric === metric).map(keyOf)]));
  }, [metric, scores]);
  const toggle = (key: string) =>
    setOpen((keys) => new Set(keys.has(key) ? [...keys].filter((one) => one !== key) : [...keys, key]));
  return { isOpen: (key: string) => open.has(key), toggle };
}

function firstOpen(scores: readonly Score[], metric: string | undefined): ReadonlySet<string> {
  const asked = scores.filter((score) => score.metric === metric);
  const wrong = scores.filter(({ status, passed }) => status === "error" || passed === false);
  const [first] = scores;
  const chosen = asked.length > 0 ? asked : wrong.length > 0 ? wrong : first ? [first] : [];
  return new Set(chosen.map(keyOf));
}
