import type { KeyboardEvent } from "react";
import type { Node } from "../model/tree";
import type { SpanGridProps } from "./span-grid";

interface GridKeysProps extends SpanGridProps {
  /** Place of the chosen row; -1 for none. */
  place: number;
  pageRows: number;
}

/** Keys of a tree view: up and down through rows, left and right through levels, Enter to what the row holds. */
export function useGridKeys(props: GridKeysProps): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = actionOf(event.key, props);
    if (!act) return;
    event.preventDefault();
    act();
  };
}

function actionOf(key: string, props: GridKeysProps): (() => void) | null {
  const { rows, place, pageRows, onOpen } = props;
  const target = moveOf(key, place, pageRows, rows.length);
  if (target !== null) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, target))];
    return row ? () => props.onSelect(row.node.span.span_id) : null;
  }
  const node = rows[place]?.node;
  if (!node) return null;
  if (key === "Enter") return onOpen;
  if (props.mode !== "tree" || props.isFiltered) return null;
  return levelActionOf(key, node, props);
}

function moveOf(key: string, place: number, pageRows: number, count: number): number | null {
  const moves: Record<string, number> = {
    ArrowDown: place + 1,
    ArrowUp: place - 1,
    PageDown: place + pageRows,
    PageUp: place - pageRows,
    Home: 0,
    End: count - 1,
  };
  return moves[key] ?? null;
}

function levelActionOf(key: string, node: Node, props: GridKeysProps): (() => void) | null {
  const { span_id, child_count } = node.span;
  const isFolded = props.folded.has(span_id);
  const toggle = () => props.onToggle(span_id);
  if (key === " " && child_count > 0) return toggle;
  if (key === "ArrowRight") {
    if (isFolded) return toggle;
    const below = props.nodes[node.index + 1];
    return below && below.parent === node.index ? () => props.onSelect(below.span.span_id) : null;
  }
  if (key !== "ArrowLeft") return null;
  if (child_count > 0 && !isFolded) return toggle;
  const above = props.nodes[node.parent];
  return above ? () => props.onSelect(above.span.span_id) : null;
}
