import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alert } from "@/api/alerts";
import { type Incident, incidentQuery } from "@/api/incidents";
import { ApiProblem } from "@/api/problem";
import { AlertsTable } from "@/components/alerts/alerts-table";
import { SeverityMark } from "@/components/alerts/severity-mark";
import { SilenceDialog } from "@/components/alerts/silence-dialog";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { keptSearch, usePageState } from "@/lib/page-state";
import { Discussion } from "./discussion";
import { ExplanationPanel } from "./explanation-panel";
import { IncidentActions } from "./incident-actions";
import { IncidentCourse } from "./incident-course";
import { IncidentFacts } from "./incident-facts";
import classes from "./incident-page.module.css";
import { IncidentStateMark } from "./incident-state";
import { useIncidentTime } from "./use-incident-time";

/** One incident: what happened, what explains it, and what people do about it. */
export function IncidentPage({ incidentId }: { incidentId: string }) {
  const { scope } = usePageState();
  const query = useQuery(incidentQuery(scope, incidentId));
  if (query.data === undefined && query.error instanceof ApiProblem && query.error.isNotFound)
    return <UnknownIncident />;
  return (
    <QueryView query={query} height={480} skeletonRows={6}>
      {(incident) => <Known incident={incident} />}
    </QueryView>
  );
}

function Known({ incident }: { incident: Incident }) {
  const { t } = useTranslation("incidents");
  const language = useLanguage();
  const time = useIncidentTime(incident);
  return (
    <Page
      title={`#${incident.number} ${visibleLine(pickText(incident.title, language))}`}
      aside={
        <>
          <SeverityMark severity={incident.severity} withWord />
          <IncidentStateMark state={incident.state} />
        </>
      }
      actions={<IncidentActions incident={incident} />}
    >
      <IncidentFacts incident={incident} time={time} />
      <div className={classes.layout}>
        <div className={classes.column}>
          <ExplanationPanel incident={incident} time={time} />
          <IncidentCourse incident={incident} time={time} />
          <Panel title={t("alerts.title")} isFlush>
            <IncidentAlerts incident={incident} />
          </Panel>
        </div>
        <Discussion incident={incident} />
      </div>
    </Page>
  );
}

function IncidentAlerts({ incident }: { incident: Incident }) {
  const { t } = useTranslation("incidents");
  const [silenced, setSilenced] = useState<Alert | null>(null);
  const { alerts } = incident;
  if (alerts.length === 0) return <EmptyState title={t("alerts.none")} />;
  return (
    <>
      <AlertsTable label={t("alerts.title")} alerts={alerts} onSilence={setSilenced} />
      <SilenceDialog alert={silenced} onClose={() => setSilenced(null)} />
    </>
  );
}

function UnknownIncident() {
  const { t } = useTranslation("incidents");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Page title={t("unknown.title")} isTitleHidden>
      <EmptyState
        title={t("unknown.title")}
        action={
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/incidents" search={search} {...props} />}
          >
            {t("unknown.all")}
          </Button>
        }
      >
        {t("unknown.text")}
      </EmptyState>
    </Page>
  );
}
