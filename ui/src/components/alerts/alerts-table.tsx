import { ActionIcon, Tooltip } from "@mantine/core";
import { IconBellOff, IconChartLine } from "@tabler/icons-react";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Alert } from "@/api/alerts";
import { Age } from "@/components/ui/age";
import { Table, type TableColumn } from "@/components/ui/table";
import { pickText, useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { NO_VALUE } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { AlertValue } from "./alert-value";
import classes from "./alerts-table.module.css";
import { Labels } from "./labels";
import { courseSearch } from "./links";
import { QuietNote } from "./quiet-note";
import { StateMark } from "./state-mark";

interface AlertsTableProps {
  label: string;
  alerts: readonly Alert[];
  onSilence: (alert: Alert) => void;
  /** Within an incident the way to it is no news. */
  hasIncidents?: boolean;
  active?: number | null;
}

/** Alerts with their values, since when, and the ways on. */
export function AlertsTable({ label, alerts, onSilence, hasIncidents = false, active }: AlertsTableProps) {
  const { t } = useTranslation("alerts");
  const columns: TableColumn<Alert>[] = [
    {
      ...{ name: "state", title: t("column.state"), isLine: true },
      cell: (alert) => (
        <StateMark state={alert.state} severity={alert.severity} isFlapping={alert.is_flapping} />
      ),
    },
    { isMain: true, name: "what", title: t("column.what"), cell: (alert) => <What alert={alert} /> },
    { name: "value", title: t("column.value"), cell: (alert) => <AlertValue alert={alert} /> },
    {
      ...{ name: "since", title: t("column.since"), isLine: true },
      cell: ({ active_since, resolved_at }) => {
        const at = active_since ?? resolved_at;
        return at ? <Age at={at} /> : NO_VALUE;
      },
    },
    ...(hasIncidents ? [incidentColumn(t("column.incident"), t("openIncident"))] : []),
    {
      ...{ name: "actions", title: t("column.actions"), isTitleHidden: true, isLine: true },
      cell: (alert) => <RowActions alert={alert} onSilence={onSilence} />,
    },
  ];
  return (
    <Table label={label} columns={columns} rows={alerts} keyOf={({ id }) => id} active={active ?? null} />
  );
}

function incidentColumn(title: string, word: string): TableColumn<Alert> {
  return {
    ...{ name: "incident", title, isLine: true, isWide: true },
    cell: ({ incident_id }) => (incident_id ? <IncidentLink id={incident_id} word={word} /> : NO_VALUE),
  };
}

function IncidentLink({ id, word }: { id: string; word: string }) {
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Link to="/incidents/$incidentId" params={{ incidentId: id }} search={search}>
      {word}
    </Link>
  );
}

function What({ alert }: { alert: Alert }) {
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <div className={classes.what}>
      <Link to="/alerts/$alertId" params={{ alertId: alert.id }} search={search}>
        {visibleLine(pickText(alert.title, language)) || alert.rule}
      </Link>
      <Labels labels={alert.labels} />
      {alert.error && <span className={classes.error}>{cutText(visibleLine(alert.error), 300)}</span>}
      <QuietNote alert={alert} />
    </div>
  );
}

function RowActions({ alert, onSilence }: { alert: Alert; onSilence: (alert: Alert) => void }) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  const title = pickText(alert.title, language);
  return (
    <span className={classes.actions}>
      {alert.signal && (
        <Tooltip label={t("openSignal")}>
          <ActionIcon
            size="sm"
            renderRoot={(props) => (
              <Link
                to="/signals/$name"
                params={{ name: alert.signal }}
                search={courseSearch(search, alert)}
                aria-label={`${t("openSignal")}: ${title}`}
                {...props}
              />
            )}
          >
            <IconChartLine size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label={t("silence.open")}>
        <ActionIcon size="sm" aria-label={`${t("silence.open")}: ${title}`} onClick={() => onSilence(alert)}>
          <IconBellOff size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
