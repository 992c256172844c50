import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useId, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { formatDuration } from "@/lib/format";
import { placeOf, ticksOf, type Viewport } from "../model/axis";
import type { Mode, Node, Row } from "../model/tree";
import classes from "./span-grid.module.css";
import { SpanRow } from "./span-row";
import { useGridKeys } from "./use-grid-keys";

const ROW_HEIGHT = 26;
/** Rows that exist at once, rounded up to a multiple of this, so that the number does not change while one scrolls. */
const SLOTS = 64;

export interface SpanGridProps {
  rows: readonly Row[];
  nodes: readonly Node[];
  mode: Mode;
  isFiltered: boolean;
  folded: ReadonlySet<string>;
  selected: string | null;
  viewport: Viewport;
  /** Milliseconds of the whole trace. */
  total: number;
  segments: ReadonlyMap<string, [number, number][]>;
  onSelect: (spanId: string) => void;
  onToggle: (spanId: string) => void;
  onOpen: () => void;
}

/** The spans of a trace as a tree with their times beside it; only what is in sight exists on the page. */
export function SpanGrid(props: SpanGridProps) {
  const { rows, mode, isFiltered, folded, selected, viewport, total, segments, onSelect, onToggle } = props;
  const { t } = useTranslation("trace");
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollPaddingStart: ROW_HEIGHT + 1,
    scrollPaddingEnd: ROW_HEIGHT,
  });
  const place = useMemo(() => rows.findIndex(({ node }) => node.span.span_id === selected), [rows, selected]);
  useEffect(() => {
    if (place >= 0) virtualizer.scrollToIndex(place, { align: "auto" });
  }, [place, virtualizer]);
  const hasModels = useMemo(() => props.nodes.some(({ span }) => span.model !== null), [props.nodes]);
  const items = virtualizer.getVirtualItems();
  const slots = Math.max(1, Math.ceil(items.length / SLOTS)) * SLOTS;
  const onKeyDown = useGridKeys({ ...props, place, pageRows: rowsInSight(scroller.current) });
  return (
    <div
      ref={scroller}
      role="treegrid"
      tabIndex={0}
      aria-label={t("tree.label")}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={place >= 0 ? `${id}-${selected}` : undefined}
      className={classes.grid}
      data-modelless={hasModels ? undefined : true}
      style={{ "--ticks": tickLines(viewport) } as CSSProperties}
      onKeyDown={onKeyDown}
    >
      <GridHead viewport={viewport} />
      <div role="rowgroup" className={classes.rows} style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const spanId = row.node.span.span_id;
          return (
            <SpanRow
              // Rows out of sight lend their place on the page to those that come into it.
              key={index % slots}
              id={`${id}-${spanId}`}
              node={row.node}
              mode={mode}
              place={index}
              top={start}
              isSelected={spanId === selected}
              isFolded={!isFiltered && folded.has(spanId)}
              isContext={isFiltered && !row.isMatch}
              viewport={viewport}
              total={total}
              segments={segments.get(spanId)}
              onSelect={onSelect}
              onToggle={onToggle}
            />
          );
        })}
      </div>
    </div>
  );
}

function rowsInSight(scroller: HTMLElement | null): number {
  return Math.max(1, Math.floor((scroller?.clientHeight ?? 520) / ROW_HEIGHT) - 2);
}

function GridHead({ viewport }: { viewport: Viewport }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" aria-rowindex={1} className={classes.headRow}>
        <span role="columnheader">{t("column.span")}</span>
        <span role="columnheader" data-column="model">
          {t("column.model")}
        </span>
        <span role="columnheader" data-column="tokens" data-number>
          {t("column.tokens")}
        </span>
        <span role="columnheader" data-column="cost" data-number>
          {t("column.cost")}
        </span>
        <span role="columnheader" data-number>
          {t("column.duration")}
        </span>
        <span role="columnheader" className={classes.axis} aria-label={t("column.time")}>
          {ticksOf(viewport).map((tick) => (
            <span
              key={tick}
              className={classes.tick}
              style={{ left: `${placeOf(viewport, tick, 0)?.left ?? 0}%` }}
            >
              {formatDuration(tick, language)}
            </span>
          ))}
        </span>
      </div>
    </div>
  );
}

/** Lines of the axis behind every row, as one background. */
function tickLines(viewport: Viewport): string {
  const lines = ticksOf(viewport).map((tick) => {
    const at = `${(placeOf(viewport, tick, 0)?.left ?? 0).toFixed(3)}%`;
    return `linear-gradient(90deg, transparent ${at}, var(--pw-line) ${at}, var(--pw-line) calc(${at} + 1px), transparent calc(${at} + 1px))`;
  });
  return lines.length ? lines.join(", ") : "none";
}
