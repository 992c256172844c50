import { UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type MouseEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import classes from "./tables.module.css";

const ROW_HEIGHT = 33;
const CONTROLS = "a, button, input, label";

export interface LongColumn<Row, Sort extends string = string> {
  name: string;
  title: string;
  /** The title is read out only. */
  isTitleHidden?: boolean;
  isNumber?: boolean;
  /** Left out on a phone. */
  isWide?: boolean;
  /** Rows can be ordered by it. */
  sort?: Sort;
  cell: (row: Row) => ReactNode;
}

export interface RowPage<Row> {
  rows: Row[];
  next_cursor: string | null;
}

interface Pages<Row> extends Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetching" | "isError"> {
  data: InfiniteData<RowPage<Row>> | undefined;
  fetchNextPage: () => Promise<unknown>;
}

interface LongTableProps<Row, Sort extends string> {
  label: string;
  columns: readonly LongColumn<Row, Sort>[];
  query: Pages<Row>;
  keyOf: (row: Row) => string;
  sort?: Sort | undefined;
  /** Which way `sort` goes; greatest first unless said otherwise. */
  direction?: "ascending" | "descending";
  onSort?: (sort: Sort) => void;
  /** A click anywhere in a row opens it; its link or button does so for the keyboard. */
  onOpen?: (row: Row) => void;
  isActive?: (row: Row) => boolean;
}

/** A long list that the window scrolls: only rows in sight exist, and further pages come before they are needed. */
export function LongTable<Row, Sort extends string = string>(props: LongTableProps<Row, Sort>) {
  const { label, columns, query, keyOf, onOpen, isActive } = props;
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const table = useRef<HTMLTableElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    setMargin((table.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, []);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: margin,
  });
  const items = virtualizer.getVirtualItems();
  useNextPage(query, (items.at(-1)?.index ?? 0) >= rows.length - 20);
  const [first, last] = [items[0], items.at(-1)];
  const open = (event: MouseEvent, row: Row) => {
    const isControl = event.target instanceof Element && event.target.closest(CONTROLS) !== null;
    if (!isControl) onOpen?.(row);
  };
  return (
    <>
      <div className={classes.scroll}>
        <table
          ref={table}
          className={classes.long}
          aria-label={label}
          aria-rowcount={query.hasNextPage ? -1 : rows.length + 1}
        >
          <thead>
            <tr>
              {columns.map((column) => (
                <HeadCell key={column.name} column={column} {...props} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer height={first ? first.start - margin : 0} columns={columns.length} />
            {items.map(({ index }) => {
              const row = rows[index];
              return (
                row !== undefined && (
                  <tr
                    key={keyOf(row)}
                    aria-rowindex={index + 2}
                    data-open={onOpen ? true : undefined}
                    data-active={isActive?.(row) || undefined}
                    onClick={onOpen && ((event) => open(event, row))}
                  >
                    {columns.map((column) => (
                      <td key={column.name} data-number={column.isNumber} data-wide={column.isWide}>
                        {column.cell(row)}
                      </td>
                    ))}
                  </tr>
                )
              );
            })}
            <Spacer
              height={last ? virtualizer.getTotalSize() - (last.end - margin) : 0}
              columns={columns.length}
            />
          </tbody>
        </table>
      </div>
      <Foot count={rows.length} hasMore={query.hasNextPage} />
    </>
  );
}

function useNextPage<Row>(
  { hasNextPage, isFetching, isError, fetchNextPage }: Pages<Row>,
  isNear: boolean,
): void {
  useEffect(() => {
    if (isNear && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [isNear, hasNextPage, isFetching, isError, fetchNextPage]);
}

/** Stands for the rows that are out of sight. */
function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className={classes.spacer}>
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}

type HeadCellProps<Row, Sort extends string> = Pick<
  LongTableProps<Row, Sort>,
  "sort" | "direction" | "onSort"
> & { column: LongColumn<Row, Sort> };

function HeadCell<Row, Sort extends string>(props: HeadCellProps<Row, Sort>) {
  const { column, sort, direction = "descending", onSort } = props;
  const isActive = column.sort !== undefined && column.sort === sort;
  const { sort: by } = column;
  return (
    <th
      scope="col"
      data-number={column.isNumber}
      data-wide={column.isWide}
      aria-sort={isActive ? direction : undefined}
    >
      {by && onSort ? (
        <UnstyledButton
          className={classes.sort}
          data-active={isActive || undefined}
          onClick={() => onSort(by)}
        >
          {column.title}
          <IconChevronDown
            size={12}
            aria-hidden
            style={{
              visibility: isActive ? "visible" : "hidden",
              rotate: direction === "ascending" ? "180deg" : undefined,
            }}
          />
        </UnstyledButton>
      ) : (
        <span className={column.isTitleHidden ? "pw-visually-hidden" : undefined}>{column.title}</span>
      )}
    </th>
  );
}

function Foot({ count, hasMore }: { count: number; hasMore: boolean }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const shown = formatCount(count, language);
  return (
    <div className={classes.foot} role="status">
      {hasMore ? t("rows.loadedMore", { shown }) : t("rows.loaded", { count, shown })}
    </div>
  );
}
