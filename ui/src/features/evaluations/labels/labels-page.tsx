import { Group, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type EvalRun, evalRunQuery, evalRunsQuery } from "@/api/eval-runs";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatListTime } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { EvaluationsTabs } from "../evaluations-tabs";
import { type LabelsSearch, readLabelsSearch } from "../search";
import { useMetricNames } from "../use-metric-names";
import { AgreementPanel } from "./agreement-panel";
import { LabelQueue } from "./label-queue";

type Change = (values: { [Key in keyof LabelsSearch]?: LabelsSearch[Key] | undefined }) => void;

/** People judge what a judge judged, without seeing what it said; then how far the two agree. */
export function LabelsPage() {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const { search, change } = usePageSearch(readLabelsSearch);
  const run = useQuery({ ...evalRunQuery(scope, search.run ?? ""), enabled: search.run !== undefined });
  return (
    <Page title={t("title")}>
      <EvaluationsTabs />
      <Group gap="xs">
        <RunPicker search={search} onChange={change} />
        {run.data && <MetricPicker run={run.data} search={search} onChange={change} />}
      </Group>
      {search.run === undefined ? (
        <Panel>
          <EmptyState title={t("labels.choose")}>{t("labels.chooseText")}</EmptyState>
        </Panel>
      ) : (
        <QueryView query={run} height={420} skeletonRows={8}>
          {(data) => <Labelling run={data} metric={search.metric} />}
        </QueryView>
      )}
    </Page>
  );
}

function Labelling({ run, metric }: { run: EvalRun; metric: string | undefined }) {
  const { t } = useTranslation("evals");
  const chosen = run.plan.metrics.find(({ name }) => name === metric)?.name;
  if (!chosen)
    return (
      <Panel>
        <EmptyState title={t("labels.chooseMetric")}>{t("labels.chooseMetricText")}</EmptyState>
      </Panel>
    );
  return (
    <>
      <LabelQueue key={`${run.id} ${chosen}`} run={run} metric={chosen} />
      <AgreementPanel run={run} metric={chosen} />
    </>
  );
}

function RunPicker({ search, onChange }: { search: LabelsSearch; onChange: Change }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { scope } = usePageState();
  const query = useInfiniteQuery(evalRunsQuery(scope, {}));
  const runs = query.data?.pages.flatMap((page) => page.runs) ?? [];
  const nameOf = ({ name, id, created_at }: EvalRun) =>
    `${cutText(visibleLine(name || id), 48)} · ${formatListTime(created_at, language, new Date())}`;
  return (
    <Select
      aria-label={t("column.run")}
      placeholder={t("labels.run")}
      searchable
      w={320}
      data={runs.map((run) => ({ value: run.id, label: nameOf(run) }))}
      value={search.run ?? null}
      onChange={(run) => onChange({ run: run ?? undefined, metric: undefined })}
    />
  );
}

interface MetricPickerProps {
  run: EvalRun;
  search: LabelsSearch;
  onChange: Change;
}

function MetricPicker({ run, search, onChange }: MetricPickerProps) {
  const { t } = useTranslation("evals");
  const { titleOf } = useMetricNames();
  return (
    <Select
      aria-label={t("column.metric")}
      placeholder={t("column.metric")}
      w={240}
      data={run.plan.metrics.map(({ name }) => ({ value: name, label: titleOf(name) }))}
      value={search.metric ?? null}
      onChange={(metric) => onChange({ metric: metric ?? undefined })}
    />
  );
}
