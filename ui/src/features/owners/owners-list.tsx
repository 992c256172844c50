import { Button } from "@mantine/core";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Owner, OwnerSort } from "@/api/owners";
import { LongTable, type RowPage } from "@/components/ui/long-table";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { SearchInput } from "@/components/ui/search-input";
import { EmptyState, ErrorState, LoadingState, StaleNote } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { isInFuture } from "@/lib/time-range";
import type { Column } from "./cells";
import { type OwnersSearch, readOwnersSearch } from "./search";

type Change = { [Key in keyof OwnersSearch]?: OwnersSearch[Key] | undefined };

/** What the URL says of a list of sessions or users, and how to change it. */
export function useOwnersSearch() {
  const raw: object = useSearch({ strict: false });
  const navigate = useNavigate();
  const search = useMemo(() => readOwnersSearch({ ...raw }), [raw]);
  const change = (values: Change) =>
    void navigate({
      to: ".",
      search: (old: object) =>
        Object.fromEntries(Object.entries({ ...old, ...values }).filter(([, value]) => value)),
      replace: true,
    });
  return { search, sort: search.sort ?? ("last_at" satisfies OwnerSort), change };
}

interface OwnersListProps<Row> {
  owner: Owner;
  columns: Column<Row>[];
  query: UseInfiniteQueryResult<InfiniteData<RowPage<Row>>, Error>;
  keyOf: (row: Row) => string;
}

/** A page with all sessions or users of the time range. */
export function OwnersList<Row>({ owner, columns, query, keyOf }: OwnersListProps<Row>) {
  const { t } = useTranslation("owners");
  const { search, sort, change } = useOwnersSearch();
  const title = t(`list.${owner}s`);
  const retry = () => void query.refetch();
  const isEmpty = query.data?.pages[0]?.rows.length === 0;
  return (
    <Page
      title={title}
      actions={
        <SearchInput label={t(`list.find.${owner}`)} value={search.q ?? ""} onChange={(q) => change({ q })} />
      }
    >
      <Panel isFlush>
        {query.data === undefined && !query.isError && <LoadingState height={400} rows={10} />}
        {query.data === undefined && query.isError && <ErrorState error={query.error} onRetry={retry} />}
        {query.data !== undefined && query.isError && (
          <StaleNote since={query.dataUpdatedAt} onRetry={retry} />
        )}
        {isEmpty && (
          <NoOwners
            owner={owner}
            isSearched={search.q !== undefined}
            onClear={() => change({ q: undefined })}
          />
        )}
        {query.data !== undefined && !isEmpty && (
          <LongTable
            label={title}
            columns={columns}
            query={query}
            keyOf={keyOf}
            sort={sort}
            onSort={(by) => change({ sort: by === "last_at" ? undefined : by })}
          />
        )}
      </Panel>
    </Page>
  );
}

interface NoOwnersProps {
  owner: Owner;
  isSearched: boolean;
  onClear: () => void;
}

/** Why the list is empty, and the way on. */
function NoOwners({ owner, isSearched, onClear }: NoOwnersProps) {
  const { t } = useTranslation("owners");
  const { range, setRange } = usePageState();
  if (isSearched) {
    return (
      <EmptyState
        title={t("empty.noMatch")}
        action={
          <Button variant="default" onClick={onClear}>
            {t("empty.clear")}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      title={isInFuture(range, new Date()) ? t("empty.future") : t(`empty.${owner}s`)}
      action={
        <Button variant="default" onClick={() => setRange({ kind: "last", length: "7d" })}>
          {t("empty.widen")}
        </Button>
      }
    >
      {t(`empty.${owner}Hint`)}
    </EmptyState>
  );
}
