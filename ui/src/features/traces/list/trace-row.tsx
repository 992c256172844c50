import { memo, type ReactNode } from "react";
import { isTraceRow, type ListRow } from "@/api/trace-rows";
import { formatCost, formatDuration, formatListTime } from "@/lib/format";
import { type CellContext, cellOf, Foreign, Snippet, Tokens } from "./cells";
import type { ListColumn } from "./columns";
import { RowStatus } from "./status-mark";
import classes from "./trace-list.module.css";

interface TraceRowProps {
  id: string;
  /** Undefined while the row is fetched again. */
  row: ListRow | undefined;
  index: number;
  top: number;
  columns: readonly ListColumn[];
  context: CellContext;
  isCard: boolean;
  isActive: boolean;
  onPick: (index: number) => void;
  onOpen: (index: number) => void;
}

/** A row of the list; drawn again only if what it shows changed. */
export const TraceRow = memo(function TraceRow(props: TraceRowProps) {
  const { id, row, index, top, columns, context, isCard, isActive, onPick, onOpen } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it listens to keys
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isActive}
      tabIndex={-1}
      className={isCard ? classes.card : classes.row}
      style={{ transform: `translateY(${top}px)` }}
      data-failed={row?.status === "error" || undefined}
      onClick={() => onPick(index)}
      onDoubleClick={() => onOpen(index)}
    >
      {row ? (
        <Cells row={row} columns={columns} context={context} isCard={isCard} />
      ) : (
        <Cell>
          <span className={classes.absent} />
        </Cell>
      )}
    </div>
  );
});

interface CellsProps {
  row: ListRow;
  columns: readonly ListColumn[];
  context: CellContext;
  isCard: boolean;
}

function Cells({ row, columns, context, isCard }: CellsProps) {
  if (isCard)
    return (
      <Cell>
        <Card row={row} context={context} />
      </Cell>
    );
  return columns.map(({ name, isNumber }) => (
    <Cell key={name} isNumber={isNumber}>
      {cellOf(name, row, context)}
    </Cell>
  ));
}

function Cell({ isNumber = false, children }: { isNumber?: boolean; children: ReactNode }) {
  return (
    <span role="gridcell" className={classes.cell} data-number={isNumber || undefined}>
      {children}
    </span>
  );
}

/** A row in two lines, for narrow screens. */
function Card({ row, context }: { row: ListRow; context: CellContext }) {
  const { language, today } = context;
  const model = isTraceRow(row) ? row.models.join(", ") : row.model;
  return (
    <span className={classes.cardCell}>
      <span className={classes.cardLine}>
        <RowStatus row={row} />
        <b className={classes.cardName}>
          <Foreign text={row.name} />
        </b>
        <span>{formatDuration(row.duration_ms, language)}</span>
        <time dateTime={row.started_at}>{formatListTime(row.started_at, language, today)}</time>
      </span>
      <span className={classes.cardLine} data-second>
        {row.input_preview ? <Snippet text={row.input_preview} /> : <Foreign text={model} />}
        <Tokens row={row} language={language} />
        <span>{formatCost(row.cost_usd, language)}</span>
      </span>
    </span>
  );
}
