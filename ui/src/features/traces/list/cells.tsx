import type { ReactNode } from "react";
import { isTraceRow, type ListRow } from "@/api/trace-rows";
import { Bar } from "@/components/charts/bar";
import type { Language } from "@/i18n/languages";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatAmount, formatCost, formatDuration, formatListTime, NO_VALUE } from "@/lib/format";
import { snippetOf } from "../model/snippet";
import { type Words, writeColumnValue } from "../use-words";
import classes from "./cells.module.css";
import type { Scale } from "./scale";
import { RowStatus } from "./status-mark";

/** What cells need besides their row. */
export interface CellContext {
  language: Language;
  scale: Scale;
  words: Words;
  /** Any time of today, to leave today's date out. */
  today: Date;
  missingRoot: string;
}

/** Characters of a text that fit any screen; the rest would only cost layout. */
const MAX_CELL = 240;

type Cell = (row: ListRow, context: CellContext) => ReactNode;

const CELLS: Readonly<Record<string, Cell>> = {
  status: (row) => <RowStatus row={row} />,
  started_at: (row, { language, today }) => (
    <time dateTime={row.started_at}>{formatListTime(row.started_at, language, today)}</time>
  ),
  name: (row, context) => <NameCell row={row} context={context} />,
  duration_ms: (row, { language, scale }) => (
    <DurationBar milliseconds={row.duration_ms} language={language} scale={scale} />
  ),
  tokens: (row, { language }) => <Tokens row={row} language={language} />,
  cost_usd: (row, { language }) => formatCost(row.cost_usd, language),
  scores: (row, { language }) => <Scores row={row} language={language} />,
  input_preview: (row) => <Snippet text={row.input_preview} />,
  output_preview: (row) => <Snippet text={row.output_preview} />,
  model: (row) => <Foreign text={isTraceRow(row) ? row.models.join(", ") : row.model} />,
  trace_id: (row) => <Id id={row.trace_id} />,
  span_id: (row) => <Id id={isTraceRow(row) ? row.matched_span_id : row.span_id} />,
};

/** What a column shows of a row. */
export function cellOf(name: string, row: ListRow, context: CellContext): ReactNode {
  const cell = CELLS[name];
  if (cell) return cell(row, context);
  const value = (row as unknown as Record<string, unknown>)[name];
  if (value === null || value === undefined) return <span className={classes.none}>{NO_VALUE}</span>;
  const column = context.words.column(name);
  if (typeof value === "boolean") return context.words.valueOf(name, String(value));
  if (typeof value === "number" && column?.type === "number")
    return writeColumnValue(String(value), column, context.language);
  if (column?.type === "time") return formatListTime(String(value), context.language, context.today);
  return <Foreign text={String(value)} />;
}

/** One line of a text from outside. */
export function Foreign({ text }: { text: string | null }) {
  if (!text) return <span className={classes.none}>{NO_VALUE}</span>;
  const line = visibleLine(cutText(text, MAX_CELL));
  return (
    <bdi className={classes.line} title={line}>
      {line}
    </bdi>
  );
}

/** The words of a prompt or an answer. */
export function Snippet({ text }: { text: string | null }) {
  return <Foreign text={text && snippetOf(text)} />;
}

function NameCell({ row, context }: { row: ListRow; context: CellContext }) {
  const isRootMissing = isTraceRow(row) && !row.root;
  return (
    <>
      {isRootMissing && (
        <span className={classes.rootless} title={context.missingRoot}>
          <span aria-hidden="true">…</span>
          <span className="pw-visually-hidden">{context.missingRoot}</span>
        </span>
      )}
      <Foreign text={row.name} />
    </>
  );
}

interface DurationBarProps {
  milliseconds: number | null;
  language: Language;
  scale: Scale;
}

function DurationBar({ milliseconds, language, scale }: DurationBarProps) {
  return (
    <span className={classes.duration}>
      <span>{formatDuration(milliseconds, language)}</span>
      {milliseconds !== null && <Bar share={scale(milliseconds)} />}
    </span>
  );
}

/** Tokens in and out. */
export function Tokens({ row, language }: { row: ListRow; language: Language }) {
  const { input_tokens: input, output_tokens: output } = row;
  if (input === null && output === null) return <span className={classes.none}>{NO_VALUE}</span>;
  return (
    <span>
      {formatAmount(input, language)} → {formatAmount(output, language)}
    </span>
  );
}

function Scores({ row, language }: { row: ListRow; language: Language }) {
  if (!isTraceRow(row) || row.scores.length === 0) return <span className={classes.none}>{NO_VALUE}</span>;
  const texts = row.scores.map(({ name, value, label }) => {
    const written = label ?? formatAmount(value, language);
    return `${name} ${written}`;
  });
  return <Foreign text={texts.join(" · ")} />;
}

function Id({ id }: { id: string }) {
  return (
    <code className="pw-mono" title={id}>
      {id.slice(0, 10)}
    </code>
  );
}
