import { Group, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { datasetsQuery } from "@/api/datasets";
import { evalRunsQuery } from "@/api/eval-runs";
import { type Trend, trendQuery } from "@/api/eval-trends";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { EvaluationsTabs } from "../evaluations-tabs";
import { NoRuns } from "../runs/no-runs";
import { readTrendsSearch, type TrendsSearch } from "../search";
import { useMetricNames } from "../use-metric-names";
import { TrendView } from "./trend-view";

type Change = (values: { [Key in keyof TrendsSearch]?: TrendsSearch[Key] | undefined }) => void;

/** How a dataset's runs went over time; without a dataset in the address, that of the newest run. */
export function TrendsPage() {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const { search, change } = usePageSearch(readTrendsSearch);
  const newest = useInfiniteQuery(evalRunsQuery(scope, { state: "finished", limit: 1 }));
  const dataset = search.dataset ?? newest.data?.pages[0]?.runs[0]?.dataset;
  return (
    <Page title={t("title")}>
      <EvaluationsTabs />
      {dataset === undefined ? (
        <Panel isFlush>
          <QueryView query={newest} height={320} skeletonRows={8}>
            {() => <NoRuns isFiltered={false} onClear={() => change({})} />}
          </QueryView>
        </Panel>
      ) : (
        <DatasetTrend key={dataset} dataset={dataset} search={search} onChange={change} />
      )}
    </Page>
  );
}

interface DatasetTrendProps {
  dataset: string;
  search: TrendsSearch;
  onChange: Change;
}

function DatasetTrend({ dataset, search, onChange }: DatasetTrendProps) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const query = useQuery(trendQuery(scope, { dataset, metric: search.metric }));
  return (
    <>
      <Filters dataset={dataset} trend={query.data} onChange={onChange} />
      <QueryView query={query} height={480} skeletonRows={8}>
        {(trend) =>
          trend.runs.length === 0 ? (
            <Panel>
              <EmptyState title={t("trends.none")}>{t("trends.noneText")}</EmptyState>
            </Panel>
          ) : (
            <TrendView trend={trend} search={search} onChange={onChange} />
          )
        }
      </QueryView>
    </>
  );
}

interface FiltersProps {
  dataset: string;
  trend: Trend | undefined;
  onChange: Change;
}

function Filters({ dataset, trend, onChange }: FiltersProps) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const { titleOf } = useMetricNames();
  const datasets = useInfiniteQuery(datasetsQuery(scope));
  const names = datasets.data?.pages.flatMap((page) => page.datasets.map(({ name }) => name)) ?? [];
  const metrics = Object.keys(trend?.metrics ?? {});
  const chosen = trend?.metric ?? null;
  const known = chosen && !metrics.includes(chosen) ? [chosen, ...metrics] : metrics;
  return (
    <Group gap="xs">
      <Select
        aria-label={t("filter.dataset")}
        searchable
        allowDeselect={false}
        w={240}
        data={names.includes(dataset) ? names : [dataset, ...names]}
        value={dataset}
        onChange={(name) =>
          name && onChange({ dataset: name, metric: undefined, a: undefined, b: undefined })
        }
      />
      <Select
        aria-label={t("column.metric")}
        allowDeselect={false}
        disabled={known.length === 0}
        w={240}
        data={known.map((name) => ({ value: name, label: titleOf(name) }))}
        value={chosen}
        onChange={(metric) => metric && onChange({ metric })}
      />
    </Group>
  );
}
