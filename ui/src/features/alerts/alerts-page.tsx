import { Button, Group, Select } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Alert, type AlertState, alertsQuery, CURRENT_STATES } from "@/api/alerts";
import { AlertsTable } from "@/components/alerts/alerts-table";
import { SilenceDialog } from "@/components/alerts/silence-dialog";
import { FilterChips } from "@/components/ui/filter-chips";
import { MoreButton } from "@/components/ui/more-button";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { keptSearch, usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { usePageSearch } from "@/lib/use-page-search";
import { useRowKeys } from "@/lib/use-row-keys";
import { AlertsTabs } from "./alerts-tabs";
import { type AlertsSearch, readAlertsSearch, SEVERITIES, STATE_FILTERS } from "./search";

/** Alerts by state, with their values and the ways on. */
export function AlertsPage() {
  const { t } = useTranslation("alerts");
  const { scope } = usePageState();
  const { search, change } = usePageSearch(readAlertsSearch);
  const query = useInfiniteQuery(
    alertsQuery(scope, { states: statesOf(search), severity: search.severity, rule: search.rule }),
  );
  const counts = query.data?.pages[0]?.counts;
  const current = counts && CURRENT_STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  const countOf = (state: (typeof STATE_FILTERS)[number]) =>
    state === "current" ? current : state === "resolved" ? undefined : counts && (counts[state] ?? 0);
  return (
    <Page title={t("title")}>
      <AlertsTabs />
      <Group gap="xs">
        <FilterChips
          label={t("filter.state")}
          chips={STATE_FILTERS.map((value) => ({
            value,
            label: value === "current" ? t("filter.current") : t(`state.${value}`),
            count: countOf(value),
          }))}
          chosen={search.state ?? "current"}
          onChoose={(state) => change({ state: state === "current" ? undefined : state })}
        />
        <Select
          aria-label={t("filter.severity")}
          placeholder={t("filter.anySeverity")}
          clearable
          w={150}
          data={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
          value={search.severity ?? null}
          onChange={(value) => change({ severity: SEVERITIES.find((known) => known === value) })}
        />
        {search.rule && (
          <Button variant="default" onClick={() => change({ rule: undefined })}>
            {t("filter.ofRule", { rule: search.rule })}
          </Button>
        )}
      </Group>
      <Panel isFlush>
        <QueryView query={query} height={320} skeletonRows={8}>
          {(data) => {
            const alerts = data.pages.flatMap((page) => page.alerts);
            if (alerts.length === 0) return <NoAlerts search={search} onClear={() => change(NOTHING)} />;
            return <Rows alerts={alerts} />;
          }}
        </QueryView>
        <MoreButton query={query} />
      </Panel>
    </Page>
  );
}

const NOTHING = { state: undefined, severity: undefined, rule: undefined };

function statesOf({ state }: AlertsSearch): readonly AlertState[] {
  return state ? [state] : CURRENT_STATES;
}

function Rows({ alerts }: { alerts: readonly Alert[] }) {
  const { t } = useTranslation("alerts");
  const navigate = useNavigate();
  const search = keptSearch(useSearch({ strict: false }));
  const [silenced, setSilenced] = useState<Alert | null>(null);
  const open = (index: number) => {
    const alert = alerts[index];
    if (alert) void navigate({ to: "/alerts/$alertId", params: { alertId: alert.id }, search });
  };
  const active = useRowKeys(alerts.length, open, {
    next: t("keys.next"),
    previous: t("keys.previous"),
    open: t("keys.open"),
    group: t("title"),
  });
  useShortcut("s", t("silence.open"), t("title"), () => setSilenced(alerts[active ?? 0] ?? null));
  return (
    <>
      <AlertsTable label={t("title")} alerts={alerts} hasIncidents active={active} onSilence={setSilenced} />
      <SilenceDialog alert={silenced} onClose={() => setSilenced(null)} />
    </>
  );
}

interface NoAlertsProps {
  search: AlertsSearch;
  onClear: () => void;
}

/** Why the list is empty; that nothing is wrong is good news only if rules look. */
function NoAlerts({ search, onClear }: NoAlertsProps) {
  const { t } = useTranslation("alerts");
  const kept = keptSearch(useSearch({ strict: false }));
  if (Object.keys(search).length > 0)
    return (
      <EmptyState
        title={t("empty.noMatch")}
        action={
          <Button variant="default" onClick={onClear}>
            {t("empty.clear")}
          </Button>
        }
      />
    );
  return (
    <EmptyState
      title={t("empty.quiet")}
      action={
        <Button
          variant="default"
          renderRoot={(props) => <Link to="/alerts/rules" search={kept} {...props} />}
        >
          {t("empty.rules")}
        </Button>
      }
    >
      {t("empty.quietText")}
    </EmptyState>
  );
}
