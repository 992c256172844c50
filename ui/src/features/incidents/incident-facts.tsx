import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Incident } from "@/api/incidents";
import { Labels } from "@/components/alerts/labels";
import { type Stretch, tracesSearch } from "@/components/alerts/links";
import { RunbookLink } from "@/components/alerts/runbook-link";
import { Fact, Facts, FactsHead, Totals } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatCount, formatDuration, formatInstant, NO_VALUE } from "@/lib/format";
import { useNow } from "@/lib/use-now";

interface IncidentFactsProps {
  incident: Incident;
  time: Stretch;
}

/** How long it lasts, who cares for it, and the ways to what is behind it. */
export function IncidentFacts({ incident, time }: IncidentFactsProps) {
  const { t } = useTranslation("incidents");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  const now = useNow(10_000);
  const { opened_at, resolved_at, acknowledged_by, assignee, resolved_by } = incident;
  const end = resolved_at ? Date.parse(resolved_at) : now.getTime();
  const runbooks = [...new Set(incident.alerts.flatMap(({ runbook }) => (runbook ? [runbook] : [])))];
  const person = (name: string | null): ReactNode =>
    name ? <ForeignName text={name} length={40} /> : NO_VALUE;
  return (
    <FactsHead>
      <Totals>
        <Fact name={t("facts.lasts")}>
          {formatDuration(Math.max(0, end - Date.parse(opened_at)), language)}
        </Fact>
        <Fact name={t("facts.alerts")}>{formatCount(incident.alerts.length, language)}</Fact>
        <Fact name={t("facts.assignee")}>{person(assignee)}</Fact>
        <Fact name={t("facts.acknowledged")}>{person(acknowledged_by)}</Fact>
        {resolved_at && (
          <Fact name={t("facts.resolved")}>
            {resolved_by ? <ForeignName text={resolved_by} length={40} /> : t("facts.byItself")}
          </Fact>
        )}
      </Totals>
      <Facts>
        <Fact name={t("facts.opened")}>{formatInstant(opened_at, language)}</Fact>
        {resolved_at && <Fact name={t("facts.over")}>{formatInstant(resolved_at, language)}</Fact>}
        {runbooks.map((runbook) => (
          <Fact key={runbook} name={t("facts.runbook")}>
            <RunbookLink runbook={runbook} />
          </Fact>
        ))}
        {Object.keys(incident.labels).length > 0 && (
          <Fact name={t("facts.labels")}>
            <Labels labels={incident.labels} />
          </Fact>
        )}
        <Fact name={t("facts.behind")}>
          <Link to="/traces" search={tracesSearch(search, incident.labels, time)}>
            {t("facts.traces")}
          </Link>
        </Fact>
      </Facts>
    </FactsHead>
  );
}
