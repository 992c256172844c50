/** The rows of a long list as pages: what was fetched, what is shown, and what waits to be shown. */

import type { components } from "./schema.gen";
import type { Refusal } from "./traces";

export type TraceRow = components["schemas"]["TraceRowView"];
export type SpanRow = components["schemas"]["SpanColumns"];
export type ListRow = TraceRow | SpanRow;

export interface FetchedRows {
  rows: readonly ListRow[];
  next: string | null;
  refused: readonly Refusal[];
}

export interface RowPage {
  /** What the page comes after; null for the first one. */
  cursor: string | null;
  ids: readonly string[];
  /** Null for a page far from sight, which is fetched again when it is seen. */
  rows: readonly ListRow[] | null;
}

export interface RowPages {
  pages: readonly RowPage[];
  /** Place of each page's first row, and the number of all rows at the end. */
  starts: readonly number[];
  /** Begins the page after the last one; null at the end. */
  next: string | null;
  /** The newest rows, while they are not shown yet. */
  held: FetchedRows | null;
  /** Filters that the rows do not follow, because the server refused them. */
  refused: readonly Refusal[];
}

/** Pages this far from what is seen give their rows back. */
const KEPT_PAGES = 40;
/** A first page that has grown to this many rows is cut when its top is shown. */
const MAX_FIRST_ROWS = 2000;

/** What tells a row from all others of its list. */
export function idOf(row: ListRow): string {
  return isTraceRow(row) ? row.trace_id : row.span_id;
}

export function isTraceRow(row: ListRow): row is TraceRow {
  return "matched_at" in row;
}

function instantOf(row: ListRow): string {
  return isTraceRow(row) ? row.matched_at : row.started_at;
}

function pageOf(cursor: string | null, rows: readonly ListRow[]): RowPage {
  return { cursor, ids: rows.map(idOf), rows };
}

function pagesOf(pages: readonly RowPage[], next: string | null, refused: readonly Refusal[]): RowPages {
  const starts = [0];
  for (const page of pages) starts.push((starts.at(-1) ?? 0) + page.ids.length);
  return { pages, starts, next, held: null, refused };
}

export function firstPages({ rows, next, refused }: FetchedRows): RowPages {
  return pagesOf([pageOf(null, rows)], next, refused);
}

export function countRows({ starts }: RowPages): number {
  return starts.at(-1) ?? 0;
}

