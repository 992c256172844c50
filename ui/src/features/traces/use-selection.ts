import { useNavigate, useSearch } from "@tanstack/react-router";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { countRows, idOf, isTraceRow, type ListRow, placeOf, type RowPages, rowAt } from "@/api/trace-rows";
import { keptSearch } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import type { ListHandle } from "./list/trace-list";
import { rememberOrder } from "./trace-order";
import type { TracesState } from "./use-traces-state";

export interface Selection {
  activeId: string | null;
  activate: (id: string | null) => void;
  /** Preview the row at a place. */
  pick: (index: number) => void;
  /** Go to the trace of the row at a place. */
  open: (index: number) => void;
  /** Close the preview, else forget the row. */
  close: () => void;
  /** Before the trace is left for by a link. */
  remember: () => void;
  /** The span at which the trace of the row at hand opens; null for its root. */
  openedSpan: string | null;
}

/** Which row is at hand; `j`, `k` and `o` work wherever the keyboard is. */
export function useSelection(
  list: RowPages | undefined,
  state: TracesState,
  handle: RefObject<ListHandle | null>,
): Selection {
  const { t } = useTranslation("traces");
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const [activeId, setActiveId] = useState<string | null>(() => lastPart(state.preview));
  const { preview, change } = state;
  useEffect(() => {
    if (preview) setActiveId(lastPart(preview));
  }, [preview]);

  const previewOf = (index: number) => {
    const row = list && rowAt(list, index);
    if (!row) return undefined;
    return isTraceRow(row) ? row.trace_id : `${row.trace_id}-${row.span_id}`;
  };
  const activate = (id: string | null) => {
    setActiveId(id);
    // An open preview follows the row.
    if (id && preview && list) change({ preview: previewOf(placeOf(list, id)) });
  };
  const pick = (index: number) => {
    const row = list && rowAt(list, index);
    if (!row || !list) return;
    rememberOrder(list, index);
    setActiveId(idOf(row));
    change({ preview: previewOf(index) });
  };
  const open = (index: number) => {
    const row = list && rowAt(list, index);
    if (!row || !list) return;
    rememberOrder(list, index);
    const span = openedSpanOf(row, state);
    const target = { ...keptSearch(search), ...(span ? { span } : {}) };
    void navigate({ to: "/traces/$traceId", params: { traceId: row.trace_id }, search: target as never });
  };
  const close = () => {
    if (preview) change({ preview: undefined });
    else setActiveId(null);
    handle.current?.focus();
  };
  const place = list && activeId ? placeOf(list, activeId) : -1;
  const atHand = list && place >= 0 ? rowAt(list, place) : undefined;
  const move = (by: number) => {
    if (!list || countRows(list) === 0) return;
    const row = rowAt(list, Math.max(0, Math.min(countRows(list) - 1, place + by)));
    if (row) activate(idOf(row));
    handle.current?.focus();
  };
  const group = t("shortcut.group");
  useShortcut("j", t("shortcut.next"), group, () => move(1));
  useShortcut("k", t("shortcut.previous"), group, () => move(-1));
  useShortcut("o", t("shortcut.open"), group, () => place >= 0 && open(place));
  // Rows are drawn again when what they call changes, so it never does.
  const latest = useRef({ pick, open });
  latest.current = { pick, open };
  const stable = useMemo(
    () => ({
      pick: (index: number) => latest.current.pick(index),
      open: (index: number) => latest.current.open(index),
    }),
    [],
  );
  return {
    activeId,
    activate,
    ...stable,
    close,
    remember: () => list && place >= 0 && rememberOrder(list, place),
    openedSpan: atHand ? openedSpanOf(atHand, state) : null,
  };
}

/** Who looked for spans of a kind, such as failed ones, wants to see the one that was found and not its root. */
function openedSpanOf(row: ListRow, { filters, q }: TracesState): string | null {
  if (!isTraceRow(row)) return row.span_id;
  return filters.length > 0 || q !== "" ? row.matched_span_id : null;
}

/** The id of the row that a preview stands for: of a span where there is one, else of the trace. */
function lastPart(preview: string | null): string | null {
  return preview?.split("-").at(-1) ?? null;
}
