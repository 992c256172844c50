import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { IncidentRow } from "@/api/incidents";
import { Labels } from "@/components/alerts/labels";
import { SeverityMark } from "@/components/alerts/severity-mark";
import { Age } from "@/components/ui/age";
import { ForeignName } from "@/components/ui/foreign-name";
import { Table, type TableColumn } from "@/components/ui/table";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCount, NO_VALUE } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { IncidentStateMark } from "./incident-state";
import classes from "./incidents.module.css";

interface IncidentsTableProps {
  incidents: readonly IncidentRow[];
  active: number | null;
}

export function IncidentsTable({ incidents, active }: IncidentsTableProps) {
  const { t } = useTranslation("incidents");
  const language = useLanguage();
  const columns: TableColumn<IncidentRow>[] = [
    {
      ...{ name: "severity", title: t("column.severity"), isLine: true },
      cell: ({ severity }) => <SeverityMark severity={severity} withWord />,
    },
    {
      ...{ name: "title", title: t("column.title"), isMain: true },
      cell: (incident) => <What incident={incident} />,
    },
    {
      ...{ name: "since", title: t("column.since"), isLine: true },
      cell: ({ opened_at }) => <Age at={opened_at} />,
    },
    {
      ...{ name: "alerts", title: t("column.alerts"), isNumber: true, isWide: true },
      cell: ({ alert_count }) => formatCount(alert_count, language),
    },
    {
      ...{ name: "assignee", title: t("column.assignee"), isLine: true, isWide: true },
      cell: ({ assignee }) => (assignee ? <ForeignName text={assignee} length={32} /> : NO_VALUE),
    },
    {
      ...{ name: "state", title: t("column.state"), isLine: true },
      cell: ({ state }) => <IncidentStateMark state={state} />,
    },
  ];
  return (
    <Table label={t("title")} columns={columns} rows={incidents} keyOf={({ id }) => id} active={active} />
  );
}

function What({ incident }: { incident: IncidentRow }) {
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <div className={classes.what}>
      <Link to="/incidents/$incidentId" params={{ incidentId: incident.id }} search={search}>
        <span className={classes.number}>{`#${incident.number}`}</span>{" "}
        {visibleLine(pickText(incident.title, language))}
      </Link>
      <Labels labels={incident.labels} />
    </div>
  );
}
