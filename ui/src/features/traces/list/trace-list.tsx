import { useElementSize, useMergedRef } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
} from "react";
import { useTranslation } from "react-i18next";
import { countRows, idOf, placeOf, type RowPages, rowAt } from "@/api/trace-rows";
import type { Level } from "@/api/traces";
import { useLanguage } from "@/i18n";
import { useNow } from "@/lib/use-now";
import type { Words } from "../use-words";
import type { CellContext } from "./cells";
import { type ListColumn, tracksOf } from "./columns";
import { ListHead } from "./list-head";
import { scaleOf } from "./scale";
import classes from "./trace-list.module.css";
import { TraceRow } from "./trace-row";

const ROW_HEIGHT = 32;
const CARD_HEIGHT = 56;
const HEAD_HEIGHT = 32;
/** Below this width a row becomes a card of two lines. */
const CARD_WIDTH = 640;
const HOUR_MS = 3_600_000;

/** What others may ask of the list. */
export interface ListHandle {
  focus: () => void;
  toTop: () => void;
  /** Whether new rows at the top would move what somebody looks at. */
  isAtRest: () => boolean;
}

interface TraceListProps {
  handle: RefObject<ListHandle | null>;
  list: RowPages;
  level: Level;
  columns: readonly ListColumn[];
  words: Words;
  /** The rows are of the question before. */
  isOld: boolean;
  activeId: string | null;
  onActivate: (id: string | null) => void;
  onPick: (index: number) => void;
  onOpen: (index: number) => void;
  onClose: () => void;
  see: (first: number, last: number) => void;
  /** What stands after the last row. */
  foot: ReactNode;
}

/** Rows without end; only those in sight are on the page. */
export function TraceList(props: TraceListProps) {
  const { list, level, columns, words, isOld, activeId, onPick, onOpen, see, foot, handle } = props;
  const { t } = useTranslation("traces");
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const isPointed = useRef(false);
  const { ref: sizeRef, width } = useElementSize();
  const ref = useMergedRef(scroller, sizeRef);
  const isCard = width > 0 && width < CARD_WIDTH;
  const height = isCard ? CARD_HEIGHT : ROW_HEIGHT;
  const count = countRows(list);
  const context = useCellContext(list, words);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    scrollPaddingEnd: isCard ? 0 : HEAD_HEIGHT,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height is what `estimateSize` now says
  useEffect(() => virtual.measure(), [height]);
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => see(first, last), [see, first, last]);
  useAnchor(list, scroller, height);
  const active = activeId === null ? -1 : placeOf(list, activeId);
  useEffect(() => {
    if (active >= 0) virtual.scrollToIndex(active, { align: "auto" });
  }, [active, virtual]);
  useImperativeHandle(handle, () => ({
    focus: () => scroller.current?.focus({ preventScroll: true }),
    toTop: () => scroller.current?.scrollTo({ top: 0 }),
    isAtRest: () => (scroller.current?.scrollTop ?? 0) < 4 && !isPointed.current,
  }));
  const onKeyDown = useListKeys({ ...props, active, count, pageRows: Math.max(1, last - first - 24) });
  const isActiveShown = active >= first && active <= last;
  return (
    <div
      ref={ref}
      role="grid"
      aria-label={t(`list.${level}`)}
      aria-rowcount={list.next ? -1 : count + 1}
      aria-busy={isOld}
      aria-activedescendant={isActiveShown ? `${id}-${active}` : undefined}
      tabIndex={0}
      className={classes.list}
      data-old={isOld || undefined}
      data-scroll-restoration-id="traces"
      onKeyDown={onKeyDown}
      onPointerEnter={() => (isPointed.current = true)}
      onPointerLeave={() => (isPointed.current = false)}
    >
      <div
        role="presentation"
        className={classes.table}
        style={isCard ? undefined : styleOf(columns)}
        data-card={isCard || undefined}
      >
        {!isCard && <ListHead columns={columns} words={words} />}
        <div role="rowgroup" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => (
            <TraceRow
              key={item.key}
              id={`${id}-${item.index}`}
              row={rowAt(list, item.index)}
              index={item.index}
              top={item.start}
              columns={columns}
              context={context}
              isCard={isCard}
              isActive={item.index === active}
              onPick={onPick}
              onOpen={onOpen}
            />
          ))}
        </div>
        {foot}
      </div>
    </div>
  );
}

function styleOf(columns: readonly ListColumn[]): Record<string, string | number> {
  const { tracks, width } = tracksOf(columns);
  return { "--tracks": tracks, minWidth: width };
}

function useCellContext(list: RowPages, words: Words): CellContext {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const today = useNow(HOUR_MS);
  const first = list.pages[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the first page sets the scale
  const scale = useMemo(() => scaleOf(list), [first]);
  const missingRoot = t("list.missingRoot");
  return useMemo(
    () => ({ language, scale, words, today, missingRoot }),
    [language, scale, words, today, missingRoot],
  );
}

/** Keeps what is looked at in its place when rows come in above it. */
function useAnchor(list: RowPages, scroller: RefObject<HTMLDivElement | null>, height: number): void {
  const before = useRef<RowPages>(list);
  useLayoutEffect(() => {
    const element = scroller.current;
    const old = before.current;
    before.current = list;
    if (!element || element.scrollTop < height || old.pages[0] === list.pages[0]) return;
    const row = rowAt(old, Math.floor(element.scrollTop / height));
    if (!row) return;
    const place = placeOf(list, idOf(row));
    const moved = place - placeOf(old, idOf(row));
    if (place >= 0 && moved !== 0) element.scrollTop += moved * height;
  }, [list, scroller, height]);
}

interface ListKeys extends TraceListProps {
  active: number;
  count: number;
  pageRows: number;
}

/** Arrow keys move, Enter previews, Escape steps back. */
function useListKeys(keys: ListKeys): (event: KeyboardEvent) => void {
  const { list, active, count, pageRows, onActivate, onPick, onClose } = keys;
  return (event) => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + pageRows,
      PageUp: active - pageRows,
      Home: 0,
      End: count - 1,
    };
    const next = moves[event.key];
    if (next !== undefined && count > 0) {
      event.preventDefault();
      const row = rowAt(list, Math.max(0, Math.min(count - 1, next)));
      if (row) onActivate(idOf(row));
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      onPick(active);
    } else if (event.key === "Escape") onClose();
  };
}
