import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type SpanAnswer, spanQuery } from "@/api/trace";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { ErrorState, LoadingState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { cutText, prettyJson, visibleLine, visibleText } from "@/lib/foreign-text";
import { formatCount } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import type { Pair } from "../model/align";
import { type DiffLine, diffLines, MAX_DIFF_LENGTH } from "../model/text-diff";
import classes from "./compare.module.css";

interface CompareTextsProps {
  pair: Pair;
  left: string;
  right: string;
}

/** What the chosen pair was given and what it answered, and what is different. */
export function CompareTexts({ pair, left, right }: CompareTextsProps) {
  const { t } = useTranslation("trace");
  const { scope } = usePageState();
  const [leftId, rightId] = [pair.left?.span.span_id, pair.right?.span.span_id];
  const first = useQuery({ ...spanQuery(scope, left, leftId ?? ""), enabled: leftId !== undefined });
  const second = useQuery({ ...spanQuery(scope, right, rightId ?? ""), enabled: rightId !== undefined });
  const failed = [first, second].find(({ isError }) => isError);
  if (failed) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (first.isLoading || second.isLoading) return <LoadingState height={160} rows={4} />;
  const name = cutText(visibleLine((pair.left ?? pair.right)?.span.name ?? ""), 80);
  return (
    <div className={classes.split}>
      {(["input", "output"] as const).map((side) => (
        <Panel key={side} title={t(`compare.${side}`, { name })}>
          <TextDiff left={textOf(first.data, side)} right={textOf(second.data, side)} />
        </Panel>
      ))}
    </div>
  );
}

/** The text of a side as people read it: a chat as roles and words, JSON over lines. */
function textOf(span: SpanAnswer | undefined, side: "input" | "output"): string | null {
  if (!span) return null;
  const messages = span.conversation?.messages.filter((message) => message.side === side) ?? [];
  if (messages.length === 0) return span[side] === null ? null : (prettyJson(span[side]) ?? span[side]);
  return messages
    .map(({ role, parts }) =>
      [`[${role}]`, ...parts.map((part) => part.text ?? part.arguments ?? part.media_type ?? "")].join("\n"),
    )
    .join("\n\n");
}

function TextDiff({ left, right }: { left: string | null; right: string | null }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const lines = useMemo(() => diffLines(left ?? "", right ?? ""), [left, right]);
  if (left === null && right === null) return <Note>{t("compare.noTexts")}</Note>;
  if (left === right) return <Note>{t("compare.sameTexts")}</Note>;
  const isCut = Math.max(left?.length ?? 0, right?.length ?? 0) > MAX_DIFF_LENGTH;
  return (
    <>
      {isCut && <Note>{t("compare.cut", { characters: formatCount(MAX_DIFF_LENGTH, language) })}</Note>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div className={classes.diff} tabIndex={0} role="region" aria-label={t("compare.difference")}>
        {foldedLines(lines).map((block, index) =>
          block.isFolded ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their place
            <details key={index} className={classes.same}>
              <summary>{t("compare.sameLines", { count: block.lines.length })}</summary>
              <Lines lines={block.lines} />
            </details>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their place
            <Lines key={index} lines={block.lines} />
          ),
        )}
      </div>
    </>
  );
}

const SIGNS = { same: "", removed: "−", added: "+" } as const;

function Lines({ lines }: { lines: DiffLine[] }) {
  const { t } = useTranslation("trace");
  return lines.map(({ change, pieces }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their place
    <div key={index} className={classes.line} data-change={change}>
      <span className={classes.sign}>
        <span aria-hidden="true">{SIGNS[change]}</span>
        {change !== "same" && <span className="pw-visually-hidden">{t(`compare.${change}`)}</span>}
      </span>
      <span className="pw-foreign" dir="auto">
        {pieces.map((piece, place) => {
          const Mark = piece.change === "removed" ? "del" : piece.change === "added" ? "ins" : "span";
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
          return <Mark key={place}>{visibleText(piece.text)}</Mark>;
        })}
      </span>
    </div>
  ));
}

const CONTEXT = 2;
const MIN_FOLDED = 4;

interface FoldedBlock {
  isFolded: boolean;
  lines: DiffLine[];
}

/** Long stretches that are the same are folded away, but for a few lines beside the changes. */
function foldedLines(lines: DiffLine[]): FoldedBlock[] {
  const blocks: FoldedBlock[] = [];
  for (let start = 0; start < lines.length; ) {
    const isSame = lines[start]?.change === "same";
    let end = start;
    while (end < lines.length && (lines[end]?.change === "same") === isSame) end++;
    const run = lines.slice(start, end);
    blocks.push(
      ...(isSame ? foldedRun(run, start === 0, end === lines.length) : [{ isFolded: false, lines: run }]),
    );
    start = end;
  }
  return blocks;
}

function foldedRun(run: DiffLine[], isFirst: boolean, isLast: boolean): FoldedBlock[] {
  const [before, after] = [isFirst ? 0 : CONTEXT, isLast ? 0 : CONTEXT];
  if (run.length - before - after < MIN_FOLDED) return [{ isFolded: false, lines: run }];
  return [
    { isFolded: false, lines: run.slice(0, before) },
    { isFolded: true, lines: run.slice(before, run.length - after) },
    { isFolded: false, lines: run.slice(run.length - after) },
  ];
}
