import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { useShortcut } from "@/lib/shortcuts";
import classes from "./tables.module.css";

export interface DataColumn<Row> {
  name: string;
  title: string;
  /** The title is read out only. */
  isTitleHidden?: boolean;
  isNumber?: boolean;
  /** Left out on a phone. */
  isWide?: boolean;
  cell: (row: Row) => ReactNode;
}

interface DataTableProps<Row> {
  label: string;
  columns: readonly DataColumn<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  isCurrent?: (row: Row) => boolean;
}

/** A table of a few hundred rows at most; arrow keys go from the link or button of one row to that of the next. */
export function DataTable<Row>({ label, columns, rows, keyOf, isCurrent }: DataTableProps<Row>) {
  return (
    <div className={classes.scroll}>
      <table className={classes.data} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                data-number={column.isNumber || undefined}
                data-wide={column.isWide || undefined}
              >
                <span className={column.isTitleHidden ? "pw-visually-hidden" : undefined}>
                  {column.title}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={moveWithArrows}>
          {rows.map((row) => (
            <tr key={keyOf(row)} aria-current={isCurrent?.(row) || undefined}>
              {columns.map((column) => (
                <td
                  key={column.name}
                  data-number={column.isNumber || undefined}
                  data-wide={column.isWide || undefined}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const HANDLE = "a[href], button";

function moveWithArrows(event: KeyboardEvent<HTMLElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !(event.target instanceof HTMLElement)) return;
  event.preventDefault();
  moveFocus(event.currentTarget, step);
}

function moveFocus(body: Element | null, step: number) {
  const rows = [...(body?.querySelectorAll("tr") ?? [])].filter((row) => row.querySelector(HANDLE));
  const place = rows.findIndex((row) => row.contains(document.activeElement));
  rows[Math.max(0, place + step)]?.querySelector<HTMLElement>(HANDLE)?.focus();
}

interface RowKeysProps {
  /** What the keys do, in the person's language. */
  next: string;
  previous: string;
  group: string;
  children: ReactNode;
}

/** Lets `j` and `k` go through the rows of the table inside. */
export function RowKeys({ next, previous, group, children }: RowKeysProps) {
  const frame = useRef<HTMLDivElement>(null);
  const move = (step: number) => moveFocus(frame.current?.querySelector("tbody") ?? null, step);
  useShortcut("j", next, group, () => move(1));
  useShortcut("k", previous, group, () => move(-1));
  return <div ref={frame}>{children}</div>;
}
