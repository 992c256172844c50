import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ErrorGroup } from "@/api/error-groups";
import { Sparkline } from "@/components/charts/sparkline";
import { Age } from "@/components/ui/age";
import { type DataColumn, DataTable } from "@/components/ui/data-table";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import classes from "./errors.module.css";
import { CountChange, StatusMark, useClassName, useGroupTitle } from "./parts";

/** Groups of errors, one a row. */
export function GroupTable({ groups }: { groups: readonly ErrorGroup[] }) {
  const { t } = useTranslation("errors");
  return <DataTable label={t("title")} columns={useColumns()} rows={groups} keyOf={({ id }) => id} />;
}

function useColumns(): DataColumn<ErrorGroup>[] {
  const { t } = useTranslation("errors");
  const language = useLanguage();
  const className = useClassName();
  return [
    {
      ...{ name: "status", title: t("column.status") },
      cell: ({ status }) => <StatusMark status={status} />,
    },
    {
      ...{ name: "class", title: t("column.class"), isWide: true },
      cell: ({ error_class }) => className(error_class),
    },
    {
      ...{ name: "message", title: t("column.message") },
      cell: (group) => <GroupLink group={group} />,
    },
    {
      ...{ name: "service", title: t("column.service"), isWide: true },
      cell: ({ service }) => <ForeignName text={service ?? ""} length={32} />,
    },
    {
      ...{ name: "count", title: t("column.count"), isNumber: true },
      cell: ({ count }) => formatCount(count, language),
    },
    {
      ...{ name: "change", title: t("column.change"), isNumber: true, isWide: true },
      cell: (group) => <CountChange group={group} />,
    },
    {
      ...{ name: "trend", title: t("column.trend"), isWide: true },
      cell: ({ trend }) => (
        <div className={classes.trend}>
          <Sparkline values={trend} height={20} />
        </div>
      ),
    },
    {
      ...{ name: "first", title: t("column.first"), isWide: true },
      cell: ({ first_seen }) => <Age at={first_seen} />,
    },
    { ...{ name: "last", title: t("column.last") }, cell: ({ last_seen }) => <Age at={last_seen} /> },
  ];
}

function GroupLink({ group }: { group: ErrorGroup }) {
  const search = useSearch({ strict: false });
  const title = useGroupTitle()(group);
  return (
    <Link to="/errors/$id" params={{ id: group.id }} search={keptSearch(search)}>
      <bdi title={title}>{title}</bdi>
    </Link>
  );
}
