/** What the filter bar offers for a text that is being typed. */

import type { Column } from "@/api/traces";
import type { Filter } from "../model/filters";
import { type ColumnFinder, readQueryText } from "../model/query-text";

export type Suggestion =
  | { kind: "filters"; id: string; filters: Filter[]; words: string }
  | { kind: "column"; id: string; column: Column; text: string }
  | { kind: "text"; id: string; words: string };

const MAX_COLUMNS = 8;
const MAX_VALUES = 12;
/** Offered first, while nothing is typed. */
const FIRST = ["status", "error_class", "model", "duration_ms", "name", "service", "cost_usd", "user_id"];

export interface Known {
  columns: readonly Column[];
  finder: ColumnFinder;
  /** Values of a column that occur, most frequent first. */
  valuesOf: (column: string) => readonly string[];
  isValue: (column: string, value: string) => boolean;
}

/** The last word of a text, and what stands before it. */
export function splitLast(text: string): { head: string; last: string } {
  const match = /^([\s\S]*?)((?:[^\s"]|"[^"]*"?)*)$/.exec(text);
  return { head: match?.[1] ?? "", last: match?.[2] ?? text };
}

/** The column whose values are being typed; null while no column is named. */
export function openColumn(text: string, finder: ColumnFinder): { column: Column; typed: string } | null {
  const match = /^([-!]?)([^\s:<>=!~"]+)(?::(?:eq:|ne:)?|!=|=)([^:<>=]*)$/.exec(splitLast(text).last);
  const column = match && finder.find(match[2] ?? "");
  return column ? { column, typed: (match[3] ?? "").replaceAll('"', "") } : null;
}

/** Everything offered for a text, best first. */
export function suggest(text: string, known: Known): Suggestion[] {
  const { columns, finder } = known;
  if (!text.trim()) {
    const first = FIRST.flatMap((name) => columns.find((column) => column.name === name) ?? []);
    return first.map((column) => columnSuggestion(column, ""));
  }
  const { head, last } = splitLast(text);
  const open = openColumn(text, finder);
  const read = readQueryText(text, finder, known.isValue);
  const whole: Suggestion[] = read.filters.length ? [{ kind: "filters", id: "whole", ...read }] : [];
  const words: Suggestion[] = [{ kind: "text", id: "text", words: text.trim() }];
  if (open) return [...values(open, head, last, known), ...whole, ...words];
  if (whole.length && !read.words) return [...whole, ...words];
  const named = columnsLike(last, columns).map((column) => columnSuggestion(column, head));
  return [...whole, ...named.slice(0, 3), ...words, ...named.slice(3)];
}

/** What is added when somebody presses Enter without choosing: all filters, and the rest as a text. */
export function readAll(text: string, known: Known): { filters: Filter[]; words: string } {
  return readQueryText(text, known.finder, known.isValue);
}

function values(
  open: { column: Column; typed: string },
  head: string,
  last: string,
  known: Known,
): Suggestion[] {
  const { column, typed } = open;
  const before = readQueryText(head, known.finder, known.isValue);
  const isExcluded = /^[-!]|!=|:ne:/.test(last) && column.operators.includes("ne");
  const wanted = typed.toLowerCase();
  const offered =
    column.type === "flag" ? ["true", "false"] : [...column.choices, ...known.valuesOf(column.name)];
  const fitting = [...new Set(offered)].filter((value) => value.toLowerCase().includes(wanted));
  return fitting.slice(0, MAX_VALUES).map((value) => ({
    kind: "filters",
    id: `value-${value}`,
    words: before.words,
    filters: [...before.filters, { column: column.name, operator: isExcluded ? "ne" : "eq", value }],
  }));
}

/** Columns whose name or title has every word of a text; those that begin with it come first. */
function columnsLike(text: string, columns: readonly Column[]): Column[] {
  const wanted = text.toLowerCase();
  if (!wanted) return [];
  const names = (column: Column) =>
    [column.name, ...Object.values(column.title)].map((name) => name.toLowerCase());
  const begins = (column: Column) => names(column).some((name) => name.startsWith(wanted));
  const like = columns.filter((column) => names(column).some((name) => name.includes(wanted)));
  return like.sort((left, right) => Number(begins(right)) - Number(begins(left))).slice(0, MAX_COLUMNS);
}

/** Choosing a column leads on to its value: with the sign that is most often meant. */
function columnSuggestion(column: Column, head: string): Suggestion {
  const sign = column.type === "number" || column.type === "time" ? ">" : ":";
  return { kind: "column", id: `column-${column.name}`, column, text: `${head}${column.name}${sign}` };
}
