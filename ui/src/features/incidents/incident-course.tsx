import { Select } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { toldText } from "@/api/changes";
import type { Incident, IncidentAlert } from "@/api/incidents";
import { chartLimitsOf } from "@/components/alerts/limits";
import type { Stretch } from "@/components/alerts/links";
import { SignalCourse } from "@/components/alerts/signal-course";
import type { ChartMark } from "@/components/charts/types";
import { Panel } from "@/components/ui/panel";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";

interface IncidentCourseProps {
  incident: Incident;
  time: Stretch;
}

/** The signal of an alert of the incident over its time, with bands, changes and what fired. */
export function IncidentCourse({ incident, time }: IncidentCourseProps) {
  const { t } = useTranslation("incidents");
  const language = useLanguage();
  const watched = incident.alerts.filter(({ signal }) => signal);
  const [chosen, setChosen] = useState<string | null>(null);
  const alert = watched.find(({ id }) => id === chosen) ?? watched[0];
  if (!alert) return null;
  return (
    <Panel
      title={t("course.title")}
      actions={
        watched.length > 1 && (
          <Select
            aria-label={t("course.choose")}
            size="xs"
            w={280}
            allowDeselect={false}
            data={watched.map((one) => ({ value: one.id, label: nameOf(one, language) }))}
            value={alert.id}
            onChange={setChosen}
          />
        )
      }
    >
      <Course key={alert.id} alert={alert} incident={incident} time={time} />
    </Panel>
  );
}

function Course({ alert, incident, time }: IncidentCourseProps & { alert: IncidentAlert }) {
  const marks = useMarks(incident);
  const limits = useMemo(() => chartLimitsOf(alert.limit, alert.severity), [alert.limit, alert.severity]);
  return (
    <SignalCourse
      signal={alert.signal}
      labels={alert.labels}
      records={alert.records}
      time={time}
      marks={marks}
      {...(limits.length ? { limits } : {})}
    />
  );
}

function nameOf(alert: IncidentAlert, language: "en" | "ko"): string {
  const values = Object.values(alert.labels).map(visibleLine).filter(Boolean);
  return [visibleLine(pickText(alert.title, language)), ...values].join(" · ");
}

/** Changes, and when alerts fired, as lines in the chart. */
function useMarks({ changes, timeline }: Incident): ChartMark[] {
  const { t } = useTranslation("incidents");
  return useMemo(() => {
    const changed = changes.map(
      (change): ChartMark => ({ at: Date.parse(change.at), label: visibleLine(toldText(change)) }),
    );
    const fired = timeline
      .filter(({ kind }) => kind === "alert_fired")
      .map(({ at }): ChartMark => ({ at: Date.parse(at), label: t("timeline.fired") }));
    return [...changed, ...fired];
  }, [changes, timeline, t]);
}
