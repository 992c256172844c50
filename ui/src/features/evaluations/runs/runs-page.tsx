import { Button, Group, Select } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { datasetsQuery } from "@/api/datasets";
import { evalRunsQuery, RUN_STATES } from "@/api/eval-runs";
import { MoreButton } from "@/components/ui/more-button";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { EvaluationsTabs } from "../evaluations-tabs";
import { type RunsSearch, readRunsSearch } from "../search";
import { NewRunDialog } from "./new-run/new-run-dialog";
import { NoRuns } from "./no-runs";
import { Runs } from "./runs";

/** Runs of evaluations, newest first. */
export function RunsPage() {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const { search, change } = usePageSearch(readRunsSearch);
  const [isNew, setNew] = useState(false);
  const query = useInfiniteQuery(evalRunsQuery(scope, search));
  return (
    <Page
      title={t("title")}
      actions={
        <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setNew(true)}>
          {t("newRun.open")}
        </Button>
      }
    >
      <EvaluationsTabs />
      <Filters search={search} onChange={change} />
      <Panel isFlush>
        <QueryView query={query} height={320} skeletonRows={8}>
          {(data) => {
            const runs = data.pages.flatMap((page) => page.runs);
            if (runs.length === 0)
              return (
                <NoRuns
                  isFiltered={Object.keys(search).length > 0}
                  onClear={() => change({ dataset: undefined, state: undefined })}
                />
              );
            return <Runs runs={runs} />;
          }}
        </QueryView>
        <MoreButton query={query} />
      </Panel>
      {isNew && <NewRunDialog dataset={search.dataset} onClose={() => setNew(false)} />}
    </Page>
  );
}

type Change = { [Key in keyof RunsSearch]?: RunsSearch[Key] | undefined };

function Filters({ search, onChange }: { search: RunsSearch; onChange: (values: Change) => void }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const datasets = useInfiniteQuery(datasetsQuery(scope));
  const names = datasets.data?.pages.flatMap((page) => page.datasets.map(({ name }) => name)) ?? [];
  const known = search.dataset && !names.includes(search.dataset) ? [search.dataset, ...names] : names;
  return (
    <Group gap="xs">
      <Select
        aria-label={t("filter.dataset")}
        placeholder={t("filter.anyDataset")}
        clearable
        searchable
        w={220}
        data={known}
        value={search.dataset ?? null}
        onChange={(dataset) => onChange({ dataset: dataset ?? undefined })}
      />
      <Select
        aria-label={t("filter.state")}
        placeholder={t("filter.anyState")}
        clearable
        w={150}
        data={RUN_STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
        value={search.state ?? null}
        onChange={(value) => onChange({ state: RUN_STATES.find((known) => known === value) })}
      />
    </Group>
  );
}
