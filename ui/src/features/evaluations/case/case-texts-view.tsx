import { Link, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ForeignName } from "@/components/ui/foreign-name";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { useLanguage } from "@/i18n";
import { formatNumber } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import type { CaseTexts, Chunk } from "../model/case-texts";
import classes from "./case-view.module.css";

const SHOWN = 1200;
const CHUNK_SHOWN = 500;

interface CaseTextsViewProps {
  texts: CaseTexts;
  /** Positions of the contexts that are lit. */
  lit: readonly number[];
}

/** What was asked, answered, retrieved, and what would have been right. */
export function CaseTextsView({ texts, lit }: CaseTextsViewProps) {
  const { t } = useTranslation("evals");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className={classes.texts} aria-label={t("case.texts")} tabIndex={0}>
      <Part title={t("column.question")}>
        <Said text={texts.question} what={t("column.question")} />
      </Part>
      {texts.turns.map((turn, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a turn is its place
        <Part key={index} title={t("case.turn", { number: index + 1 })}>
          <Said text={turn.question} />
          <Said text={turn.answer} side="answer" />
          {turn.traceId && <TraceLink traceId={turn.traceId} />}
        </Part>
      ))}
      {(texts.turns.length === 0 || texts.answer !== null) && (
        <Part title={t("column.answer")}>
          <Said text={texts.answer} side="answer" what={t("column.answer")} />
          {texts.error && <Note>{t("case.answerFailed", { error: texts.error })}</Note>}
        </Part>
      )}
      {texts.reference !== null && (
        <Part title={t("case.reference")}>
          <Said text={texts.reference} what={t("case.reference")} />
        </Part>
      )}
      <Calls title={t("case.toolCalls")} calls={texts.toolCalls} />
      <Calls title={t("case.referenceToolCalls")} calls={texts.referenceToolCalls} />
      {texts.contexts === null ? (
        texts.turns.length === 0 && <Note>{t("case.contextsUnknown")}</Note>
      ) : (
        <Part title={t("case.contexts", { count: texts.contexts.length })}>
          {texts.contexts.length === 0 && <Note>{t("case.noContexts")}</Note>}
          <Chunks chunks={texts.contexts} lit={lit} />
        </Part>
      )}
      {texts.referenceContexts.length > 0 && (
        <Part title={t("case.referenceContexts")}>
          <Chunks chunks={texts.referenceContexts} lit={[]} />
        </Part>
      )}
      {texts.metadata.length > 0 && (
        <Part title={t("case.metadata")}>
          <Chunks
            chunks={texts.metadata.map(([key, value]) => ({ id: key, text: value, score: null }))}
            lit={[]}
            isNumbered={false}
          />
        </Part>
      )}
    </section>
  );
}

function TraceLink({ traceId }: { traceId: string }) {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Link className={classes.turnTrace} to="/traces/$traceId" params={{ traceId }} search={search}>
      {t("case.trace")}
    </Link>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={classes.text}>
      <h3 className={classes.heading}>{title}</h3>
      {children}
    </div>
  );
}

function Said({ text, side, what }: { text: string | null; side?: "answer"; what?: string }) {
  const { t } = useTranslation("evals");
  if (text === null || text === "") return <Note>{t("case.nothing")}</Note>;
  return (
    <div className={classes.said} data-side={side}>
      <LongText text={text} shown={SHOWN} {...(what ? { what } : {})} />
    </div>
  );
}

function Calls({ title, calls }: { title: string; calls: readonly unknown[] }) {
  if (calls.length === 0) return null;
  return (
    <Part title={title}>
      <div className={classes.said}>
        <LongText text={JSON.stringify(calls, null, 2)} isMono shown={SHOWN} />
      </div>
    </Part>
  );
}

interface ChunksProps {
  chunks: readonly Chunk[];
  lit: readonly number[];
  isNumbered?: boolean;
}

/** Chunks of text in the order of their rank. */
export function Chunks({ chunks, lit, isNumbered = true }: ChunksProps) {
  return (
    <ol className={classes.chunks}>
      {chunks.map((chunk, index) => (
        <ChunkItem
          // biome-ignore lint/suspicious/noArrayIndexKey: a chunk is its rank
          key={index}
          chunk={chunk}
          number={isNumbered ? index + 1 : null}
          isLit={lit.includes(index)}
          isFirstLit={lit[0] === index}
        />
      ))}
    </ol>
  );
}

interface ChunkItemProps {
  chunk: Chunk;
  number: number | null;
  isLit: boolean;
  isFirstLit: boolean;
}

function ChunkItem({ chunk, number, isLit, isFirstLit }: ChunkItemProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isFirstLit) item.current?.scrollIntoView?.({ block: "nearest", behavior: "smooth" });
  }, [isFirstLit]);
  return (
    <li ref={item} className={classes.chunk} data-lit={isLit || undefined}>
      <header>
        {number !== null && <b>{t("case.chunk", { number })}</b>}
        {chunk.id && <ForeignName text={chunk.id} length={60} />}
        {chunk.score !== null && <span>{formatNumber(chunk.score, language)}</span>}
      </header>
      {chunk.text !== "" && <LongText text={chunk.text} shown={CHUNK_SHOWN} />}
    </li>
  );
}
