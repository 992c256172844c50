import {
  Autocomplete,
  Button,
  Group,
  Modal,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  TextInput,
} from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { datasetsQuery } from "@/api/datasets";
import { evalMetricsQuery } from "@/api/eval-metrics";
import { useStartRun } from "@/api/eval-runs";
import { modelProfilesQuery } from "@/api/model-profiles";
import { ErrorState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch, usePageState } from "@/lib/page-state";
import { EMPTY_DRAFT, isWhole, PRESETS, type RunDraft, requestOf } from "./run-draft";

interface NewRunDialogProps {
  dataset: string | undefined;
  onClose: () => void;
}

type Set = (values: Partial<RunDraft>) => void;

/** Starts a run on the server and opens it. */
export function NewRunDialog({ dataset, onClose }: NewRunDialogProps) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const navigate = useNavigate();
  const search = keptSearch(useSearch({ strict: false }));
  const starting = useStartRun(scope);
  const [draft, setDraft] = useState<RunDraft>({ ...EMPTY_DRAFT, dataset: dataset ?? "" });
  const set: Set = (values) => setDraft((known) => ({ ...known, ...values }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isWhole(draft)) return;
    starting.mutate(requestOf(draft), {
      onSuccess: ({ id }) => void navigate({ to: "/evaluations/runs/$runId", params: { runId: id }, search }),
    });
  };
  return (
    <Modal opened onClose={onClose} title={t("newRun.title")} closeButtonProps={{ "aria-label": t("close") }}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <WhatFields draft={draft} onChange={set} />
          <BudgetFields draft={draft} onChange={set} />
          {starting.isError && <ErrorState error={starting.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("cancelWord")}
            </Button>
            <Button type="submit" disabled={!isWhole(draft)} loading={starting.isPending}>
              {t("newRun.start")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface FieldsProps {
  draft: RunDraft;
  onChange: Set;
}

function WhatFields({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { scope } = usePageState();
  const datasets = useInfiniteQuery(datasetsQuery(scope));
  const names = datasets.data?.pages.flatMap((page) => page.datasets.map(({ name }) => name)) ?? [];
  const { data } = useQuery(evalMetricsQuery(scope));
  const profiles = useQuery(modelProfilesQuery(scope));
  return (
    <>
      <Select
        label={t("newRun.dataset")}
        placeholder={t("newRun.chooseDataset")}
        searchable
        data-autofocus
        data={names}
        error={datasets.isSuccess && names.length === 0 && t("newRun.noDatasets")}
        value={draft.dataset || null}
        onChange={(dataset) => onChange({ dataset: dataset ?? "" })}
      />
      <Select
        label={t("newRun.preset")}
        description={t("newRun.presetHint")}
        clearable
        data={PRESETS.map((value) => ({ value, label: t(`newRun.presets.${value}`) }))}
        disabled={draft.metrics.length > 0}
        value={draft.preset}
        onChange={(value) => onChange({ preset: PRESETS.find((known) => known === value) ?? null })}
      />
      <MultiSelect
        size="xs"
        label={t("newRun.metrics")}
        description={t("newRun.metricsHint")}
        searchable
        clearable
        hidePickedOptions
        data={(data?.metrics ?? []).map(({ name, title }) => ({
          value: name,
          label: `${pickText(title, language)} (${name})`,
        }))}
        value={draft.metrics}
        onChange={(metrics) => onChange({ metrics })}
      />
      <Autocomplete
        label={t("newRun.profile")}
        description={t("newRun.profileHint")}
        data={(profiles.data?.profiles ?? []).map(({ profile }) => profile)}
        error={profiles.data?.profiles.find(({ profile }) => profile === draft.profile)?.problem}
        value={draft.profile}
        onChange={(profile) => onChange({ profile })}
      />
      <TextInput
        label={t("newRun.name")}
        description={t("newRun.nameHint")}
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
    </>
  );
}

function BudgetFields({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation("evals");
  const number = (name: "limit" | "maxCalls" | "maxCost" | "maxMinutes", decimals: boolean) => (
    <NumberInput
      size="xs"
      flex="1 1 100px"
      label={t(`newRun.${name}`)}
      placeholder={t("newRun.unlimited")}
      min={0}
      allowNegative={false}
      allowDecimal={decimals}
      value={draft[name] ?? ""}
      onChange={(value) => onChange({ [name]: typeof value === "number" ? value : null })}
    />
  );
  return (
    <Group gap="xs" align="flex-end">
      {number("limit", false)}
      {number("maxCalls", false)}
      {number("maxCost", true)}
      {number("maxMinutes", true)}
    </Group>
  );
}
