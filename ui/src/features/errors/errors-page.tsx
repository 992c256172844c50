import { Button, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { errorGroupsQuery } from "@/api/error-groups";
import { RowKeys } from "@/components/ui/data-table";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, ErrorState, LoadingState, StaleNote } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { boundsOf, isInFuture } from "@/lib/time-range";
import { useSearchChange } from "@/lib/use-search-change";
import { ErrorFilters } from "./error-filters";
import { GroupTable } from "./group-table";
import { type ErrorsSearch, readErrorsSearch } from "./search";

/** What goes wrong: errors that are alike, which of them are new or came back, and how often each is. */
export function ErrorsPage() {
  const { t } = useTranslation("errors");
  const language = useLanguage();
  const { scope, range } = usePageState();
  const search = readErrorsSearch({ ...(useSearch({ strict: false }) as object) });
  const change = useSearchChange<ErrorsSearch>();
  const question = {
    bounds: boundsOf(range),
    status: search.status,
    errorClass: search.class,
    text: search.q,
  };
  const query = useInfiniteQuery(errorGroupsQuery(scope, question));
  const groups = query.data?.pages.flatMap((page) => page.groups);
  const total = query.data?.pages[0]?.total;
  const retry = () => void query.refetch();
  return (
    <Page
      title={t("title")}
      aside={
        total !== undefined && (
          <Text size="sm" c="dimmed">
            {t("total", { count: total, total: formatCount(total, language) })}
          </Text>
        )
      }
    >
      <ErrorFilters search={search} onChange={change} />
      <Panel isFlush>
        {!groups && !query.isError && <LoadingState height={400} rows={10} />}
        {!groups && query.isError && <ErrorState error={query.error} onRetry={retry} />}
        {groups && query.isError && <StaleNote since={query.dataUpdatedAt} onRetry={retry} />}
        {groups?.length === 0 && <NoGroups search={search} onChange={change} />}
        {groups !== undefined && groups.length > 0 && (
          <RowKeys next={t("shortcut.next")} previous={t("shortcut.previous")} group={t("title")}>
            <GroupTable groups={groups} />
          </RowKeys>
        )}
        {query.hasNextPage && (
          <Button
            variant="subtle"
            fullWidth
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t("more")}
          </Button>
        )}
      </Panel>
    </Page>
  );
}

interface NoGroupsProps {
  search: ErrorsSearch;
  onChange: (values: { [Key in keyof ErrorsSearch]?: undefined }) => void;
}

/** Why the list is empty, and the way on. */
function NoGroups({ search, onChange }: NoGroupsProps) {
  const { t } = useTranslation("errors");
  const { range, setRange } = usePageState();
  if (search.status || search.class || search.q) {
    return (
      <EmptyState
        title={t("empty.noMatch")}
        action={
          <Button
            variant="default"
            onClick={() => onChange({ status: undefined, class: undefined, q: undefined })}
          >
            {t("empty.clear")}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      title={isInFuture(range, new Date()) ? t("empty.future") : t("empty.none")}
      action={
        <Button variant="default" onClick={() => setRange({ kind: "last", length: "7d" })}>
          {t("empty.widen")}
        </Button>
      }
    >
      {t("empty.hint")}
    </EmptyState>
  );
}
