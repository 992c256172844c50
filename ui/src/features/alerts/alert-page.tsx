import { Button } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type AlertDetail, alertQuery } from "@/api/alerts";
import { ApiProblem } from "@/api/problem";
import { chartLimitsOf } from "@/components/alerts/limits";
import { courseSearch, stretchOf, tracesSearch } from "@/components/alerts/links";
import { SignalCourse } from "@/components/alerts/signal-course";
import { SilenceDialog } from "@/components/alerts/silence-dialog";
import { StateMark } from "@/components/alerts/state-mark";
import type { ChartMark } from "@/components/charts/types";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { keptSearch, usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { useNow } from "@/lib/use-now";
import { AlertFacts } from "./alert-facts";
import { AlertHistory } from "./alert-history";

/** One alert: what it says, the course of its signal, and what happened to it. */
export function AlertPage({ alertId }: { alertId: string }) {
  const { scope } = usePageState();
  const query = useQuery(alertQuery(scope, alertId));
  if (query.data === undefined && query.error instanceof ApiProblem && query.error.isNotFound)
    return <UnknownAlert />;
  return (
    <QueryView query={query} height={420} skeletonRows={6}>
      {(alert) => <Known alert={alert} />}
    </QueryView>
  );
}

function Known({ alert }: { alert: AlertDetail }) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const [isSilencing, setSilencing] = useState(false);
  useShortcut("s", t("silence.open"), t("title"), () => setSilencing(true));
  return (
    <Page
      title={visibleLine(pickText(alert.title, language)) || alert.rule}
      aside={<StateMark state={alert.state} severity={alert.severity} isFlapping={alert.is_flapping} />}
      actions={<Actions alert={alert} onSilence={() => setSilencing(true)} />}
    >
      <AlertFacts alert={alert} />
      {alert.signal && <Course alert={alert} />}
      <Panel title={t("history.title")} isFlush>
        <AlertHistory entries={alert.history} unit={alert.unit} />
      </Panel>
      <SilenceDialog alert={isSilencing ? alert : null} onClose={() => setSilencing(false)} />
    </Page>
  );
}

function Actions({ alert, onSilence }: { alert: AlertDetail; onSilence: () => void }) {
  const { t } = useTranslation("alerts");
  const search = useSearch({ strict: false });
  const kept = keptSearch(search);
  const { incident_id } = alert;
  return (
    <>
      {incident_id && (
        <Button
          variant="default"
          renderRoot={(props) => (
            <Link to="/incidents/$incidentId" params={{ incidentId: incident_id }} search={kept} {...props} />
          )}
        >
          {t("openIncident")}
        </Button>
      )}
      <Button
        variant="default"
        renderRoot={(props) => (
          <Link
            to="/traces"
            search={tracesSearch(search, alert.labels, stretchOf(alert, new Date()))}
            {...props}
          />
        )}
      >
        {t("openTraces")}
      </Button>
      {alert.signal && (
        <Button
          variant="default"
          renderRoot={(props) => (
            <Link
              to="/signals/$name"
              params={{ name: alert.signal }}
              search={courseSearch(search, alert)}
              {...props}
            />
          )}
        >
          {t("openSignal")}
        </Button>
      )}
      <Button leftSection={<IconBellOff size={14} aria-hidden />} onClick={onSilence}>
        {t("silence.open")}
      </Button>
    </>
  );
}

const MINUTE_MS = 60_000;

function Course({ alert }: { alert: AlertDetail }) {
  const { t } = useTranslation("alerts");
  const minute = Math.floor(useNow(MINUTE_MS).getTime() / MINUTE_MS);
  const { active_since, fired_at, resolved_at, window } = alert;
  // biome-ignore lint/correctness/useExhaustiveDependencies: an answer that says the same is no new time
  const time = useMemo(
    () => stretchOf(alert, new Date(minute * MINUTE_MS)),
    [active_since, fired_at, resolved_at, window?.start, minute],
  );
  const limits = useMemo(() => chartLimitsOf(alert.limit, alert.severity), [alert.limit, alert.severity]);
  const marks = useMemo(
    () =>
      alert.history.map(
        ({ at, kind }): ChartMark => ({ at: Date.parse(at), label: t(`history.kind.${kind}`) }),
      ),
    [alert.history, t],
  );
  return (
    <Panel title={t("course.title")} note={alert.signal}>
      <SignalCourse
        signal={alert.signal}
        labels={alert.labels}
        records={alert.records}
        time={time}
        marks={marks}
        {...(limits.length ? { limits } : {})}
      />
    </Panel>
  );
}

function UnknownAlert() {
  const { t } = useTranslation("alerts");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Page title={t("unknown.title")} isTitleHidden>
      <EmptyState
        title={t("unknown.title")}
        action={
          <Button variant="default" renderRoot={(props) => <Link to="/alerts" search={search} {...props} />}>
            {t("unknown.all")}
          </Button>
        }
      >
        {t("unknown.text")}
      </EmptyState>
    </Page>
  );
}
