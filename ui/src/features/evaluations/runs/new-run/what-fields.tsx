import { Autocomplete, MultiSelect, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { datasetsQuery } from "@/api/datasets";
import { evalMetricsQuery } from "@/api/eval-metrics";
import { modelProfilesQuery } from "@/api/model-profiles";
import { pickText, useLanguage } from "@/i18n";
import { usePageState } from "@/lib/page-state";
import type { FieldsProps } from "./fields";
import { MODES, PRESETS } from "./run-draft";

/** What nobody can do without: the dataset, what is measured, and whose models judge. */
export function WhatFields(props: FieldsProps) {
  return (
    <>
      <DatasetField {...props} />
      <MetricFields {...props} />
      <ProfileField {...props} />
    </>
  );
}

function DatasetField({ draft, onChange, errors }: FieldsProps) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const datasets = useInfiniteQuery(datasetsQuery(scope));
  const names = datasets.data?.pages.flatMap((page) => page.datasets.map(({ name }) => name)) ?? [];
  const hasNone = datasets.isSuccess && names.length === 0;
  return (
    <Select
      label={t("newRun.dataset")}
      placeholder={t("newRun.chooseDataset")}
      searchable
      data-autofocus
      openOnFocus={false}
      data={names}
      error={hasNone ? t("newRun.noDatasets") : errors.at("dataset")}
      value={draft.dataset || null}
      onChange={(dataset) => onChange({ dataset: dataset ?? "", version: null })}
    />
  );
}

function MetricFields({ draft, onChange, errors }: FieldsProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { scope } = usePageState();
  const { data } = useQuery(evalMetricsQuery(scope));
  const hasMode = MODES.some((mode) => mode === draft.set);
  const set = [...PRESETS, ...MODES];
  const entry = (value: (typeof set)[number]) => ({ value, label: t(`newRun.sets.${value}`) });
  return (
    <>
      <Select
        label={t("newRun.set")}
        description={t("newRun.setHint")}
        clearable
        data={[
          { group: t("newRun.presetGroup"), items: PRESETS.map(entry) },
          { group: t("newRun.modeGroup"), items: MODES.map(entry) },
        ]}
        disabled={draft.metrics.length > 0}
        error={errors.at("mode") ?? errors.at("preset")}
        value={draft.set}
        onChange={(value) => onChange({ set: set.find((known) => known === value) ?? null })}
      />
      <MultiSelect
        size="xs"
        label={t("newRun.metrics")}
        description={hasMode ? t("newRun.modeHasMetrics") : t("newRun.metricsHint")}
        searchable
        clearable
        hidePickedOptions
        disabled={hasMode}
        data={(data?.metrics ?? []).map(({ name, title }) => ({
          value: name,
          label: `${pickText(title, language)} (${name})`,
        }))}
        error={errors.at("metrics")}
        value={draft.metrics}
        onChange={(metrics) => onChange({ metrics })}
      />
    </>
  );
}

function ProfileField({ draft, onChange, errors }: FieldsProps) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const profiles = useQuery(modelProfilesQuery(scope));
  const problem = profiles.data?.profiles.find(({ profile }) => profile === draft.profile)?.problem;
  return (
    <Autocomplete
      label={t("newRun.profile")}
      description={t("newRun.profileHint")}
      size="xs"
      data={(profiles.data?.profiles ?? []).map(({ profile }) => profile)}
      error={problem ?? errors.at("profile")}
      value={draft.profile}
      onChange={(profile) => onChange({ profile })}
    />
  );
}
