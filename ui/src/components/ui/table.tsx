import type { ReactNode } from "react";
import classes from "./tables.module.css";

export interface TableColumn<Row> {
  name: string;
  title: string;
  /** The title is read out only. */
  isTitleHidden?: boolean;
  isNumber?: boolean;
  /** What the row is about; on a phone it stands alone on its line, the rest follows. */
  isMain?: boolean;
  /** Never breaks into two lines. */
  isLine?: boolean;
  /** Left out on a phone. */
  isWide?: boolean;
  /** On a phone, where headings are out of sight, the title stands before the cell. */
  isLabelled?: boolean;
  width?: number | string;
  cell: (row: Row) => ReactNode;
}

interface TableProps<Row> {
  label: string;
  columns: readonly TableColumn<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Place of the row at hand. */
  active?: number | null;
}

/** A list of things that fits on a page or two; on a phone rows become blocks. Longer lists are virtualised. */
export function Table<Row>({ label, columns, rows, keyOf, active = null }: TableProps<Row>) {
  return (
    <div className={classes.scroll}>
      <table className={classes.blocks} aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ name, title, isTitleHidden, isNumber, isWide, width }) => (
              <th key={name} scope="col" data-number={isNumber} data-wide={isWide} style={{ width }}>
                <span className={isTitleHidden ? "pw-visually-hidden" : undefined}>{title}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row)} data-row={index} data-active={index === active || undefined}>
              {columns.map(({ name, title, isNumber, isMain, isLine, isWide, isLabelled, cell }) => (
                <td
                  key={name}
                  data-number={isNumber}
                  data-main={isMain}
                  data-line={isLine}
                  data-wide={isWide}
                  data-label={isLabelled ? title : undefined}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
