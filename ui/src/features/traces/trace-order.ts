import { idsAround, isTraceRow, type RowPages, rowAt } from "@/api/trace-rows";

/** The page of a trace reads it, to lead to the one before and the one after. */
const ORDER = "pitwall.trace-order";
/** Ids kept on either side of the trace that is opened; session storage holds a few megabytes. */
const REACH = 1000;

/** Remember the order of the traces around the one that is opened. */
export function rememberOrder(list: RowPages, index: number): void {
  const row = rowAt(list, index);
  const ids = row && !isTraceRow(row) ? tracesOf(list) : idsAround(list, index, REACH);
  try {
    sessionStorage.setItem(ORDER, JSON.stringify(ids));
  } catch {
    // Without room for it there is no previous and next, and nothing else is lost.
  }
}

/** Traces in the order in which their spans are listed, each once. */
function tracesOf(list: RowPages): string[] {
  const ids = list.pages.flatMap(({ rows }) => rows ?? []).map(({ trace_id }) => trace_id);
  return [...new Set(ids)].slice(0, 2 * REACH);
}
