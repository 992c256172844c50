import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Comparison } from "@/api/eval-comparison";
import { type CaseDetail, evalCaseQuery, evalRunQuery } from "@/api/eval-runs";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { Chunks } from "../case/case-texts-view";
import { inOrder } from "../case/case-view";
import { DetailDrawer } from "../case/detail-drawer";
import { ScoreCard } from "../case/score-card";
import { readCaseTexts } from "../model/case-texts";
import classes from "./compare.module.css";
import type { Pair } from "./pairs";

interface PairDrawerProps {
  comparison: Comparison;
  pair: Pair;
  previous: string | null;
  next: string | null;
  onMove: (id: string) => void;
  onClose: () => void;
}

/** A case in both runs, side by side: the answers and what their scores rest on. */
export function PairDrawer({ comparison, pair, previous, next, onMove, onClose }: PairDrawerProps) {
  const { t } = useTranslation("evals");
  return (
    <DetailDrawer
      title={t("pairs.pair")}
      id={pair.id}
      traceId={pair.b.trace_id}
      size={1360}
      previous={previous}
      next={next}
      words={{ previous: t("keys.previousCase"), next: t("keys.nextCase"), id: t("case.id") }}
      onMove={onMove}
      onClose={onClose}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div className={classes.pair} tabIndex={0} role="region" aria-label={t("pairs.pair")}>
        <Question key={pair.id} runId={comparison.b.id} position={pair.b.position} />
        <Answered key={`a ${pair.id}`} letter="A" runId={comparison.a.id} position={pair.a.position} />
        <Answered key={`b ${pair.id}`} letter="B" runId={comparison.b.id} position={pair.b.position} />
      </div>
    </DetailDrawer>
  );
}

interface PlaceProps {
  runId: string;
  position: number;
}

function Question({ runId, position }: PlaceProps) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const { data } = useQuery(evalCaseQuery(scope, runId, position));
  const texts = data && readCaseTexts(data);
  return (
    <section className={classes.question}>
      <Titled title={t("column.question")}>
        {texts?.question ? <LongText text={texts.question} shown={600} /> : <Note>{t("case.nothing")}</Note>}
      </Titled>
      {texts?.reference && (
        <Titled title={t("case.reference")}>
          <LongText text={texts.reference} shown={600} />
        </Titled>
      )}
    </section>
  );
}

function Answered({ letter, runId, position }: PlaceProps & { letter: "A" | "B" }) {
  const { scope } = usePageState();
  const query = useQuery(evalCaseQuery(scope, runId, position));
  return (
    <section className={classes.answered} aria-label={letter}>
      <span className={classes.letter}>{letter}</span>
      <QueryView query={query} height={320} skeletonRows={6}>
        {(detail) => <AnsweredCase detail={detail} runId={runId} />}
      </QueryView>
    </section>
  );
}

function AnsweredCase({ detail, runId }: { detail: CaseDetail; runId: string }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const { data: run } = useQuery(evalRunQuery(scope, runId));
  const [lit, setLit] = useState<readonly number[]>([]);
  const [open, setOpen] = useState<string | null>(null);
  const texts = readCaseTexts(detail);
  const metrics = run?.plan.metrics ?? [];
  return (
    <>
      <Titled title={t("column.answer")}>
        {texts.answer ? (
          <LongText text={texts.answer} shown={1200} />
        ) : (
          <Note>{texts.error ?? t("case.nothing")}</Note>
        )}
      </Titled>
      <Titled title={t("case.scores")}>
        {inOrder(detail.scores, metrics).map((score) => {
          const key = `${score.metric} ${score.sample}`;
          return (
            <ScoreCard
              key={key}
              score={score}
              planned={metrics.find(({ name }) => name === score.metric)}
              isRepeated={score.sample > 0}
              isOpen={open === key}
              onToggle={() => setOpen(open === key ? null : key)}
              onLight={setLit}
            />
          );
        })}
      </Titled>
      {texts.contexts && texts.contexts.length > 0 && (
        <Titled title={t("case.contexts", { count: texts.contexts.length })}>
          <Chunks chunks={texts.contexts} lit={lit} />
        </Titled>
      )}
    </>
  );
}

function Titled({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={classes.titled}>
      <h3>{title}</h3>
      {children}
    </div>
  );
}
