import type { Column, Level } from "@/api/traces";

/** A column of the list and the room it takes. */
export interface ListColumn {
  name: string;
  /** Least width in px. */
  width: number;
  /** Its share of what is left over. */
  grow: number;
  isNumber: boolean;
}

/** Least width, and share of the room that is left. */
const WIDTHS: Readonly<Record<string, readonly [number, number]>> = {
  status: [88, 0],
  started_at: [112, 0],
  name: [104, 1.1],
  input_preview: [120, 3],
  output_preview: [120, 3],
  status_message: [132, 2],
  duration_ms: [112, 0],
  tokens: [100, 0],
  cost_usd: [66, 0],
  scores: [56, 1],
  model: [92, 1],
  service: [76, 0.8],
  environment: [72, 0.7],
  kind: [84, 0],
  trace_id: [96, 0],
  span_id: [96, 0],
};
const GAP = 12;
const NUMBERS = new Set(["duration_ms", "tokens", "cost_usd", "span_count", "error_count"]);

/** What a row of a trace says; the rest is of single spans. */
const OF_TRACES: readonly string[] = [
  ...["status", "started_at", "name", "kind", "input_preview", "output_preview", "duration_ms", "tokens"],
  ...["cost_usd", "scores", "model", "service", "environment", "version", "session_id", "user_id"],
  ...["span_count", "error_count", "error_class", "trace_id"],
];
/** What no row of a span holds. */
const NOT_OF_SPANS = new Set([
  "is_root",
  "document_ids",
  "document_scores",
  "event_names",
  "linked_trace_ids",
  "log_position",
]);

export const USUAL_COLUMNS: Readonly<Record<Level, readonly string[]>> = {
  trace: [
    ...["status", "started_at", "name", "input_preview", "duration_ms", "tokens", "cost_usd"],
    ...["scores", "model"],
  ],
  span: [
    ...["status", "started_at", "kind", "name", "input_preview", "duration_ms", "tokens", "cost_usd"],
    "model",
  ],
};

/** Names of all columns that a list can show. */
export function columnNames(level: Level, columns: readonly Column[]): string[] {
  if (level === "trace") return [...OF_TRACES];
  const names = columns.map(({ name }) => name).filter((name) => !NOT_OF_SPANS.has(name));
  return [...new Set([...USUAL_COLUMNS.span, ...names])];
}

/** The columns to show: those that were chosen as far as there are such, else the usual ones.
 *
 * Scores take no room among the usual ones while there are none.
 */
export function shownColumns(
  chosen: readonly string[] | null,
  level: Level,
  columns: readonly Column[],
  hasScores: boolean,
): ListColumn[] {
  const known = columnNames(level, columns);
  const isUnsure = level === "span" && columns.length === 0;
  const names = (chosen ?? []).filter((name) => isUnsure || known.includes(name));
  const typeOf = (name: string) => columns.find((column) => column.name === name)?.type;
  const usual = USUAL_COLUMNS[level].filter((name) => hasScores || name !== "scores");
  return (names.length ? names : usual).map((name) => {
    const isNumber = NUMBERS.has(name) || typeOf(name) === "number";
    const [width, grow] = WIDTHS[name] ?? (isNumber ? [92, 0] : [88, 1]);
    return { name, width, grow, isNumber };
  });
}

/** The columns as tracks of a CSS grid, and the least width of all of them. */
export function tracksOf(columns: readonly ListColumn[]): { tracks: string; width: number } {
  const tracks = columns.map(({ width, grow }) => (grow ? `minmax(${width}px, ${grow}fr)` : `${width}px`));
  const width = columns.reduce((sum, column) => sum + column.width + GAP, GAP);
  return { tracks: tracks.join(" "), width };
}
