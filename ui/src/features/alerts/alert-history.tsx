import { useTranslation } from "react-i18next";
import type { HistoryEntry } from "@/api/alerts";
import { SeverityMark } from "@/components/alerts/severity-mark";
import { EmptyState } from "@/components/ui/states";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatInstant, formatValue } from "@/lib/format";

/** What happened to an alert, newest first. */
export function AlertHistory({ entries, unit }: { entries: readonly HistoryEntry[]; unit: string }) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  if (entries.length === 0) return <EmptyState title={t("history.none")} />;
  const columns: TableColumn<HistoryEntry>[] = [
    {
      ...{ name: "at", title: t("history.at"), isLine: true },
      cell: ({ at }) => <time dateTime={at}>{formatInstant(at, language)}</time>,
    },
    {
      ...{ name: "kind", title: t("history.what") },
      cell: ({ kind, reason }) =>
        reason ? `${t(`history.kind.${kind}`)} · ${t(`reason.${reason}`)}` : t(`history.kind.${kind}`),
    },
    {
      ...{ name: "severity", title: t("column.severity"), isLine: true },
      cell: ({ severity }) => <SeverityMark severity={severity} withWord />,
    },
    {
      ...{ name: "value", title: t("column.value"), isNumber: true },
      cell: ({ value }) => formatValue(value, unit, language),
    },
  ];
  return (
    <Table
      label={t("history.title")}
      columns={columns}
      rows={entries}
      keyOf={({ at, kind }) => `${at} ${kind}`}
    />
  );
}
