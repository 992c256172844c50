import { UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnerSort } from "@/api/owners";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import classes from "./owners-table.module.css";

const ROW_HEIGHT = 33;

export interface Column<Row> {
  name: string;
  title: string;
  /** The title is read out only. */
  isTitleHidden?: boolean;
  isNumber?: boolean;
  /** Left out on a phone. */
  isWide?: boolean;
  /** Rows can be ordered by it, greatest first. */
  sort?: OwnerSort;
  cell: (row: Row) => ReactNode;
}

export interface RowPage<Row> {
  rows: Row[];
  next_cursor: string | null;
}

interface OwnersTableProps<Row> {
  label: string;
  columns: Column<Row>[];
  query: UseInfiniteQueryResult<InfiniteData<RowPage<Row>>, Error>;
  keyOf: (row: Row) => string;
  sort?: OwnerSort;
  onSort?: (sort: OwnerSort) => void;
}

/** A long list that the window scrolls: only rows in sight exist, and further pages come before they are needed. */
export function OwnersTable<Row>({ label, columns, query, keyOf, sort, onSort }: OwnersTableProps<Row>) {
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
  return (
    <>
      <div className={classes.scroll}>
        <table
          ref={table}
          className={classes.table}
          aria-label={label}
          aria-rowcount={query.hasNextPage ? -1 : rows.length + 1}
        >
          <thead>
            <tr>
              {columns.map((column) => (
                <HeadCell key={column.name} column={column} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer height={first ? first.start - margin : 0} columns={columns.length} />
            {items.map(({ index }) => {
              const row = rows[index];
              return (
                row !== undefined && (
                  <tr key={keyOf(row)} aria-rowindex={index + 2}>
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

function useNextPage(
  {
    hasNextPage,
    isFetching,
    isError,
    fetchNextPage,
  }: Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetching" | "isError" | "fetchNextPage">,
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

interface HeadCellProps<Row> {
  column: Column<Row>;
  sort: OwnerSort | undefined;
  onSort: ((sort: OwnerSort) => void) | undefined;
}

function HeadCell<Row>({ column, sort, onSort }: HeadCellProps<Row>) {
  const isActive = column.sort !== undefined && column.sort === sort;
  const { sort: by } = column;
  return (
    <th
      scope="col"
      data-number={column.isNumber}
      data-wide={column.isWide}
      aria-sort={isActive ? "descending" : undefined}
    >
      {by && onSort ? (
        <UnstyledButton
          className={classes.sort}
          data-active={isActive || undefined}
          onClick={() => onSort(by)}
        >
          {column.title}
          <IconChevronDown size={12} aria-hidden style={{ visibility: isActive ? "visible" : "hidden" }} />
        </UnstyledButton>
      ) : (
        <span className={column.isTitleHidden ? "pw-visually-hidden" : undefined}>{column.title}</span>
      )}
    </th>
  );
}

function Foot({ count, hasMore }: { count: number; hasMore: boolean }) {
  const { t } = useTranslation("owners");
  const language = useLanguage();
  const shown = formatCount(count, language);
  return (
    <div className={classes.foot} role="status">
      {hasMore ? t("list.loadedMore", { shown }) : t("list.loaded", { count, shown })}
    </div>
  );
}
