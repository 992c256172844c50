import { Button, Group } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { INCIDENT_STATES, type IncidentCounts, type IncidentRow, incidentsQuery } from "@/api/incidents";
import { FilterChips } from "@/components/ui/filter-chips";
import { MoreButton } from "@/components/ui/more-button";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { keptSearch, usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { useRowKeys } from "@/lib/use-row-keys";
import { IncidentsTable } from "./incidents-table";
import {
  type IncidentsSearch,
  readIncidentsSearch,
  STATE_FILTERS,
  type StateFilter,
  statesOf,
} from "./search";

/** Incidents, the open ones first. */
export function IncidentsPage() {
  const { t } = useTranslation("incidents");
  const { scope } = usePageState();
  const { search, change } = usePageSearch(readIncidentsSearch);
  const filter = search.state ?? "unresolved";
  const query = useInfiniteQuery(incidentsQuery(scope, { states: statesOf(filter) }));
  const counts = query.data?.pages[0]?.counts;
  return (
    <Page title={t("title")}>
      <FilterChips
        label={t("filter.state")}
        chips={STATE_FILTERS.map((value) => ({
          value,
          label: t(`filter.states.${value}`),
          count: counts && countOf(value, counts),
        }))}
        chosen={filter}
        onChoose={(state) => change({ state: state === "unresolved" ? undefined : state })}
      />
      <Panel isFlush>
        <QueryView query={query} height={320} skeletonRows={8}>
          {(data) => {
            const incidents = data.pages.flatMap((page) => page.incidents);
            if (incidents.length === 0)
              return <NoIncidents search={search} onAll={() => change({ state: "all" })} />;
            return <Rows incidents={openFirst(incidents)} />;
          }}
        </QueryView>
        <MoreButton query={query} />
      </Panel>
    </Page>
  );
}

function countOf(filter: StateFilter, counts: IncidentCounts): number {
  const states = statesOf(filter);
  return (states.length ? states : INCIDENT_STATES).reduce((sum, state) => sum + counts[state], 0);
}

/** Those that wait for somebody first, then those that somebody has; each in the order of the server. */
function openFirst(incidents: readonly IncidentRow[]): IncidentRow[] {
  const place = ({ state }: IncidentRow) => INCIDENT_STATES.indexOf(state);
  return incidents.toSorted((one, other) => place(one) - place(other));
}

function Rows({ incidents }: { incidents: readonly IncidentRow[] }) {
  const { t } = useTranslation("incidents");
  const navigate = useNavigate();
  const search = keptSearch(useSearch({ strict: false }));
  const open = (index: number) => {
    const incident = incidents[index];
    if (incident)
      void navigate({ to: "/incidents/$incidentId", params: { incidentId: incident.id }, search });
  };
  const active = useRowKeys(incidents.length, open, {
    next: t("keys.next"),
    previous: t("keys.previous"),
    open: t("keys.open"),
    group: t("title"),
  });
  return <IncidentsTable incidents={incidents} active={active} />;
}

interface NoIncidentsProps {
  search: IncidentsSearch;
  onAll: () => void;
}

function NoIncidents({ search, onAll }: NoIncidentsProps) {
  const { t } = useTranslation("incidents");
  const kept = keptSearch(useSearch({ strict: false }));
  const isFiltered = search.state !== undefined && search.state !== "all";
  if (isFiltered)
    return (
      <EmptyState
        title={t("empty.noMatch")}
        action={
          <Button variant="default" onClick={onAll}>
            {t("empty.all")}
          </Button>
        }
      />
    );
  return (
    <EmptyState
      title={search.state === "all" ? t("empty.never") : t("empty.quiet")}
      action={
        <Group gap="xs">
          {search.state !== "all" && (
            <Button variant="default" onClick={onAll}>
              {t("empty.all")}
            </Button>
          )}
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/alerts/rules" search={kept} {...props} />}
          >
            {t("empty.rules")}
          </Button>
        </Group>
      }
    >
      {t("empty.text")}
    </EmptyState>
  );
}
