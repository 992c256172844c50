import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useId, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/components/ui/panel";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCost, formatCount, formatDuration } from "@/lib/format";
import { allTokens } from "@/lib/tokens";
import { KindIcon } from "../kinds";
import { ErrorMark } from "../marks";
import type { Pair } from "../model/align";
import type { Node } from "../model/tree";
import classes from "./compare.module.css";
import { DeltaBar, differenceOf, signed } from "./delta";

const ROW_HEIGHT = 26;
const INDENT = 14;
const MAX_INDENTS = 12;

interface CompareSpansProps {
  pairs: readonly Pair[];
  chosen: Pair | null;
  /** Not all spans of both have come. */
  isPartial: boolean;
  onChoose: (pair: Pair) => void;
}

/** Spans of both traces laid over each other, with what the right one took more. */
export function CompareSpans({ pairs, chosen, isPartial, onChoose }: CompareSpansProps) {
  const { t } = useTranslation("trace");
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: pairs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
    scrollPaddingStart: ROW_HEIGHT + 1,
  });
  const place = chosen ? pairs.indexOf(chosen) : -1;
  const greatest = useMemo(() => Math.max(...pairs.map((pair) => Math.abs(moreTime(pair) ?? 0)), 0), [pairs]);
  const onKeyDown = (event: KeyboardEvent) => {
    const target = { ArrowDown: place + 1, ArrowUp: place - 1 }[event.key];
    const pair = target === undefined ? undefined : pairs[target];
    if (!pair || target === undefined) return;
    event.preventDefault();
    virtualizer.scrollToIndex(target);
    onChoose(pair);
  };
  return (
    <Panel title={t("compare.spans")} note={isPartial ? t("compare.partial") : t("compare.hint")} isFlush>
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label={t("compare.spans")}
        aria-rowcount={pairs.length + 1}
        aria-activedescendant={place >= 0 ? `${id}-${place}` : undefined}
        className={classes.grid}
        onKeyDown={onKeyDown}
      >
        <Head />
        <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: "relative" }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const pair = pairs[index];
            return (
              pair && (
                <PairRow
                  key={pair.key}
                  id={`${id}-${index}`}
                  pair={pair}
                  place={index}
                  top={start}
                  greatest={greatest}
                  isChosen={index === place}
                  onChoose={onChoose}
                />
              )
            );
          })}
        </div>
      </div>
    </Panel>
  );
}

function Head() {
  const { t } = useTranslation("trace");
  const columns = [
    t("compare.left"),
    t("compare.right"),
    t("compare.duration"),
    t("column.tokens"),
    t("column.cost"),
  ];
  return (
    <div role="rowgroup">
      <div role="row" aria-rowindex={1} className={classes.gridHead}>
        <span role="columnheader">{t("column.span")}</span>
        {columns.map((column) => (
          <span key={column} role="columnheader" className={classes.number}>
            {column}
          </span>
        ))}
      </div>
    </div>
  );
}

interface PairRowProps {
  id: string;
  pair: Pair;
  place: number;
  top: number;
  greatest: number;
  isChosen: boolean;
  onChoose: (pair: Pair) => void;
}

function PairRow({ id, pair, place, top, greatest, isChosen, onChoose }: PairRowProps) {
  const language = useLanguage();
  const { left, right } = pair;
  const difference = moreTime(pair);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid, which holds the focus
    <div
      id={id}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={isChosen}
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onChoose(pair)}
    >
      <PairName pair={pair} />
      <span role="gridcell" className={classes.number}>
        {left && formatDuration(left.span.duration_ms, language)}
      </span>
      <span role="gridcell" className={classes.number}>
        {right && formatDuration(right.span.duration_ms, language)}
      </span>
      <span role="gridcell" className={classes.deltaCell}>
        {signed(difference, (ms) => formatDuration(ms, language))}
        <DeltaBar share={greatest ? (difference ?? 0) / greatest : 0} />
      </span>
      <span role="gridcell" className={classes.number}>
        {signed(differenceOf(tokensOf(left), tokensOf(right)), (tokens) => formatCount(tokens, language))}
      </span>
      <span role="gridcell" className={classes.number}>
        {signed(differenceOf(left?.sums.cost, right?.sums.cost), (usd) => formatCost(usd, language))}
      </span>
    </div>
  );
}

function PairName({ pair: { left, right, depth } }: { pair: Pair }) {
  const { t } = useTranslation("trace");
  const span = (left ?? right)?.span;
  if (!span) return null;
  const names = [...new Set([left?.span.name, right?.span.name].filter((name) => name !== undefined))];
  const name = names.map((text) => cutText(visibleLine(text), 120)).join(" → ");
  const hasFailed = [left, right].some((node) => node?.span.status === "error");
  return (
    <span
      role="gridcell"
      className={classes.name}
      style={{ paddingLeft: 8 + Math.min(depth, MAX_INDENTS) * INDENT }}
    >
      <KindIcon kind={span.kind} />
      {hasFailed && <ErrorMark />}
      {!(left && right) && (
        <span className={classes.only}>{left ? t("compare.onlyLeft") : t("compare.onlyRight")}</span>
      )}
      <span title={name}>{name}</span>
    </span>
  );
}

/** What a span took more on the right; one that is missing took no time there. */
function moreTime({ left, right }: Pair): number | null {
  if (left && right) return differenceOf(left.span.duration_ms, right.span.duration_ms);
  const alone = (left ?? right)?.span.duration_ms ?? null;
  return alone === null ? null : left ? -alone : alone;
}

function tokensOf(node: Node | null): number | null {
  if (!node) return null;
  const { inputTokens, outputTokens } = node.sums;
  return allTokens(inputTokens, outputTokens);
}
