import { Button, Group, Select, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CASE_FILTERS, type EvalRun, isUnderWay } from "@/api/eval-runs";
import { FilterChips } from "@/components/ui/filter-chips";
import { LongTable } from "@/components/ui/long-table";
import { Panel } from "@/components/ui/panel";
import { EmptyState, ErrorState, LoadingState, StaleNote } from "@/components/ui/states";
import { useShortcut } from "@/lib/shortcuts";
import type { RunSearch } from "../search";
import { useMetricNames } from "../use-metric-names";
import { useCaseColumns } from "./case-columns";
import classes from "./cases-panel.module.css";
import type { CaseOrder } from "./use-case-order";

type Change = { [Key in keyof RunSearch]?: RunSearch[Key] | undefined };

interface CasesPanelProps {
  run: EvalRun;
  cases: CaseOrder;
  search: RunSearch;
  onChange: (values: Change) => void;
  onOpen: (position: number) => void;
}

/** The cases of a run with their scores; one opens with everything that explains them. */
export function CasesPanel({ run, cases, search, onChange, onOpen }: CasesPanelProps) {
  const { t } = useTranslation("evals");
  const { query } = cases;
  const columns = useCaseColumns(run, search.by, onOpen);
  const first = query.data?.pages[0]?.rows[0];
  const isWorst = search.order === "worst" && search.by !== undefined;
  useShortcut("j", t("keys.firstCase"), t("cases.title"), () => {
    if (search.case === undefined && first) onOpen(first.position);
  });
  return (
    <Panel title={t("cases.title")} isFlush>
      <CaseFilters run={run} search={search} onChange={onChange} />
      {query.data === undefined && !query.isError && <LoadingState height={320} rows={8} />}
      {query.data === undefined && query.isError && (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data !== undefined && query.isError && (
        <StaleNote since={query.dataUpdatedAt} onRetry={() => void query.refetch()} />
      )}
      {query.data !== undefined && !first && <NoCases run={run} search={search} onChange={onChange} />}
      {first && (
        <LongTable
          label={t("cases.title")}
          columns={columns}
          query={query}
          keyOf={({ position }) => String(position)}
          sort={isWorst ? search.by : "position"}
          direction="ascending"
          onSort={(by) => onChange(by === "position" ? { order: undefined } : { by, order: "worst" })}
          onOpen={({ position }) => onOpen(position)}
          isActive={({ position }) => position === search.case}
        />
      )}
    </Panel>
  );
}

type FilterProps = Pick<CasesPanelProps, "run" | "search" | "onChange">;

function CaseFilters({ run, search, onChange }: FilterProps) {
  const { t } = useTranslation("evals");
  const { titleOf } = useMetricNames();
  return (
    <Group className={classes.filters} gap="xs">
      <FilterChips
        label={t("cases.show")}
        chips={CASE_FILTERS.map((value) => ({ value, label: t(`cases.filter.${value}`) }))}
        chosen={search.show ?? "all"}
        onChoose={(show) => onChange({ show: show === "all" ? undefined : show })}
      />
      <Select
        aria-label={t("cases.metric")}
        placeholder={t("cases.anyMetric")}
        clearable
        w={220}
        data={run.plan.metrics.map(({ name }) => ({ value: name, label: titleOf(name) }))}
        value={search.by ?? null}
        onChange={(metric) => onChange({ by: metric ?? undefined, order: metric ? search.order : undefined })}
      />
      <Switch
        size="xs"
        label={t("cases.worstFirst")}
        disabled={!search.by}
        checked={search.order === "worst" && search.by !== undefined}
        onChange={(event) => onChange({ order: event.currentTarget.checked ? "worst" : undefined })}
      />
    </Group>
  );
}

function NoCases({ run, search, onChange }: FilterProps) {
  const { t } = useTranslation("evals");
  const isFiltered = search.show !== undefined;
  if (!isFiltered)
    return (
      <EmptyState title={isUnderWay(run) ? t("cases.noneYet") : t("cases.none")}>
        {isUnderWay(run) ? t("cases.noneYetText") : t("cases.noneText")}
      </EmptyState>
    );
  return (
    <EmptyState
      title={t("cases.noMatch")}
      action={
        <Button variant="default" onClick={() => onChange({ show: undefined, by: undefined })}>
          {t("cases.showAll")}
        </Button>
      }
    />
  );
}
