import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type IncidentRow, openIncidentsQuery } from "@/api/incidents";
import { SeverityMark } from "@/components/alerts/severity-mark";
import { Age } from "@/components/ui/age";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCount } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import classes from "./rail.module.css";
import { RailList } from "./rail-list";

const SHOWN = 5;
const SEVERITIES = [
  "critical",
  "error",
  "warning",
  "info",
] as const satisfies readonly IncidentRow["severity"][];

/** What is wrong now, worst first; the first thing to look at. */
export function IncidentsPanel() {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const { scope } = usePageState();
  const query = useQuery({ ...openIncidentsQuery(scope), select: ({ incidents }) => worstFirst(incidents) });
  const count = query.data?.length ?? 0;
  return (
    <RailList
      title={t("rail.incidents")}
      {...(count > SHOWN ? { note: formatCount(count, language) } : {})}
      query={{ ...query, data: query.data?.slice(0, SHOWN) } as typeof query}
      nothing={t("rail.noIncidents")}
      keyOf={({ id }) => id}
      row={(incident) => <IncidentLine incident={incident} />}
    />
  );
}

function worstFirst(incidents: readonly IncidentRow[]): IncidentRow[] {
  const place = ({ severity }: IncidentRow) => SEVERITIES.indexOf(severity);
  return incidents.toSorted((one, other) => place(one) - place(other));
}

function IncidentLine({ incident }: { incident: IncidentRow }) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const title = visibleLine(pickText(incident.title, language));
  const said = [
    `#${incident.number}`,
    t("rail.incidentAlerts", { count: incident.alert_count }),
    incident.assignee && visibleLine(incident.assignee),
  ];
  return (
    <Link
      to="/incidents/$incidentId"
      params={{ incidentId: incident.id }}
      search={search}
      className={classes.row}
      title={title}
    >
      <span className={classes.main}>
        <SeverityMark severity={incident.severity} /> {title}
      </span>
      <span className={classes.aside} style={{ gridRow: 1 }}>
        <Age at={incident.opened_at} />
      </span>
      <span className={classes.detail}>{said.filter(Boolean).join(" · ")}</span>
    </Link>
  );
}
