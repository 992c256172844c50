import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Checklist, type CheckReport, reportsQuery } from "@/api/checks";
import { type DataColumn, DataTable, RowKeys } from "@/components/ui/data-table";
import { ForeignName } from "@/components/ui/foreign-name";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { ErrorState, LoadingState, StaleNote } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatInstant } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import classes from "./checks.module.css";
import { CheckMark } from "./status";

interface HistoryProps {
  list: Checklist;
  /** The report that is shown. */
  reportId: string | undefined;
}

/** Earlier reports of a list, newest first. */
export function History({ list, reportId }: HistoryProps) {
  const { t } = useTranslation("checks");
  const { scope } = usePageState();
  const query = useInfiniteQuery(reportsQuery(scope, list.name));
  const columns = useColumns();
  const reports = query.data?.pages.flatMap((page) => page.reports);
  const retry = () => void query.refetch();
  return (
    <Panel title={t("history.title")} isFlush>
      {!reports && !query.isError && <LoadingState height={160} rows={4} />}
      {!reports && query.isError && <ErrorState error={query.error} onRetry={retry} />}
      {reports && query.isError && <StaleNote since={query.dataUpdatedAt} onRetry={retry} />}
      {reports?.length === 0 && (
        <div className={classes.facts}>
          <Note>{t("history.none")}</Note>
        </div>
      )}
      {reports !== undefined && reports.length > 0 && (
        <RowKeys next={t("shortcut.next")} previous={t("shortcut.previous")} group={t("title")}>
          <DataTable
            label={t("history.title")}
            columns={columns}
            rows={reports}
            keyOf={({ id }) => id}
            isCurrent={({ id }) => id === reportId}
          />
        </RowKeys>
      )}
      {query.hasNextPage && (
        <Button
          variant="subtle"
          fullWidth
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t("history.more")}
        </Button>
      )}
    </Panel>
  );
}

function useColumns(): DataColumn<CheckReport>[] {
  const { t } = useTranslation("checks");
  return [
    { ...{ name: "at", title: t("column.at") }, cell: (report) => <ReportLink report={report} /> },
    {
      ...{ name: "status", title: t("column.status") },
      cell: ({ status }) => <CheckMark status={status} />,
    },
    {
      ...{ name: "counts", title: t("column.items"), isWide: true },
      cell: ({ items }) => <Counts items={items} />,
    },
    {
      ...{ name: "by", title: t("column.by"), isWide: true },
      cell: ({ by }) => <ForeignName text={by} length={40} />,
    },
  ];
}

function ReportLink({ report }: { report: CheckReport }) {
  const language = useLanguage();
  const kept = keptSearch(useSearch({ strict: false }));
  return (
    <Link
      to="/checks"
      search={{ ...kept, list: report.list, report: report.id }}
      resetScroll={false}
      activeProps={{}}
    >
      {formatInstant(report.at, language)}
    </Link>
  );
}

const ORDER = ["failed", "error", "warning", "skipped", "passed"] as const;

function Counts({ items }: { items: CheckReport["items"] }) {
  const { t } = useTranslation("checks");
  const counted = ORDER.map((status) => ({
    status,
    count: items.filter((item) => item.status === status).length,
  })).filter(({ count }) => count > 0);
  return counted.map(({ status, count }) => `${t(`status.${status}`)} ${count}`).join(" · ");
}
