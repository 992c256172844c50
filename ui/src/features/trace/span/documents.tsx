import { useTranslation } from "react-i18next";
import type { RetrievedDocument, SpanAnswer } from "@/api/trace";
import { Bar } from "@/components/charts/bar";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatNumber, NO_VALUE } from "@/lib/format";
import classes from "./documents.module.css";

/** The documents of a search or rerank, best first, with how the rerank moved them. */
export function DocumentsTab({ span }: { span: SpanAnswer }) {
  const { t } = useTranslation("trace");
  const documents = span.retrieved ?? fromColumns(span);
  if (documents.length === 0) return <Note>{t("documents.none")}</Note>;
  const scores = documents.map(({ score }) => score).filter((score) => score !== null);
  const share = shareOf(scores);
  const isReranked = documents.some(({ rank_before }) => rank_before !== null);
  return (
    <ol className={classes.list} aria-label={t("tab.documents")}>
      {documents.map((document) => (
        <li key={document.rank} className={classes.item}>
          <DocumentHead document={document} share={share} isReranked={isReranked} />
          <Source document={document} />
          {document.text !== null && (
            <div className={classes.text}>
              <LongText text={document.text} shown={400} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

interface DocumentHeadProps {
  document: RetrievedDocument;
  share: (score: number) => number;
  isReranked: boolean;
}

function DocumentHead({ document, share, isReranked }: DocumentHeadProps) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const { rank, score, title, source, id } = document;
  const name = visibleLine(title ?? source ?? id ?? "");
  return (
    <div className={classes.head}>
      <span className={classes.rank} title={t("documents.rank")}>
        {rank}
      </span>
      {isReranked ? <RankChange document={document} /> : <span />}
      <span className={classes.name} title={name}>
        {cutText(name, 200) || t("documents.unnamed")}
      </span>
      <span className={classes.score} title={t("documents.score")}>
        <Bar share={score === null ? 0 : share(score)} />
        {score === null ? NO_VALUE : formatNumber(score, language)}
      </span>
    </div>
  );
}

function RankChange({ document: { rank, rank_before } }: { document: RetrievedDocument }) {
  const { t } = useTranslation("trace");
  if (rank_before === null) return <span className={classes.change}>{NO_VALUE}</span>;
  const moved = rank_before - rank;
  const arrow = moved > 0 ? "↑" : moved < 0 ? "↓" : "=";
  const label = t("documents.before", { rank: rank_before });
  return (
    <span className={classes.change} data-moved={moved !== 0 || undefined} title={label}>
      <span aria-hidden="true">{moved === 0 ? arrow : `${arrow}${Math.abs(moved)}`}</span>
      <span className="pw-visually-hidden">{label}</span>
    </span>
  );
}

function Source({ document: { title, source, id } }: { document: RetrievedDocument }) {
  const shown = [...new Set([title ? source : null, (title ?? source) ? id : null])].filter(
    (part) => part !== null,
  );
  if (shown.length === 0) return null;
  return (
    <div className={`${classes.source} pw-mono pw-foreign`}>
      {shown.map((part) => cutText(visibleLine(part), 200)).join(" · ")}
    </div>
  );
}

/** Scores between 0 and 1 are shares themselves; others are set between the least and the greatest. */
function shareOf(scores: number[]): (score: number) => number {
  const [least, greatest] = [Math.min(...scores), Math.max(...scores)];
  if (least >= 0 && greatest <= 1) return (score) => score;
  const floor = Math.min(least, 0);
  return (score) => (greatest === floor ? 1 : (score - floor) / (greatest - floor));
}

function fromColumns(span: SpanAnswer): RetrievedDocument[] {
  return span.documents.map(({ id, score }, index) => ({
    ...{ id, score, rank: index + 1, rank_before: null },
    ...{ title: null, source: null, text: null },
  }));
}