/** The page that holds the row at a place, and the row's place in it. */
export function findPage({ starts, pages }: RowPages, index: number): { page: number; offset: number } {
  let [low, high] = [0, pages.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return { page: low, offset: index - (starts[low] ?? 0) };
}

/** The row at a place; undefined while it is not here. */
export function rowAt(list: RowPages, index: number): ListRow | undefined {
  const { page, offset } = findPage(list, index);
  return list.pages[page]?.rows?.[offset];
}

/** The place of a row; -1 if the list does not hold it. */
export function placeOf(list: RowPages, id: string): number {
  for (const [index, page] of list.pages.entries()) {
    const offset = page.ids.indexOf(id);
    if (offset >= 0) return (list.starts[index] ?? 0) + offset;
  }
  return -1;
}

/** Ids around a place, in order. */
export function idsAround(list: RowPages, index: number, reach: number): string[] {
  const ids: string[] = [];
  const { page } = findPage(list, index);
  for (let at = page; at >= 0 && ids.length < reach; at--) ids.unshift(...(list.pages[at]?.ids ?? []));
  const before = ids.length;
  for (let at = page + 1; at < list.pages.length && ids.length - before < reach; at++)
    ids.push(...(list.pages[at]?.ids ?? []));
  return ids;
}

/** With the page that follows the last one. */
export function withNext(
  list: RowPages,
  cursor: string,
  fetched: { rows: readonly ListRow[]; next: string | null },
): RowPages {
  if (list.next !== cursor) return list;
  const grown = pagesOf([...list.pages, pageOf(cursor, fetched.rows)], fetched.next, list.refused);
  return { ...grown, held: list.held };
}

/** With the rows of a page that had given them back; its rows keep their places. */
export function withRowsAgain(list: RowPages, index: number, rows: readonly ListRow[]): RowPages {
  const page = list.pages[index];
  if (!page || page.rows) return list;
  const known = new Map(rows.map((row) => [idOf(row), row]));
  const found = page.ids.flatMap((id) => known.get(id) ?? []);
  const pages = list.pages.with(index, { ...page, ids: found.map(idOf), rows: found });
  return { ...pagesOf(pages, list.next, list.refused), held: list.held };
}

/** Without the rows of pages far from the ones that are seen; where they stand stays known. */
export function withoutFar(list: RowPages, seen: number): RowPages {
  const isFar = (index: number) => index > 0 && Math.abs(index - seen) > KEPT_PAGES;
  if (!list.pages.some((page, index) => page.rows && isFar(index))) return list;
  const pages = list.pages.map((page, index) => (page.rows && isFar(index) ? { ...page, rows: null } : page));
  return { ...list, pages };
}

/** How many of the newest rows are not shown yet; infinite if they do not reach down to those that are. */
export function countHeld(list: RowPages): number {
  if (!list.held) return 0;
  const known = new Set(list.pages[0]?.ids);
  const fresh = list.held.rows.filter((row) => !known.has(idOf(row))).length;
  return fresh > 0 && fresh === list.held.rows.length && list.held.next ? Number.POSITIVE_INFINITY : fresh;
}

/** Keep the newest rows for later, and show at once what changed in rows that are there already. */
export function withHeld(list: RowPages, held: FetchedRows): RowPages {
  const fresh = new Map(held.rows.map((row) => [idOf(row), row]));
  const [first, ...others] = list.pages;
  if (!first?.rows) return { ...list, held };
  const rows = first.rows.map((row) => newerOf(row, fresh.get(idOf(row))));
  const isSame = rows.every((row, index) => row === first.rows?.[index]);
  const changed = isSame ? list : { ...list, pages: [{ ...first, rows }, ...others] };
  return { ...changed, held: countHeld({ ...changed, held }) > 0 ? held : null };
}

/** With the newest rows at the top; begins anew if they do not reach down to those that are there. */
export function withNewest(list: RowPages, fetched: FetchedRows): RowPages {
  const fresh = new Set(fetched.rows.map(idOf));
  const isKnown = (page: RowPage | undefined) => page?.ids.some((id) => fresh.has(id)) ?? false;
  if (!fetched.next || !isKnown(list.pages[0])) return firstPages(fetched);
  if ((list.pages[0]?.ids.length ?? 0) > MAX_FIRST_ROWS) return firstPages(fetched);
  let last = 0;
  while (isKnown(list.pages[last + 1]) && list.pages[last + 1]?.rows) last++;
  const old = list.pages.slice(0, last + 1).flatMap((page) => page.rows ?? []);
  const merged = merge(old, fetched.rows);
  return pagesOf([pageOf(null, merged), ...list.pages.slice(last + 1)], list.next, fetched.refused);
}

function merge(old: readonly ListRow[], fetched: readonly ListRow[]): ListRow[] {
  const known = new Map(old.map((row) => [idOf(row), row]));
  for (const row of fetched) known.set(idOf(row), newerOf(known.get(idOf(row)) ?? row, row));
  return [...known.values()].sort((left, right) => compareInstants(instantOf(right), instantOf(left)));
}

/** The row itself if nothing of it changed, so that it is not drawn again. */
function newerOf(row: ListRow, fetched: ListRow | undefined): ListRow {
  return !fetched || JSON.stringify(row) === JSON.stringify(fetched) ? row : fetched;
}

/** Order of two instants in UTC, to the nanosecond, however many digits they are written with. */
export function compareInstants(left: string, right: string): number {
  const [a, b] = [padded(left), padded(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function padded(instant: string): string {
  const [seconds = "", fraction = ""] = instant.replace(/Z|[+-]00:00$/, "").split(".");
  return `${seconds}.${fraction.padEnd(9, "0")}`;
}
